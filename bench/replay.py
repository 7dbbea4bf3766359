"""A client that speaks as Home Assistant does: one connection an utterance, 10 ms a chunk."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error

from bench.servers import Server
from bench.speech import RATE, Utterance

TRAILING = 0.7
"""Seconds of silence after which Home Assistant ends an utterance, by default."""
PATIENCE = 4.0
"""Seconds after the voice that a server which ends utterances itself gets to do so."""
TIMEOUT = 60.0
"""Seconds an answer may take after the last chunk."""

_CHUNK = 0.01
_CHUNK_BYTES = round(RATE * _CHUNK) * 2
_FORMAT = {"rate": RATE, "width": 2, "channels": 1}


@dataclass(slots=True)
class Heard:
    """How one utterance went. Times by the monotonic clock.

    Attributes:
        utterance: what was said.
        speech_end: when the voice ended.
        stop: when audio-stop was sent; None if the answer came before.
        answer: when the answer came; None without one.
        text: the transcript; None without one.
        error: what went wrong.
    """

    utterance: Utterance
    speech_end: float = 0.0
    stop: float | None = None
    answer: float | None = None
    text: str | None = None
    error: str | None = None

    @property
    def after_stop(self) -> float | None:
        """Seconds from audio-stop to the transcript; 0 if it came before."""
        if self.text is None or self.answer is None:
            return None
        return max(0.0, self.answer - self.stop) if self.stop else 0.0

    @property
    def after_speech(self) -> float | None:
        """Seconds from the end of the voice to the transcript."""
        if self.text is None or self.answer is None:
            return None
        return self.answer - self.speech_end

    @property
    def cut(self) -> bool:
        """Whether the transcript came before the voice ended."""
        return (after := self.after_speech) is not None and after < 0


async def replay(
    server: Server, utterance: Utterance, *, trailing: float = TRAILING, paced: bool = True
) -> Heard:
    """Say an utterance to a server.

    Args:
        server: which.
        utterance: what.
        trailing: seconds of room after the voice, then audio-stop.
        paced: in real time; else as fast as the server takes it.
    """
    heard = Heard(utterance)
    pcm = utterance.pcm(trailing)
    try:
        async with asyncio.timeout(len(pcm) / RATE / 2 + TIMEOUT), server.client() as client:
            answer = asyncio.create_task(_answer(client, heard))
            try:
                # Servers may answer, and close, while they are still spoken to.
                with contextlib.suppress(ConnectionError):
                    await _say(client, pcm, heard, answer, paced=paced)
                await answer
            finally:
                answer.cancel()
    except (TimeoutError, OSError, EOFError) as error:
        heard.error = heard.error or type(error).__name__
    return heard


async def _say(
    client: AsyncClient, pcm: bytes, heard: Heard, answer: asyncio.Task[None], *, paced: bool
) -> None:
    """Send an utterance until its end, or until it is answered."""
    await client.write_event(Transcribe(language="en").event())
    await client.write_event(AudioStart(**_FORMAT).event())
    start = time.perf_counter()
    heard.speech_end = start + heard.utterance.speech_end
    for index, place in enumerate(range(0, len(pcm), _CHUNK_BYTES)):
        if paced:  # a chunk can be sent when its last sample was recorded
            await asyncio.sleep(start + (index + 1) * _CHUNK - time.perf_counter())
        if answer.done():
            return
        chunk = AudioChunk(**_FORMAT, audio=pcm[place : place + _CHUNK_BYTES])
        await client.write_event(chunk.event())
    heard.stop = time.perf_counter()
    await client.write_event(AudioStop().event())


async def _answer(client: AsyncClient, heard: Heard) -> None:
    """Wait for the transcript, or for an error."""
    while event := await client.read_event():
        if Transcript.is_type(event.type):
            heard.answer = time.perf_counter()
            heard.text = Transcript.from_event(event).text.strip()
            return
        if Error.is_type(event.type):
            error = Error.from_event(event)
            heard.error = error.code or error.text
            return
    heard.error = "closed"


def starts(utterances: Sequence[Utterance], gap: float) -> list[float]:
    """Return when to begin each of several utterances, in seconds, so that their voices end apart.

    They overlap only while they are spoken: what a server does from the end of one voice on, it
    does alone, if it takes less than the gap.
    """
    found: list[float] = []
    end = -gap
    for utterance in utterances:
        found.append(max(0.0, end + gap - utterance.speech_end))
        end = found[-1] + utterance.speech_end
    return found


async def series(
    server: Server, utterances: Sequence[Utterance], gap: float, *, trailing: float
) -> list[Heard]:
    """Say utterances in real time, at the pace of `starts`."""

    async def later(utterance: Utterance, wait: float) -> Heard:
        await asyncio.sleep(wait)
        return await replay(server, utterance, trailing=trailing)

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(later(utterance, wait))
            for utterance, wait in zip(utterances, starts(utterances, gap), strict=True)
        ]
    return [task.result() for task in tasks]


async def lanes(
    count: int,
    utterances: Iterable[Utterance],
    say: Callable[[Utterance], Awaitable[Heard]],
) -> list[Heard]:
    """Let several clients speak at once, each taking the next utterance when it is answered."""
    waiting = iter(utterances)
    heard: list[Heard] = []

    async def lane(index: int) -> None:
        await asyncio.sleep(index * TRAILING / count)  # real people do not start at once
        heard.extend([await say(utterance) for utterance in waiting])

    async with asyncio.TaskGroup() as group:
        for index in range(count):
            group.create_task(lane(index))
    return heard
