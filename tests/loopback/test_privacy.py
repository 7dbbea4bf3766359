"""What is said in the house stays out of the log."""

import asyncio
from pathlib import Path

import pytest
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.speech_servers import SERVE, Endpoint, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

CANARY = "kitchen"


async def talk(server: Endpoint, last: str, *events: Event) -> list[Event]:
    """Send events and return the answers up to the last."""
    answers = []
    async with AsyncClient.from_uri(server.uri) as client:
        for event in events:
            await client.write_event(event)
        async with asyncio.timeout(30):
            while not answers or answers[-1].type not in {last, "error"}:
                answer = await client.read_event()
                assert answer is not None
                answers.append(answer)
    return answers


async def test_no_text_is_logged(tmp_path: Path):
    """Neither what is spoken, nor what is understood, nor words to expect, nor in an error."""
    text = f"Turn on the {CANARY} light."
    with running(tmp_path / "log", *SERVE) as servers:
        tts = await asyncio.to_thread(servers.endpoint, "tts")
        stt = await asyncio.to_thread(servers.endpoint, "stt")
        spoken = await talk(tts, "audio-stop", Synthesize(text=text).event())
        streamed = (SynthesizeStart(), SynthesizeChunk(text=text), SynthesizeStop())
        await talk(tts, "synthesize-stopped", *(each.event() for each in streamed))
        await talk(tts, "error", Synthesize(text=f"{CANARY} " * 5000).event())
        chunks = [AudioChunk.from_event(each) for each in spoken if AudioChunk.is_type(each.type)]
        first = chunks[0]
        *_, transcript = await talk(
            stt,
            "transcript",
            Transcribe(language="en", transcript_names=[CANARY]).event(),
            AudioStart(rate=first.rate, width=first.width, channels=first.channels).event(),
            *(chunk.event() for chunk in chunks),
            AudioStop().event(),
        )
        assert CANARY in transcript.data["text"].lower()
    assert "ready in" in servers.log
    assert CANARY not in servers.log.lower()
