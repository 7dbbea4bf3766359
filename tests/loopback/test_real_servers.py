"""The real server process, with the demo models, and the stock `wyoming` client."""

import asyncio
import signal
from pathlib import Path

import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

from tests.speech_servers import SERVE, VOICE, Endpoint, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

SENTENCE = "Turn on the kitchen light."


async def read(client: AsyncClient) -> Event:
    """Return the next event, which must come."""
    event = await asyncio.wait_for(client.read_event(), 30)
    assert event is not None
    return event


async def synthesize(server: Endpoint, text: str) -> list[AudioChunk]:
    """Have a text spoken."""
    chunks = []
    async with AsyncClient.from_uri(server.uri) as client:
        await client.write_event(Synthesize(text=text).event())
        assert AudioStart.is_type((await read(client)).type)
        while AudioChunk.is_type((event := await read(client)).type):
            chunks.append(AudioChunk.from_event(event))
    assert AudioStop.is_type(event.type)
    return chunks


async def test_describe_and_ping(stt_server: Endpoint, tts_server: Endpoint):
    """Each tells what it offers."""
    async with AsyncClient.from_uri(stt_server.uri) as client:
        await client.write_event(Describe().event())
        info = Info.from_event(await read(client))
        await client.write_event(Ping(text="hello").event())
        assert Pong.from_event(await read(client)).text == "hello"
    assert [model.name for program in info.asr for model in program.models] == ["whisper-demo"]
    async with AsyncClient.from_uri(tts_server.uri) as client:
        await client.write_event(Describe().event())
        info = Info.from_event(await read(client))
    assert VOICE in [voice.name for program in info.tts for voice in program.voices]


async def test_what_is_spoken_is_understood(stt_server: Endpoint, tts_server: Endpoint):
    """One synthesis, and the transcription of it."""
    chunks = await synthesize(tts_server, SENTENCE)
    async with AsyncClient.from_uri(stt_server.uri) as client:
        await client.write_event(Transcribe(language="en").event())
        first = chunks[0]
        await client.write_event(
            AudioStart(rate=first.rate, width=first.width, channels=first.channels).event()
        )
        for chunk in chunks:
            await client.write_event(chunk.event())
        await client.write_event(AudioStop().event())
        answers = [await read(client) for _ in range(4)]
    assert [event.type.removeprefix("transcript") for event in answers] == [
        "-start",
        "-chunk",
        "",
        "-stop",
    ]
    transcript = Transcript.from_event(answers[2])
    assert transcript.text.lower().rstrip(".") == "turn on the kitchen light"


async def test_sigterm_during_work_ends_in_order(tmp_path: Path):
    """The client whose answer is being made gets it, or an error; then the process exits with 0."""
    with running(tmp_path / "log", *SERVE) as servers:
        tts = await asyncio.to_thread(servers.endpoint, "tts")
        async with AsyncClient.from_uri(tts.uri) as client:
            await client.write_event(Synthesize(text=f"{SENTENCE} " * 40).event())
            assert AudioStart.is_type((await read(client)).type)
            servers.process.send_signal(signal.SIGTERM)
            last = None
            while (event := await asyncio.wait_for(client.read_event(), 10)) is not None:
                last = event
        assert last is not None
        assert last.type in {"audio-stop", "error"}
        assert await asyncio.to_thread(servers.process.wait, 5) == 0
