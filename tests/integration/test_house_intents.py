"""What Home Assistant understands by itself is done without a model."""

from typing import Any

import pytest
from homeassistant.components.media_player.const import INTENT_MEDIA_SEARCH_AND_PLAY
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.local_assist.agent import house_intents
from tests.fakes.ollama import FakeOllama, say
from tests.integration.agent_house import House, agent, speech

AGENT = agent(house_intents=True)


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Turn on the kitchen lamp", "Turned on the light"),
        ("Is the kitchen lamp on?", "No"),
    ],
)
async def test_commands_and_questions(
    kitchen: House, ollama: FakeOllama, sentence: str, answer: str
):
    """Both are answered in its own words, and the model is not asked."""
    await kitchen.add(ollama.url, AGENT)
    assert answer in speech(await kitchen.say(sentence))
    assert not ollama.chats
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == ("home_assistant", None)
    assert kitchen.switched() == sentence.startswith("Turn")


async def test_anything_else_is_the_models(kitchen: House, ollama: FakeOllama):
    """And the model hears what was said before it was asked."""
    await kitchen.add(ollama.url, AGENT)
    first = await kitchen.say("Turn on the kitchen lamp")
    assert speech(await kitchen.say("Why?", conversation_id=first.conversation_id)) == "All right."
    said = [message["content"] for message in ollama.chats[0]["messages"][1:3]]
    assert said == ["Turn on the kitchen lamp", speech(first)]


@pytest.mark.parametrize("settings", [{"house_intents": False}, {"llm_hass_api": []}])
async def test_only_where_it_is_wanted(
    kitchen: House, ollama: FakeOllama, settings: dict[str, Any]
):
    """An agent that may not control the house does not do so by the back door."""
    await kitchen.add(ollama.url, agent(**{"house_intents": True} | settings))
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.switched() == 0
    assert len(ollama.chats) == 1


async def test_sentence_triggers_come_first(kitchen: House, ollama: FakeOllama):
    """Also for who asks the agent without a pipeline."""
    automation = {
        "triggers": {"trigger": "conversation", "command": "turn on the kitchen lamp"},
        "actions": [{"set_conversation_response": "Only after dark."}],
    }
    assert await async_setup_component(kitchen.hass, "automation", {"automation": automation})
    await kitchen.hass.async_block_till_done()
    await kitchen.add(ollama.url, AGENT)
    assert speech(await kitchen.say("Turn on the kitchen lamp")) == "Only after dark."
    assert kitchen.switched() == 0


async def test_what_answers_a_question_is_the_models(kitchen: House, ollama: FakeOllama):
    """It asked; the words mean what they mean to it."""
    ollama.replies = [say("Which one do you mean?"), say("I see.")]
    await kitchen.add(ollama.url, AGENT)
    first = await kitchen.say("Make it nice")
    result = await kitchen.say("Turn on the kitchen lamp", conversation_id=first.conversation_id)
    assert speech(result) == "I see."
    assert kitchen.switched() == 0


async def test_music_is_the_models(kitchen: House, ollama: FakeOllama):
    """Home Assistant would take any words for a title."""
    played = async_mock_service(kitchen.hass, "media_player", "play_media")
    handled: list[str] = []

    class Search(intent.IntentHandler):
        intent_type = INTENT_MEDIA_SEARCH_AND_PLAY

        async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
            handled.append(intent_obj.intent_type)
            return intent_obj.create_response()

    await kitchen.add(ollama.url, AGENT)
    intent.async_register(kitchen.hass, Search())
    await kitchen.say("Play something quiet in the kitchen")
    assert not handled
    assert not played
    assert len(ollama.chats) == 1


async def test_commands_a_pipeline_passed_over_are_the_models(
    kitchen: House, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
):
    """It had its reasons; a question for a state it does not try."""
    monkeypatch.setattr(house_intents, "_pipeline_tried", lambda *_: True)
    await kitchen.add(ollama.url, AGENT)
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.switched() == 0
    assert len(ollama.chats) == 1
    assert "No" in speech(await kitchen.say("Is the kitchen lamp on?"))
    assert len(ollama.chats) == 1


@pytest.mark.parametrize("prefers_local", [True, False])
async def test_a_pipeline_that_tried_is_not_repeated(
    kitchen: House,
    ollama: FakeOllama,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
    prefers_local: bool,
):
    """Of what it tried and could not match only questions for states are left to try."""
    tried: list[bool | None] = []
    look = house_intents._pipeline_tried
    monkeypatch.setattr(
        house_intents, "_pipeline_tried", lambda *args: tried.append(look(*args)) or tried[-1]
    )
    await kitchen.add(ollama.url, AGENT)
    assert await async_setup_component(kitchen.hass, "assist_pipeline", {})
    client = await hass_ws_client(kitchen.hass)
    await client.send_json_auto_id(
        {
            "type": "assist_pipeline/pipeline/create",
            "name": "Ada",
            "language": "en",
            "conversation_engine": "conversation.ada",
            "conversation_language": "en",
            "stt_engine": None,
            "stt_language": None,
            "tts_engine": None,
            "tts_language": None,
            "tts_voice": None,
            "wake_word_entity": None,
            "wake_word_id": None,
            "prefer_local_intents": prefers_local,
        }
    )
    pipeline = (await client.receive_json())["result"]["id"]
    for text in ("Is the kitchen lamp on?", "Turn on the kitchen lamp", "Why is the sky blue?"):
        await client.send_json_auto_id(
            {
                "type": "assist_pipeline/run",
                "start_stage": "intent",
                "end_stage": "intent",
                "input": {"text": text},
                "pipeline": pipeline,
            }
        )
        while (event := (await client.receive_json()).get("event") or {}).get("type") != "run-end":
            assert event.get("type") != "error"
    assert tried == ([True, True] if prefers_local else [False, False, False])
    assert kitchen.switched() == 1
    assert len(ollama.chats) == 1
