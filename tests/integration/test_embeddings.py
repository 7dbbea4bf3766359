"""Meaning beside spelling: vectors are computed in the background, kept, and never waited for."""

from pathlib import Path

import pytest
from homeassistant.helpers.storage import STORAGE_DIR

from custom_components.local_assist.agent import vector_store
from custom_components.local_assist.agent.vector_store import VectorStore
from custom_components.local_assist.retrieval.vectors import VectorIndex, unit
from tests.fakes.ollama import FakeOllama, Fault, Model
from tests.integration.agent_house import House, agent, speech

EMBED = Model(name="embed:1b", capabilities=("embedding",))
AGENT = agent(embedding_model=EMBED.name)


def embedded(ollama: FakeOllama) -> list[str]:
    """Return the texts that were embedded."""
    bodies = [request.body for request in ollama.requests if request.path == "/api/embed"]
    return [text for body in bodies for text in body["input"]]


async def say(kitchen: House, text: str) -> str:
    """Say something, and let what goes on in the background end."""
    spoken = speech(await kitchen.say(text))
    await kitchen.hass.async_block_till_done(wait_background_tasks=True)
    return spoken


async def test_things_and_sentences_are_embedded_once(kitchen: House, ollama: FakeOllama):
    """Also across a restart; what was said is not written down."""
    ollama.models.append(EMBED)
    entry = await kitchen.add(ollama.url, AGENT)
    for _ in range(2):
        await say(kitchen, "Illuminate the stove")
    texts = embedded(ollama)
    assert sorted(texts) == [
        "Counter lamp, light, Kitchen",
        "Illuminate the stove",
        "Kitchen lamp, light, Kitchen",
    ]
    await kitchen.hass.config_entries.async_reload(entry.entry_id)
    await say(kitchen, "Illuminate the stove")
    assert embedded(ollama) == texts
    path = Path(kitchen.hass.config.path(STORAGE_DIR, "local_assist.vectors.db"))
    assert b"stove" not in await kitchen.hass.async_add_executor_job(path.read_bytes)


async def test_what_is_near_comes_along(kitchen: House, ollama: FakeOllama):
    """A sentence without any of its words finds the lamp."""
    ollama.models.append(EMBED)
    ollama.near = {"Abracadabra": "Counter lamp, light, Kitchen"}
    await kitchen.add(ollama.url, AGENT)
    for _ in range(2):
        await say(kitchen, "Abracadabra")
    before, after = (body["messages"][-1]["content"] for body in ollama.chats)
    assert "Counter lamp" not in before
    assert "Counter lamp (light, Kitchen): off" in after


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.GARBAGE, Fault.STALLED])
async def test_without_vectors_words_do(kitchen: House, ollama: FakeOllama, fault: Fault):
    """Nobody waits for a server that does not embed, or hears of it."""
    await kitchen.add(ollama.url, AGENT)
    await kitchen.hass.async_block_till_done(wait_background_tasks=True)
    if fault is not Fault.NOT_FOUND:
        ollama.models.append(EMBED)
        ollama.embed_fault = fault
    assert speech(await kitchen.say("Is the kitchen lamp on?")) == "All right."
    assert "Kitchen lamp (light, Kitchen): off" in ollama.chats[-1]["messages"][-1]["content"]


def test_a_damaged_file_is_begun_anew(tmp_path: Path):
    """Everything in it can be computed again."""
    path = tmp_path / "vectors.db"
    store = VectorStore(path)
    store.put("m", {"lamp": unit([3.0, 4.0])})
    assert store.get("m", ["lamp", "fan"])["lamp"].tolist() == pytest.approx([0.6, 0.8])
    assert store.get("other", ["lamp"]) == {}
    path.write_bytes(b"not a database" * 100)
    assert store.get("m", ["lamp"]) == {}
    store.put("m", {"lamp": unit([3.0, 4.0])})
    assert store.get("m", ["lamp"])


def test_the_oldest_unused_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file does not grow for ever."""
    clock: list[float] = [0.0]
    monkeypatch.setattr(vector_store, "MAX_VECTORS", 2)
    monkeypatch.setattr(vector_store.time, "time", lambda: clock[0])
    store = VectorStore(tmp_path / "vectors.db")
    for moment, text in enumerate(("a", "b", "c")):
        clock[0] = 2 * moment
        store.put("m", {text: unit([1.0])})
        clock[0] += 1
        store.get("m", ["a"])
    assert set(store.get("m", ["a", "b", "c"])) == {"a", "c"}


def test_each_thing_has_its_cosine():
    """And a vector of another model, with another dimension, is near to nothing."""
    index = VectorIndex({"light.a": unit([2.0, 0.0]), "light.b": unit([1.0, 1.0])})
    assert index.near(unit([1.0, 0.0])) == pytest.approx({"light.a": 1.0, "light.b": 0.5**0.5})
    assert index.near(unit([1.0])) == {}
    assert VectorIndex({}).near(unit([1.0])) == {}
