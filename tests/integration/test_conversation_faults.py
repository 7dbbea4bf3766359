"""Whatever goes wrong, the person gets an answer, and nothing is done twice."""

import asyncio
from typing import NamedTuple

import pytest
from homeassistant.components.conversation import async_prepare_agent
from homeassistant.config_entries import ConfigSubentryData

from tests.fakes.ollama import FakeOllama, Fault, Reply, call, say
from tests.integration.agent_house import LAMPS, MODEL, House, agent, speech

LAMP_ON = call("intent__HassTurnOn", name=LAMPS[0])


class Case(NamedTuple):
    """A fault, the error it is, and what is heard of it."""

    fault: Fault
    key: str
    english: str
    german: str


BEFORE_ANYTHING = [
    Case(Fault.UNAUTHORIZED, "backend_auth", "wants an API key", "API-Schlüssel"),
    Case(Fault.NOT_FOUND, "model_not_found", "is not installed", "nicht installiert"),
    Case(Fault.NO_TOOLS, "model_unsuitable", "cannot do this", "kann das nicht"),
    Case(Fault.OVERFLOW, "context_overflow", "keep in mind", "merken kann"),
    Case(Fault.BUSY, "backend_busy", "too much to do", "zu viel zu tun"),
    Case(Fault.CRASHED, "backend_server", "had a problem", "hatte ein Problem"),
    Case(Fault.HTML, "not_ollama", "it is not Ollama", "es ist nicht Ollama"),
    Case(Fault.HTML_ERROR, "backend_server", "had a problem", "hatte ein Problem"),
    Case(Fault.GARBAGE, "backend_stream", "broke off", "abgebrochen"),
    Case(Fault.OVERSIZED, "backend_stream", "broke off", "abgebrochen"),
    Case(Fault.ERROR_LINE, "backend_server", "had a problem", "hatte ein Problem"),
    Case(Fault.STALLED, "backend_timeout", "in time", "rechtzeitig"),
    Case(Fault.CUT, "backend_stream", "broke off", "abgebrochen"),
    Case(Fault.NO_DONE, "backend_stream", "broke off", "abgebrochen"),
]
WHILE_STREAMING = [case for case in BEFORE_ANYTHING if case.fault.value >= Fault.GARBAGE.value]
each_fault = pytest.mark.parametrize("case", BEFORE_ANYTHING, ids=lambda case: case.fault.name)
each_break = pytest.mark.parametrize("case", WHILE_STREAMING, ids=lambda case: case.fault.name)


AGENT = agent(first_token_timeout=0.3, token_gap_timeout=0.3)


async def test_without_its_server_the_house_still_obeys(kitchen: House, ollama: FakeOllama):
    """Home Assistant's own agent takes the sentence, in the same conversation."""
    await kitchen.add(ollama.url, AGENT)
    asked = await kitchen.say("Hello")
    await ollama.stop()
    result = await kitchen.say("Turn on the kitchen lamp", conversation_id=asked.conversation_id)
    assert kitchen.lamp() == "on"
    assert result.response.response_type.value == "action_done"
    assert result.conversation_id == asked.conversation_id
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == (
        "home_assistant",
        "backend_refused",
    )
    assert kitchen.hass.states.get("conversation.ada").state != "unavailable"
    await ollama.start()
    await kitchen.entry.runtime_data.ollama.async_refresh()
    await kitchen.say("And now?", conversation_id=asked.conversation_id)
    assert [m["content"] for m in ollama.chats[-1]["messages"][1:5]] == [
        "Hello",
        "All right.",
        "Turn on the kitchen lamp",
        speech(result),
    ]


async def test_nobody_understands(kitchen: House, ollama: FakeOllama):
    """Home Assistant's apology, and why there was no better answer; each turn says it."""
    await kitchen.add(ollama.url, AGENT)
    await ollama.stop()
    for _ in range(2):
        result = await kitchen.say("Tell me about the sea")
        assert "Ollama cannot be reached" in speech(result)
        assert result.response.error_code.value == "failed_to_handle"
        assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == (None, "backend_refused")


@each_fault
async def test_each_fault_is_told_in_the_persons_language(
    kitchen: House, ollama: FakeOllama, case: Case
):
    """A sentence only a model could answer."""
    await kitchen.add(ollama.url, AGENT)
    ollama.script = lambda _: say("One.", "Two.", fault=case.fault)
    assert case.english in speech(await kitchen.say("Tell me about the sea"))
    assert kitchen.turn["error"] == case.key
    result = await kitchen.say("Erzähl mir vom Meer", language="de-DE")
    assert case.german in speech(result)
    assert result.response.language == "de-DE"


@each_fault
async def test_each_fault_leaves_the_built_in_commands(
    kitchen: House, ollama: FakeOllama, case: Case
):
    """A sentence Home Assistant understands is obeyed once."""
    await kitchen.add(ollama.url, AGENT)
    ollama.script = lambda _: Reply(tool_calls=LAMP_ON.tool_calls, fault=case.fault)
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.lamp() == "on"
    assert kitchen.switched() == 1
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == ("home_assistant", case.key)


@each_break
async def test_a_call_in_a_broken_stream_is_not_made(
    kitchen: House, ollama: FakeOllama, case: Case
):
    """The stream breaks just after the tool call: the lamp stays off, and no retry doubles it."""
    await kitchen.add(ollama.url, AGENT)
    ollama.script = lambda _: Reply(tool_calls=LAMP_ON.tool_calls, fault=case.fault, after=1)
    assert case.english in speech(await kitchen.say("Make it bright"))
    assert kitchen.switched() == 0
    assert kitchen.turn["error"] == case.key


@pytest.mark.parametrize("after", [0, 1, 2])
@each_break
async def test_a_failure_after_acting_is_told_and_nothing_repeated(
    kitchen: House, ollama: FakeOllama, case: Case, after: int
):
    """The lamp was switched; the sentence goes to nobody else, even if it understood it."""
    await kitchen.add(ollama.url, AGENT)
    ollama.replies = [LAMP_ON, say("One.", "Two.", fault=case.fault, after=after)]
    result = await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.lamp() == "on"
    assert kitchen.switched() == 1
    assert case.english in speech(result)
    assert result.response.response_type.value == "error"
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == (f"ollama:{MODEL}", case.key)


@each_break
async def test_half_an_answer_is_not_a_whole_one(kitchen: House, ollama: FakeOllama, case: Case):
    """What was said stays said; that it broke off is said as well."""
    await kitchen.add(ollama.url, AGENT)
    ollama.replies = [say("The sea is", fault=case.fault, after=1)]
    result = await kitchen.say("Tell me about the sea")
    assert case.english in speech(result)
    assert result.response.response_type.value == "error"
    assert kitchen.turn["error"] == case.key


async def test_silence_of_the_model_is_an_error(kitchen: House, ollama: FakeOllama):
    """An empty reply is told, not passed on as an answer."""
    await kitchen.add(ollama.url, AGENT)
    ollama.replies = [say("")]
    assert "gave no answer" in speech(await kitchen.say("Tell me about the sea"))


async def test_a_house_without_a_model(kitchen: House):
    """It obeys, and says once why it understands so little."""
    await kitchen.add(None)
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.lamp() == "on"
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == ("home_assistant", "no_model")
    first, second = [speech(await kitchen.say("Tell me about the sea")) for _ in range(2)]
    assert "No language model is set up" in first
    assert second
    assert "language model" not in second


async def test_an_agent_from_before_there_was_ollama(kitchen: House, ollama: FakeOllama):
    """It has no model yet, says so, and asks nothing of the server."""
    settings = ConfigSubentryData(
        data={}, subentry_type="conversation", title="Ada", unique_id=None
    )
    await kitchen.add(ollama.url, settings)
    await async_prepare_agent(kitchen.hass, "conversation.ada", "en")
    assert "No language model is set up" in speech(await kitchen.say("Tell me about the sea"))
    assert not [request for request in ollama.requests if request.path == "/api/chat"]


@pytest.mark.parametrize(
    ("settings", "key", "text"),
    [
        ({"prompt": "{{ 1 / 0 }}"}, "prompt_template", "division by zero"),
        ({"llm_hass_api": ["gone"]}, "llm_api", "no longer there"),
    ],
)
async def test_a_broken_setting_is_told(
    kitchen: House, ollama: FakeOllama, settings: dict[str, object], key: str, text: str
):
    """It names the mistake; nothing is asked of the model."""
    await kitchen.add(ollama.url, agent(**settings))
    assert text in speech(await kitchen.say("Tell me about the sea"))
    assert kitchen.turn["error"] == key
    assert not ollama.chats


async def test_unloading_in_the_middle_of_an_answer(kitchen: House, ollama: FakeOllama):
    """The one who asked is answered, and nothing keeps running."""
    entry = await kitchen.add(ollama.url, AGENT)
    backend = entry.runtime_data.ollama.backend
    ollama.replies = [say("The sea is", fault=Fault.STALLED, after=1)]
    asked = asyncio.create_task(kitchen.say("Tell me about the sea"))
    await ollama.stalled.wait()
    assert await kitchen.hass.config_entries.async_unload(entry.entry_id)
    result = await asked
    assert "was restarted" in speech(result)
    assert kitchen.turn["error"] == "turn_interrupted"
    assert backend._client._client.is_closed


async def test_somebody_who_stops_waiting_stops_the_answer(kitchen: House, ollama: FakeOllama):
    """Cancelling a turn is not an unload: it is cancelled."""
    await kitchen.add(ollama.url, AGENT)
    ollama.replies = [say("The sea is", fault=Fault.STALLED, after=1)]
    asked = asyncio.create_task(kitchen.say("Tell me about the sea"))
    await ollama.stalled.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not kitchen.turns
