"""Speech in, text out: the client's side of a Wyoming transcription."""

from collections.abc import AsyncGenerator, AsyncIterable
from typing import Final

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from .wyoming_client import SpeechServer, connect

# What Home Assistant's pipelines deliver: 16 kHz, 16 bit, mono.
SAMPLE_RATE: Final = 16_000
SAMPLE_WIDTH: Final = 2
CHANNELS: Final = 1


async def transcribe(
    server: SpeechServer, audio: AsyncIterable[bytes], language: str | None
) -> str:
    """Return what is said in `audio`, PCM as above; the text is empty when nothing is.

    The first transcript wins, also while audio still comes: a server may find the end of the
    utterance itself. No language leaves the choice to the server.

    Raises:
        SpeechError: the server did not answer, hung up, failed or made no sense.
    """
    async with connect(server) as connection:
        await connection.write(Transcribe(language=language).event())
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
