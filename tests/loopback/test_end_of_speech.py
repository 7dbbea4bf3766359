"""The end of speech, found by the real server with the real model, as the audio comes in."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart
from wyoming.client import AsyncClient

from tests.loopback.test_real_servers import read, synthesize
from tests.speech_servers import Endpoint

pytestmark = pytest.mark.usefixtures("socket_enabled")

SENTENCE = "turn on the light in the kitchen"
CHUNK = 0.02


async def microphone(speech: np.ndarray, rate: int) -> AsyncGenerator[bytes]:
    """Yield speech in real time, then the quiet of a room for ever."""
    step = round(rate * CHUNK)
    room = np.random.default_rng(0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(10_000):
        heard = speech[number * step : (number + 1) * step]
        noise = room.normal(0, 5, step - len(heard)).astype("<i2")
        await asyncio.sleep(began + number * CHUNK - loop.time())
        yield np.concatenate([heard, noise]).tobytes()


async def test_a_client_need_not_end_the_utterance(stt_server: Endpoint, tts_server: Endpoint):
    """It never says audio-stop; the transcript comes while it still sends, for each utterance."""
    chunks = await synthesize(tts_server, SENTENCE)
    rate = chunks[0].rate
    speech = np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2")
    fmt = {"rate": rate, "width": 2, "channels": 1}
    async with AsyncClient.from_uri(stt_server.uri) as client:
        await client.write_event(Transcribe(language="en").event())
        for _ in range(2):

            async def speak() -> None:
                await client.write_event(AudioStart(**fmt).event())
                async for pcm in microphone(speech, rate):
                    await client.write_event(AudioChunk(**fmt, audio=pcm).event())

            speaking = asyncio.create_task(speak())
            answers = [await read(client) for _ in range(4)]
            assert not speaking.done()
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            assert answers[2].data == {"text": SENTENCE, "language": "en"}
