"""A PIN, never, and not at all: how the user may have guarded things dealt with."""

import logging
from typing import Any

import pytest
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.local_assist.const import CONF_GUARD_MODES, CONF_GUARD_PIN
from custom_components.local_assist.guard.pin import hash_pin
from tests.fakes.ollama import FakeOllama, say
from tests.integration.agent_doors import UNLOCK, Doors
from tests.integration.agent_house import agent


def _with_pin(**modes: str) -> dict[str, Any]:
    return {CONF_GUARD_MODES: modes, CONF_GUARD_PIN: hash_pin("2468")}


async def test_a_pin(doors: Doors, ollama: FakeOllama, caplog: pytest.LogCaptureFixture):
    """It is asked for, and is kept nowhere: not in a prompt, the chat log, the traces or a log.

    Home Assistant itself logs every sentence when its log is set to debugging.
    """
    caplog.set_level(logging.INFO)
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    assert "PIN" in await doors.say("Unlock the front door")
    assert doors.result.continue_conversation
    assert "PIN" in await doors.say("Yes")
    assert "PIN" in await doors.say("1111")
    assert doors.done == []
    assert await doors.say("2 4 6 8") == "Done."
    assert doors.done == ["unlocked"]
    assert doors.outcomes == ["asked", "asked", "wrong_pin", "confirmed", "done"]
    await doors.say("Well, 2468 is what I meant")
    await doors.say("2468")
    kept = [
        caplog.text,
        str([trace.as_dict() for trace in async_get_traces()]),
        str(ollama.requests),
        str([event.data for event in doors.events]),
    ]
    assert ollama.chats
    assert not any("2468" in text or "2 4 6 8" in text for text in kept)


async def test_a_pin_is_not_in_the_debug_view_of_a_pipeline(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant, hass_ws_client: WebSocketGenerator
):
    """Nor anywhere else in what the pipeline keeps of its runs."""
    ollama.replies = [UNLOCK]
    assert await async_setup_component(hass, "assist_pipeline", {})
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    client = await hass_ws_client(hass)
    conversation_id = None
    for text in ("Unlock the front door", "2 4 6 8"):
        run = {
            "type": "assist_pipeline/run",
            "start_stage": "intent",
            "end_stage": "intent",
            "input": {"text": text},
            "conversation_id": conversation_id,
            "pipeline": "conversation.ada",
        }
        await client.send_json_auto_id(run)
        while (event := (await client.receive_json()).get("event") or {}).get("type") != "run-end":
            if event.get("type") == "run-start":
                conversation_id = event["data"]["conversation_id"]
    kept = str(hass.data[KEY_ASSIST_PIPELINE].pipeline_debug)
    assert doors.done == ["unlocked"]
    assert "Unlock the front door" in kept
    assert "2 4 6 8" not in kept


async def test_a_pin_cannot_be_tried_out(doors: Doors, ollama: FakeOllama):
    """After three wrong ones the right one does not help either, for a while."""
    ollama.replies = [UNLOCK, UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    await doors.say("Unlock the front door")
    for pin in ("1111", "2222", "3333"):
        answer = await doors.say(pin)
    assert "60" in answer
    await doors.say("Unlock the front door")
    await doors.say("2468")
    assert doors.done == []
    assert doors.outcomes[-2:] == ["locked_out", "locked_out"]


async def test_numbers_said_otherwise_neither_lock_nor_tell_a_pin(doors: Doors, ollama: FakeOllama):
    """Who tries them out learns nothing after three; who plays with them locks nobody out."""
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    answers = [await doors.say(number) for number in ("1111", "2222", "3333", "2468")]
    assert answers == ["All right."] * 4
    ollama.replies = [UNLOCK]
    await doors.say("Unlock the front door")
    assert await doors.say("2468") == "Done."


async def test_a_rule_that_says_never(doors: Doors, ollama: FakeOllama):
    """There is no question, and no answer helps."""
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="never")))
    assert await doors.say("Unlock the front door") == "I am not allowed to do that: Front door."
    await doors.say("Yes")
    assert (doors.done, doors.outcomes) == ([], ["never"])


async def test_a_rule_that_wants_a_pin_where_there_is_none(doors: Doors, ollama: FakeOllama):
    """It is said, instead of asking what nobody can answer."""
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(guard_modes={"unlock": "pin"}))
    answer = await doors.say("Unlock the front door")
    assert answer == "I would need a PIN for that, but none has been set."
    assert (doors.done, doors.outcomes) == ([], ["no_pin"])


async def test_a_rule_that_is_off(doors: Doors, ollama: FakeOllama):
    """The user may leave a door to the model."""
    ollama.replies = [UNLOCK, say("It is open.")]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="free")))
    assert await doors.say("Unlock the front door") == "It is open."
    assert (doors.done, doors.outcomes) == (["unlocked"], [])
