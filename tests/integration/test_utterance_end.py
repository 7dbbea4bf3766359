"""Who ends an utterance: a pipeline's satellite is answered while it still sends."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from homeassistant.components import stt
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    PipelineStage,
    async_get_pipeline,
    async_pipeline_from_audio_stream,
    async_update_pipeline,
)
from homeassistant.core import Context, HomeAssistant
from wyoming.asr import Transcript
from wyoming.info import Info

from custom_components.local_assist.speech import recognizer
from tests.fakes.wyoming import Peer, asr
from tests.integration.one_server import one_server
from tests.integration.speaking import for_listening, speak

CHUNK = 640
"""Bytes: 20 ms."""


async def endless(speech: bytes) -> AsyncGenerator[bytes]:
    """Send as a satellite does that waits to be told that it was heard: in real time, for ever."""
    for start in range(0, len(speech), CHUNK):
        yield speech[start : start + CHUNK]
        await asyncio.sleep(0.02)
    while True:
        yield bytes(CHUNK)
        await asyncio.sleep(0.02)


async def run(home: HomeAssistant, engine: str, audio: AsyncGenerator[bytes]) -> list[str]:
    """Run the pipeline up to the text, and return its events; the text is added to its own."""
    pipeline = async_get_pipeline(home)
    await async_update_pipeline(home, pipeline, stt_engine=engine, stt_language="en")
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
        stt_stream=audio,
        pipeline_id=pipeline.id,
        start_stage=PipelineStage.STT,
        end_stage=PipelineStage.STT,
    )
    return [_told(event) for event in events]


def _told(event: PipelineEvent) -> str:
    data = event.data or {}
    if event.type is PipelineEventType.STT_END:
        return f"stt-end: {data['stt_output']['text'].strip().rstrip('.').lower()}"
    if event.type is PipelineEventType.ERROR:
        return f"error: {data['code']}"
    return event.type


@pytest.mark.usefixtures("house")
async def test_the_real_server_ends_the_utterance(home: HomeAssistant) -> None:
    """A satellite that never stops sending gets its text; nobody tells it of the pause before."""
    speech = for_listening(await speak(home, "tts.mouth", "turn on the kitchen light."))

    events = await run(home, "stt.ear", endless(speech[:-32_000]))

    assert events == ["run-start", "stt-start", "stt-end: turn on the kitchen light", "run-end"]


@pytest.mark.usefixtures("house")
async def test_a_satellite_that_stops_first_is_answered(home: HomeAssistant) -> None:
    """A satellite whose button is let go ends the utterance itself."""
    speech = for_listening(await speak(home, "tts.mouth", "turn on the kitchen light."))

    async def until_released() -> AsyncGenerator[bytes]:
        yield speech[:-32_000]

    events = await run(home, "stt.ear", until_released())

    assert "stt-end: turn on the kitchen light" in events


async def test_a_server_that_never_ends_it_does_not_keep_the_satellite(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends with an error, so that the satellite stops listening."""
    monkeypatch.setattr(recognizer, "UTTERANCE_TIMEOUT", 0.2)
    program = asr("en", requires_external_vad=False)

    async with one_server(home, "stt", Info(asr=[program]), Peer.hang):
        events = await run(home, "stt.it", endless(b""))

    assert events == ["run-start", "stt-start", "error: stt-stream-failed", "run-end"]


async def test_an_empty_transcript_ends_the_run(home: HomeAssistant) -> None:
    """A server that has heard nobody says so, and the satellite is told that there was no text."""
    program = asr("en", requires_external_vad=False)

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-chunk")
        await peer.write(Transcript(""))
        await peer.hang()

    async with one_server(home, "stt", Info(asr=[program]), script):
        events = await run(home, "stt.it", endless(b""))

    assert events == ["run-start", "stt-start", "error: stt-no-text-recognized", "run-end"]


async def test_a_satellite_that_leaves_hangs_up_on_the_server(home: HomeAssistant) -> None:
    """A run that is cancelled leaves no connection behind."""
    listening = asyncio.Event()
    left = asyncio.Event()
    program = asr("en", requires_external_vad=False)

    async def script(peer: Peer) -> None:
        await peer.read_until("audio-chunk")
        listening.set()
        await peer.hang()
        left.set()

    async with one_server(home, "stt", Info(asr=[program]), script):
        running = asyncio.create_task(run(home, "stt.it", endless(b"")))
        async with asyncio.timeout(5):
            await listening.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await left.wait()
    assert running.cancelled()
    assert left.is_set()
