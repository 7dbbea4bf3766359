"""The model is loaded and the head of the prompt read before it is needed."""

import asyncio
import json
from datetime import timedelta

import pytest
from homeassistant.components.conversation import async_prepare_agent
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.local_assist.agent import warmup
from custom_components.local_assist.conversation import SETTLE
from tests.fakes.ollama import FakeOllama, Fault, Model, say
from tests.integration.agent_house import House, agent, speech, task


async def prepare(kitchen: House) -> None:
    """Have the agent prepared as a pipeline does when somebody begins to speak."""
    await async_prepare_agent(kitchen.hass, "conversation.ada", "en")
    await settle(kitchen)


async def settle(kitchen: House) -> None:
    """Wait until nothing goes on in the background."""
    await kitchen.hass.async_block_till_done(wait_background_tasks=True)


def flat(body: dict[str, object]) -> str:
    """Return a request as a server reads it: tools and system text, then the messages."""
    messages = body["messages"]
    assert isinstance(messages, list)
    return json.dumps(body["tools"]) + "".join(
        f"[{message['role']}]{message['content']}" for message in messages
    )


async def test_it_is_read_from_the_start(kitchen: House, ollama: FakeOllama):
    """One token is asked for; the options are those of the turns to come."""
    await kitchen.add(ollama.url)
    await settle(kitchen)
    (warmup,) = ollama.warmups
    await kitchen.say("Hello")
    (turn,) = ollama.chats
    assert warmup["options"] == turn["options"] | {"num_predict": 1}
    assert {key: warmup[key] for key in ("model", "keep_alive", "think", "shift", "tools")} == {
        key: turn[key] for key in ("model", "keep_alive", "think", "shift", "tools")
    }


@pytest.mark.parametrize("satellite", [True, False])
@pytest.mark.parametrize("text", ["Hello", "Is the kitchen lamp on?"])
async def test_what_is_read_ahead_begins_every_request(
    kitchen: House, ollama: FakeOllama, text: str, satellite: bool
):
    """Byte for byte, in every room, for every sentence and state."""
    await kitchen.add(ollama.url)
    await settle(kitchen)
    await kitchen.hass.services.async_call(
        "light", "turn_on", {"entity_id": "light.counter_lamp"}, blocking=True
    )
    await kitchen.say(text, device_id=kitchen.satellite_id if satellite else None)
    assert flat(ollama.chats[-1]).startswith(flat(ollama.warmups[0]))
    assert ollama.warmups[0]["messages"][-1]["content"] == "<context>\n"


async def test_it_is_not_read_twice(kitchen: House, ollama: FakeOllama):
    """Neither while it is being read nor while the server still holds it."""
    await kitchen.add(ollama.url)
    for _ in range(3):
        await async_prepare_agent(kitchen.hass, "conversation.ada", "en")
    await settle(kitchen)
    await kitchen.say("Hello")
    await prepare(kitchen)
    assert len(ollama.warmups) == 1


async def test_what_is_being_read_is_not_begun_anew(kitchen: House, ollama: FakeOllama):
    """Several satellites may listen at once."""
    ollama.reading_seconds = 0.3
    await kitchen.add(ollama.url)
    for _ in range(3):
        await asyncio.sleep(0.05)
        await async_prepare_agent(kitchen.hass, "conversation.ada", "en")
    await settle(kitchen)
    assert len(ollama.warmups) == 1


async def test_it_is_read_again_when_it_is_lost(kitchen: House, ollama: FakeOllama):
    """The server unloaded the model, or another request took its place."""
    await kitchen.add(ollama.url, agent(), task())
    await settle(kitchen)
    ollama.loaded.clear()
    await prepare(kitchen)
    assert len(ollama.warmups) == 2
    ollama.replies = [say("It is a poem.")]
    await kitchen.hass.services.async_call(
        "ai_task",
        "generate_data",
        {"task_name": "poem", "instructions": "Write one.", "entity_id": "ai_task.clerk"},
        blocking=True,
        return_response=True,
    )
    await prepare(kitchen)
    assert len(ollama.warmups) == 3


async def test_agents_and_tasks_of_a_model_share_its_window(kitchen: House, ollama: FakeOllama):
    """Another window would have the server load the model anew."""
    await kitchen.add(ollama.url, agent(num_ctx=16384), task(num_ctx=4096))
    await settle(kitchen)
    await kitchen.say("Hello")
    await kitchen.hass.services.async_call(
        "ai_task",
        "generate_data",
        {"task_name": "poem", "instructions": "Write one.", "entity_id": "ai_task.clerk"},
        blocking=True,
        return_response=True,
    )
    windows = {
        request.body["options"]["num_ctx"]
        for request in ollama.requests
        if request.path == "/api/chat"
    }
    assert windows == {16384}


@pytest.mark.parametrize(("words", "window"), [(10, 4096), (6000, 16384)])
async def test_a_window_is_as_large_as_the_head_needs(
    kitchen: House, ollama: FakeOllama, words: int, window: int
):
    """With room for a conversation and a reply."""
    await kitchen.add(ollama.url, agent(prompt="word " * words))
    await settle(kitchen)
    assert ollama.loaded == {"llama3.2:3b": window}


async def test_a_person_goes_first(kitchen: House, ollama: FakeOllama):
    """The request that was only to read ahead hangs up when somebody has spoken."""
    await kitchen.add(ollama.url)
    await settle(kitchen)
    ollama.loaded.clear()
    ollama.warmup_fault = Fault.STALLED
    await async_prepare_agent(kitchen.hass, "conversation.ada", "en")
    await asyncio.wait_for(ollama.stalled.wait(), 5)
    ollama.warmup_fault = None
    assert speech(await kitchen.say("Hello")) == "All right."
    await asyncio.wait_for(ollama.hung_up.wait(), 5)


async def test_a_change_of_the_house_is_read_when_it_is_over(kitchen: House, ollama: FakeOllama):
    """Once for several changes, and not for a model that is not in memory."""
    await kitchen.add(ollama.url)
    await settle(kitchen)
    entities = er.async_get(kitchen.hass)
    for name in ("Ceiling", "Chandelier"):
        entities.async_update_entity("light.kitchen_lamp", name=name)
        await settle(kitchen)
    assert len(ollama.warmups) == 1
    await later(kitchen)
    assert len(ollama.warmups) == 2
    assert "Chandelier" in ollama.warmups[-1]["messages"][0]["content"]
    ollama.loaded.clear()
    entities.async_update_entity("light.kitchen_lamp", name="Candle")
    await later(kitchen)
    assert len(ollama.warmups) == 2
    assert not ollama.loaded


async def later(kitchen: House) -> None:
    """Let time pass until the house counts as settled."""
    await settle(kitchen)
    moment = dt_util.utcnow() + timedelta(seconds=SETTLE + 1)
    async_fire_time_changed(kitchen.hass, moment)
    await settle(kitchen)


async def test_a_server_that_comes_back_reads_it_again(kitchen: House, ollama: FakeOllama):
    """It has forgotten everything, also if somebody else had it load the model meanwhile."""
    await kitchen.add(ollama.url)
    await settle(kitchen)
    await ollama.stop()
    await kitchen.say("Hello")
    await ollama.start()
    await kitchen.entry.runtime_data.ollama.async_refresh()
    await settle(kitchen)
    assert len(ollama.warmups) == 2


async def test_a_model_that_takes_long_to_load_is_told_of(
    kitchen: House, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
):
    """The person hears at once why it takes longer, and then the answer."""
    monkeypatch.setattr(warmup, "PATIENCE", 0.05)
    await kitchen.add(ollama.url)
    await settle(kitchen)
    ollama.loaded.clear()
    ollama.load_seconds = 0.3
    result = await kitchen.say("Hello")
    assert speech(result) == (
        "One moment please, the language model is not quite ready to answer yet. All right."
    )
    ollama.load_seconds = 0
    assert speech(await kitchen.say("Hello")) == "All right."


async def test_a_first_reading_may_take_longer_and_is_told_of(
    kitchen: House, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
):
    """The deadline of the first token is for prompts whose head was read before."""
    monkeypatch.setattr(warmup, "PATIENCE", 0.05)
    ollama.warmup_fault = Fault.CRASHED
    await kitchen.add(ollama.url, agent(first_token_timeout=0.3))
    await settle(kitchen)
    ollama.reading_seconds = 0.6
    assert speech(await kitchen.say("Hello")).startswith("One moment please")
    assert kitchen.turn["error"] is None
    await kitchen.say("Hello")
    assert kitchen.turn["error"] == "backend_timeout"


async def test_a_model_that_is_not_kept_is_not_read_ahead(kitchen: House, ollama: FakeOllama):
    """The server would load it, read, and forget everything at once."""
    await kitchen.add(ollama.url, agent(keep_alive=0))
    await prepare(kitchen)
    assert not ollama.warmups
    assert not ollama.loaded


async def test_reading_ahead_has_time(kitchen: House, ollama: FakeOllama):
    """Nobody waits for it: the deadlines of a reply are not its own."""
    ollama.reading_seconds = 0.6
    await kitchen.add(ollama.url, agent(first_token_timeout=0.2))
    await settle(kitchen)
    ollama.reading_seconds = 0
    await prepare(kitchen)
    assert len(ollama.warmups) == 1


async def test_a_model_that_cannot_be_loaded_is_told_of(kitchen: House, ollama: FakeOllama):
    """By the turn; reading ahead fails in silence."""
    await kitchen.add(ollama.url, agent(model="gone:1b"))
    await prepare(kitchen)
    assert "gone:1b is not installed" in speech(await kitchen.say("Tell me about the sea"))
    ollama.models.append(Model(name="gone:1b"))
    assert speech(await kitchen.say("Tell me about the sea")) == "All right."


async def test_without_its_server_preparing_does_nothing(kitchen: House, ollama: FakeOllama):
    """Nobody is told before they have said something."""
    await kitchen.add(ollama.url)
    await ollama.stop()
    await prepare(kitchen)
    assert not kitchen.turns
