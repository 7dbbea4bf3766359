"""A model nobody asks for is unloaded, and is there again when somebody does."""

import asyncio
from pathlib import Path

import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient

from tests.loopback.test_real_servers import SENTENCE, read, synthesize
from tests.speech_servers import STT_MODEL, Endpoint, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

STT = (
    *("stt", "--uri", "tcp://127.0.0.1:0", "--model", str(STT_MODEL), "--local-files-only"),
    *("--no-zeroconf", "--idle-unload", "0.005"),
)


async def transcribe(server: Endpoint, chunks: list[AudioChunk]) -> str:
    """Have a sentence understood."""
    async with AsyncClient.from_uri(server.uri) as client:
        await client.write_event(Transcribe(language="en").event())
        first = chunks[0]
        start = AudioStart(rate=first.rate, width=first.width, channels=first.channels)
        for event in (start, *chunks, AudioStop()):
            await client.write_event(event.event())
        while not Transcript.is_type((event := await read(client)).type):
            assert event.type != "error", event.data
        return Transcript.from_event(event).text


async def test_it_goes_and_comes(tts_server: Endpoint, tmp_path: Path):
    """Twice; who speaks meanwhile notices nothing."""
    chunks = await synthesize(tts_server, SENTENCE)
    with running(tmp_path / "log", *STT) as server:
        stt = await asyncio.to_thread(server.endpoint, "stt")
        for times in (1, 2):
            unloaded = rf"(?s)(.*Unloaded Whisper model whisper-demo: nobody asked){{{times}}}"
            await asyncio.to_thread(server.wait_for, unloaded)
            assert server.log.count("Loaded Whisper model whisper-demo") == times
            assert (await transcribe(stt, chunks)).lower().rstrip(".") == SENTENCE.lower()[:-1]
    assert server.log.count("Loaded Whisper model whisper-demo") >= 3
    assert "Traceback" not in server.log
