"""Speech in, text out: the client's side of a Wyoming transcription."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Final

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from ..errors import SpeechTimeoutError
from .wyoming_client import SpeechServer, WyomingConnection, connect

# What Home Assistant's pipelines deliver: 16 kHz, 16 bit, mono.
SAMPLE_RATE: Final = 16_000
SAMPLE_WIDTH: Final = 2
CHANNELS: Final = 1

# Seconds from the first sound to the text, whatever the server says in between. A server that finds
# the end of an utterance itself is fed by Home Assistant for as long as it looks. Ours gives up
# after 60 seconds of audio; the rest is its time to say so.
UTTERANCE_TIMEOUT = 90.0


async def transcribe(
    server: SpeechServer,
    audio: AsyncIterable[bytes],
    language: str | None,
    names: Sequence[str] = (),
) -> str:
    """Return what is said in `audio`, PCM as above; the text is empty when nothing is.

    The first transcript wins, also while audio still comes: a server may find the end of the
    utterance itself. What it says before, a transcript in parts for one, does not count.

    Args:
        server: where to.
        audio: ends with the utterance, or goes on until the server has found the end.
        language: None leaves the choice to the server.
        names: what the house calls things, the most helpful first. A server that knows nothing of
            them ignores them.

    Raises:
        SpeechError: the server did not answer, hung up, failed or made no sense.
    """
    request = Transcribe(language=language, transcript_names=list(names) or None)
    deadline = asyncio.timeout(UTTERANCE_TIMEOUT)
    try:
        async with deadline, connect(server) as connection:
            await connection.write(request.event())
            return await _transcript(connection, audio)
    except TimeoutError as err:
        if not deadline.expired():
            raise  # of the audio
        raise server.error(SpeechTimeoutError) from err


async def _transcript(connection: WyomingConnection, audio: AsyncIterable[bytes]) -> str:
    async with connection.sending(_audio_events(audio)) as sending:
        while True:
            event = await connection.answer(sending)
            if Transcript.is_type(event.type):
                return connection.parse(Transcript.from_event, event).text


async def _audio_events(audio: AsyncIterable[bytes]) -> AsyncGenerator[Event]:
    yield AudioStart(rate=SAMPLE_RATE, width=SAMPLE_WIDTH, channels=CHANNELS).event()
    async for chunk in audio:
        yield AudioChunk(
            rate=SAMPLE_RATE, width=SAMPLE_WIDTH, channels=CHANNELS, audio=chunk
        ).event()
    yield AudioStop().event()
