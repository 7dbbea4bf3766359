"""A client that asks as Home Assistant does, and notes when each chunk of the speech comes."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
)

from bench.servers import Server

TIMEOUT = 120.0
"""Seconds an answer may take, from the request to its last sample."""


@dataclass(slots=True)
class Spoken:
    """How one text was spoken. Times by the monotonic clock.

    Attributes:
        text: what was to be said.
        asked: when the request was sent.
        chunks: (when it came, seconds of audio) of each chunk that has any.
        pcm: 16-bit samples.
        error: what went wrong.
    """

    text: str
    asked: float = 0.0
    chunks: list[tuple[float, float]] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it was not spoken, or not to its end."""
        return self.error is not None or not self.chunks

    @property
    def first_audio(self) -> float:
        """Seconds from the request to the first sample."""
        return self.chunks[0][0] - self.asked

    @property
    def took(self) -> float:
        """Seconds from the request to the last sample."""
        return self.chunks[-1][0] - self.asked

    @property
    def seconds(self) -> float:
        """Length of the speech."""
        return sum(seconds for _, seconds in self.chunks)

    @property
    def gaps(self) -> int:
        """How often a player that begins with the first sample has none left to play."""
        return gaps(self.chunks)


def gaps(chunks: Sequence[tuple[float, float]]) -> int:
    """Count the silences in speech that is played as it comes; the player waits in each.

    Args:
        chunks: (when it came, seconds of audio), in order.
    """
    count = 0
    played = chunks[0][0] if chunks else 0.0  # when all that came before has been heard
    for came, seconds in chunks:
        if came > played:
            count += 1
            played = came
        played += seconds
    return count


async def listen(
    server: Server,
    text: str,
    *,
    streaming: bool = False,
    context: Mapping[str, Any] | None = None,
) -> Spoken:
    """Have a server say a text, on a connection of its own.

    Args:
        server: which.
        text: what.
        streaming: send the text word by word, as a language model writes it.
        context: settings of the request.
    """
    spoken = Spoken(text)
    try:
        async with asyncio.timeout(TIMEOUT), server.client() as client:
            spoken.asked = time.perf_counter()
            events = _stream(text) if streaming else [_whole(text, context)]
            for event in events:
                await client.write_event(event)
            await _hear(client, spoken, until=SynthesizeStopped if streaming else AudioStop)
    except (TimeoutError, OSError, EOFError) as error:
        spoken.error = type(error).__name__
    return spoken


def _whole(text: str, context: Mapping[str, Any] | None) -> Event:
    return Synthesize(text, context=dict(context) if context else None).event()


def _stream(text: str) -> list[Event]:
    """Return what Home Assistant sends of a text that is still being written.

    It repeats the whole of it before the end, for servers that do not stream.
    """
    words = [SynthesizeChunk(f"{word} ").event() for word in text.split()]
    end = [Synthesize(text).event(), SynthesizeStop().event()]
    return [SynthesizeStart().event(), *words, *end]


async def _hear(
    client: AsyncClient, spoken: Spoken, until: type[AudioStop | SynthesizeStopped]
) -> None:
    """Note the chunks until the end, or an error."""
    while event := await client.read_event():
        if AudioChunk.is_type(event.type):
            chunk = AudioChunk.from_event(event)
            if chunk.samples:
                spoken.chunks.append((time.perf_counter(), chunk.seconds))
                spoken.pcm += chunk.audio
        elif Error.is_type(event.type):
            error = Error.from_event(event)
            spoken.error = error.code or error.text
            return
        elif until.is_type(event.type):
            return
    spoken.error = "closed"
