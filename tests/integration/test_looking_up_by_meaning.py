"""What a tool or an action looks for is found by meaning too, where there is a model for it."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.local_assist.agent import embeddings
from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.knowledge.knowledge import DATA_KNOWLEDGE
from tests.fakes.ollama import FakeOllama, Fault, call
from tests.integration.agent_house import House
from tests.integration.test_embeddings import AGENT, EMBED, embedded, say

FACT = "Ben cannot stand cilantro"
PASSAGE = "Descale it with citric acid."
ODD = "Abracadabra"


async def _recall(hass: HomeAssistant) -> list[str]:
    asked: dict[str, Any] = {"query": ODD}
    answer = await hass.services.async_call(
        DOMAIN, "recall", asked, blocking=True, return_response=True
    )
    return [fact["text"] for fact in answer["facts"]]


@pytest.fixture
async def told(kitchen: House, ollama: FakeOllama) -> House:
    """Tell the house a fact, and give its text and the query one meaning."""
    ollama.models.append(EMBED)
    ollama.near = {ODD: FACT}
    await kitchen.add(ollama.url, AGENT)
    await kitchen.hass.services.async_call(DOMAIN, "remember", {"text": FACT}, blocking=True)
    await say(kitchen, "Hello")
    return kitchen


async def test_a_fact_without_a_word_of_the_query(told: House):
    """The action waits a moment for the vector."""
    assert await _recall(told.hass) == [FACT]


async def test_words_do_where_vectors_do_not_come(
    told: House, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
):
    """A server that is busy keeps nobody waiting."""
    monkeypatch.setattr(embeddings, "PATIENCE", 0.05)
    ollama.embed_fault = Fault.STALLED
    assert await _recall(told.hass) == []


async def test_the_model_of_an_agent_that_is_gone_is_not_asked(told: House, ollama: FakeOllama):
    """Words do."""
    assert told.entry
    await told.hass.config_entries.async_unload(told.entry.entry_id)
    before = len(ollama.requests)
    await told.hass.config_entries.async_setup(told.entry.entry_id)
    subentry = next(iter(told.entry.subentries))
    told.hass.config_entries.async_remove_subentry(told.entry, subentry)
    await told.hass.async_block_till_done(wait_background_tasks=True)
    assert await _recall(told.hass) == []
    assert "/api/embed" not in [request.path for request in ollama.requests[before:]][-1:]


async def test_a_tool_finds_a_passage(told: House, ollama: FakeOllama, hass: HomeAssistant):
    """The manual says it in other words than the model asks for."""
    folder = hass.data[DATA_KNOWLEDGE].folder
    await hass.async_add_executor_job((folder / "kettle.md").write_text, f"# Kettle\n\n{PASSAGE}\n")
    await hass.data[DATA_KNOWLEDGE].async_rescan()
    assert told.entry
    told.entry.runtime_data.index.toolbox.forget()
    await say(told, "Hello again")
    text = next(text for text in embedded(ollama) if PASSAGE in text)
    ollama.near = {ODD: text}
    ollama.replies = [call("local_assist__SearchKnowledge", query=ODD)]
    await say(told, "What does the manual say?")
    results = [each["content"] for each in ollama.chats[-1]["messages"] if each["role"] == "tool"]
    assert PASSAGE in results[0]
