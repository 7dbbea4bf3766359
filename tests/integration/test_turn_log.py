"""The log of the last turns: the stages of spoken and written turns, where they really were."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    PipelineStage,
    async_get_pipeline,
    async_pipeline_from_audio_stream,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.pipeline import PipelineInput, PipelineRun
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import chat_session
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.const import (
    CONF_GUARD_MODES,
    CONF_GUARD_PIN,
    CONF_HOST,
    CONF_PORT,
    DOMAIN,
)
from custom_components.local_assist.guard.pin import hash_pin
from custom_components.local_assist.turns.log import MAX_TURNS, Turn, async_log
from tests.fakes.ollama import FakeOllama, call, say
from tests.integration.agent_house import House, agent
from tests.integration.speaking import for_listening, speak
from tests.speech_servers import Endpoint

# Needs no ffmpeg.
WAV = {tts.ATTR_PREFERRED_FORMAT: "wav"}
LONG = "This is a long answer, long enough for the pipeline to have it spoken while it is written."


def last(hass: HomeAssistant) -> dict[str, Any]:
    """Return the last turn."""
    return async_log(hass).turns[0].as_dict()


def stages(turn: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return its stages."""
    return {stage["name"]: (stage["start_ms"], stage["end_ms"]) for stage in turn["stages"]}


@pytest.fixture
async def voice(
    home: HomeAssistant, ollama: FakeOllama, stt_server: Endpoint, tts_server: Endpoint
) -> AsyncGenerator[HomeAssistant]:
    """A house with a model, real ears and a real mouth, and its pipeline."""
    servers = (("stt", "Ear", stt_server), ("tts", "Mouth", tts_server))
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={"url": ollama.url},
        subentries_data=[
            agent(),
            *(
                ConfigSubentryData(
                    subentry_type=kind,
                    title=title,
                    data={CONF_HOST: server.host, CONF_PORT: server.port},
                    unique_id=None,
                )
                for kind, title, server in servers
            ),
        ],
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    await async_update_pipeline(
        home,
        async_get_pipeline(home),
        conversation_engine="conversation.ada",
        conversation_language="*",
        stt_engine="stt.ear",
        stt_language="en",
        tts_engine="tts.mouth",
        tts_language="en_US",
    )
    yield home
    assert await home.config_entries.async_unload(entry.entry_id)


async def hear(home: HomeAssistant, audio: bytes, *, endless: bool) -> list[PipelineEvent]:
    """Run the pipeline on what is said; a satellite may send until it is told to stop."""

    async def chunks() -> AsyncGenerator[bytes]:
        for start in range(0, len(audio), 640):
            yield audio[start : start + 640]
            await asyncio.sleep(0.02)
        while endless:
            yield bytes(640)
            await asyncio.sleep(0.02)

    events: list[PipelineEvent] = []
    await async_pipeline_from_audio_stream(
        home,
        context=Context(),
        event_callback=events.append,
        stt_metadata=stt.SpeechMetadata(
            language="",
            format=stt.AudioFormats.WAV,
            codec=stt.AudioCodecs.PCM,
            bit_rate=stt.AudioBitRates.BITRATE_16,
            sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
            channel=stt.AudioChannels.CHANNEL_MONO,
        ),
        stt_stream=chunks(),
        end_stage=PipelineStage.TTS,
        tts_audio_output=WAV,
    )
    return events


async def write(
    home: HomeAssistant, text: str, end: PipelineStage = PipelineStage.TTS
) -> PipelineRun:
    """Run the pipeline on what is written."""
    with chat_session.async_get_chat_session(home) as session:
        run = PipelineRun(
            home,
            context=Context(),
            pipeline=async_get_pipeline(home),
            start_stage=PipelineStage.INTENT,
            end_stage=end,
            event_callback=lambda _: None,
            tts_audio_output=WAV,
        )
        await PipelineInput(run=run, session=session, intent_input=text).execute(validate=True)
    return run


async def heard(home: HomeAssistant) -> dict[str, Any]:
    """Return the last turn once its reply can be heard."""
    changed = asyncio.Event()
    stop = async_log(home).async_listen(lambda _: changed.set())
    async with asyncio.timeout(10):
        while "first_sound" not in stages(last(home)):
            await changed.wait()
            changed.clear()
    stop()
    return last(home)


@pytest.mark.parametrize("endless", [False, True], ids=["satellite ends", "server ends"])
@pytest.mark.parametrize("reply", [LONG, "Yes."], ids=["streamed", "whole"])
async def test_a_spoken_turn(
    voice: HomeAssistant, ollama: FakeOllama, reply: str, *, endless: bool
) -> None:
    """All its stages are there, one after the other, whoever ended the utterance."""
    speech = await speak(voice, "tts.mouth", "turn on the kitchen light.")
    # Without the silence at its end.
    audio = for_listening(speech)[:-32_000]
    ollama.reading_seconds = 0.1
    ollama.replies = [say(*(f"{word} " for word in reply.split()))]
    told: list[Turn] = []
    stop = async_log(voice).async_listen(told.append)

    events = await hear(voice, audio, endless=endless)

    assert [event.data for event in events if event.type is PipelineEventType.ERROR] == []
    turn = await heard(voice)
    assert turn["said"].strip(" .").lower() == "turn on the kitchen light"
    assert turn["answered"] == reply
    assert (turn["agent"], turn["agent_name"]) == ("conversation.ada", "Ada")
    assert (turn["handled_by"], turn["error"], turn["guard"]) == ("ollama:llama3.2:3b", None, None)
    found = stages(turn)
    assert found.keys() >= {"listening", "transcript", "context", "first_token", "reply"}
    assert found["listening"][0] == 0
    assert found["listening"][1] > 300
    assert found["transcript"][0] == found["listening"][1]
    assert found["transcript"][1] <= found["context"][0] + 1
    assert found["first_token"][1] - found["first_token"][0] >= 100
    assert found["context"][1] <= found["first_token"][0] + 1
    assert found["first_token"][1] <= found["reply"][1] + 1
    assert found["first_token"][0] < found["first_sound"][0] < found["first_sound"][1]
    assert turn["tokens"]["output_tokens"] > 0
    # It is told of when it ended, and again if it was heard after that.
    assert {item.id for item in told} == {turn["id"]}
    stop()


async def test_a_written_turn(voice: HomeAssistant, ollama: FakeOllama) -> None:
    """It has no listening and, where nothing is spoken, no first sound."""
    ollama.replies = [say("Good day.")]
    await write(voice, "Hello", PipelineStage.INTENT)

    turn = last(voice)
    assert (turn["said"], turn["answered"]) == ("Hello", "Good day.")
    assert list(stages(turn)) == ["context", "first_token", "reply"]
    assert turn["stages"][0]["start_ms"] >= 0


async def test_audio_that_was_kept(voice: HomeAssistant, ollama: FakeOllama) -> None:
    """A reply that was spoken before sounds at once, and the log knows though nobody speaks."""
    ollama.script = lambda _: say("What is done is done.")
    await write(voice, "Hello")
    await heard(voice)
    await voice.async_block_till_done()
    await write(voice, "Hello again")

    found = stages(await heard(voice))
    assert found["first_sound"][0] >= found["reply"][1] - 1
    assert found["first_sound"][1] - found["first_sound"][0] <= 20
    assert not async_log(voice).turns[0].spoken


async def test_speech_beside_a_turn_is_not_its_reply(
    voice: HomeAssistant, ollama: FakeOllama
) -> None:
    """What the same task has spoken later is nobody's first sound."""
    ollama.script = lambda _: say("Good day.")
    await write(voice, "Hello", PipelineStage.INTENT)
    await speak(voice, "tts.mouth", "Something else altogether.")

    assert "first_sound" not in stages(last(voice))


async def test_tools(kitchen: House, ollama: FakeOllama) -> None:
    """What was called is told with its time, between the first token and the reply."""
    await kitchen.add(ollama.url)
    ollama.replies = [call("intent__HassTurnOn", name="Kitchen lamp"), say("It is on.")]
    await kitchen.say("Make it bright in here", device_id=kitchen.satellite_id)

    turn = last(kitchen.hass)
    assert kitchen.lamp() == "on"
    (tool,) = turn["tools"]
    assert (tool["name"], tool["error"]) == ("intent__HassTurnOn", None)
    assert tool["ms"] >= 0
    found = stages(turn)
    assert list(found) == ["context", "first_token", "tools", "reply"]
    assert found["first_token"][1] <= found["tools"][0] <= found["tools"][1] <= found["reply"][0]
    assert "light.kitchen_lamp" in turn["retrieved"]["entities"]
    assert turn["retrieved"].keys() == {"entities", "facts", "knowledge"}


async def test_home_assistants_own_sentences(kitchen: House, ollama: FakeOllama) -> None:
    """What needs no model took no tokens; the reply is all there was."""
    await kitchen.add(ollama.url, agent(house_intents=True))
    await kitchen.say("Turn on the kitchen lamp")

    turn = last(kitchen.hass)
    assert (turn["handled_by"], turn["answered"]) == ("home_assistant", "Turned on the light")
    assert list(stages(turn)) == ["reply"]
    assert (turn["tokens"], turn["tools"]) == ({}, [])


async def test_a_turn_that_failed(kitchen: House, ollama: FakeOllama) -> None:
    """Why it did is told in words."""
    await kitchen.add(ollama.url)
    await ollama.stop()
    await kitchen.say("How are you?")

    turn = last(kitchen.hass)
    assert turn["handled_by"] is None
    assert "cannot be reached" in turn["error"]
    assert "cannot be reached" in turn["answered"]


async def test_a_pin_is_not_kept(kitchen: House, ollama: FakeOllama) -> None:
    """What was said is what the chat log holds in the end."""
    settings = {CONF_GUARD_MODES: {"unlock": "pin"}, CONF_GUARD_PIN: hash_pin("4711")}
    kitchen.hass.states.async_set("lock.front_door", "locked", {"friendly_name": "Front door"})
    async_expose_entity(kitchen.hass, "conversation", "lock.front_door", should_expose=True)
    await kitchen.add(ollama.url, agent(house_intents=True, **settings))

    asked = await kitchen.say("Unlock the front door")
    assert last(kitchen.hass)["guard"] == "asked"
    await kitchen.say("4711", conversation_id=asked.conversation_id)

    assert async_log(kitchen.hass).turns[1].said == "Unlock the front door"
    assert "4711" not in str(last(kitchen.hass))


async def test_only_the_last_turns(kitchen: House, ollama: FakeOllama) -> None:
    """The log has a limit, and so have the texts in it."""
    await kitchen.add(ollama.url, agent(house_intents=True))
    ollama.script = lambda _: say("x" * 5000)
    for number in range(MAX_TURNS + 1):
        await kitchen.say(f"Turn {'on' if number % 2 else 'off'} the kitchen lamp")
    await kitchen.say("Tell me a story")

    turns = async_log(kitchen.hass).turns
    assert len(turns) == MAX_TURNS
    assert turns[0].said == "Tell me a story"
    assert len(turns[0].answered) == 2000
