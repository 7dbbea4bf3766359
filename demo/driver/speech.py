"""Making an utterance with our own text-to-speech server."""

import wave
from pathlib import Path

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.tts import Synthesize

from demo.driver.errors import DemoError

READ_TIMEOUT = 30


async def say(host: str, port: int, text: str, path: Path) -> None:
    """Write `text`, spoken by the server's default voice, to a WAV file.

    Raises:
        DemoError: the server could not say it.
    """
    chunks: list[AudioChunk] = []
    async with AsyncTcpClient(host, port, read_timeout=READ_TIMEOUT) as client:
        await client.write_event(Synthesize(text=text).event())
        while (event := await client.read_event()) and not AudioStop.is_type(event.type):
            if Error.is_type(event.type):
                raise DemoError(f"'{text}' could not be spoken: {Error.from_event(event).text}")
            if AudioChunk.is_type(event.type):
                chunks.append(AudioChunk.from_event(event))
    if not chunks:
        raise DemoError(f"'{text}' has nothing that can be spoken.")
    with wave.open(str(path), "wb") as file:
        file.setframerate(chunks[0].rate)
        file.setsampwidth(chunks[0].width)
        file.setnchannels(chunks[0].channels)
        for chunk in chunks:
            file.writeframes(chunk.audio)
