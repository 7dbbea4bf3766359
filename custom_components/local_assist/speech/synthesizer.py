"""Text in, speech out: the client's side of a Wyoming synthesis, whole or streamed."""

import io
import wave
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from ..errors import SpeechProtocolError
from .wyoming_client import SpeechServer, WyomingConnection, open_connection


async def synthesize(
    server: SpeechServer,
    text: str,
    voice: SynthesizeVoice | None,
    context: dict[str, float] | None = None,
) -> bytes:
    """Return `text` spoken, as a WAV file.

    Args:
        server: which speaks.
        text: what is spoken.
        voice: which to speak with; None leaves it to the server.
        context: how to speak (`speaking.speaking_context`); None leaves it to the server.

    Raises:
        SpeechError: the server did not answer, hung up, failed or made no sense.
    """
    connection = await open_connection(server)
    request = Synthesize(text=text, voice=voice, context=context).event()
    async with aclosing(_speech(connection, _only(request), AudioStop)) as speech:
        parts = [part async for part in speech]
    if not parts:
        raise server.error(SpeechProtocolError)
    form, _ = parts[0]
    return _wav(form, b"".join(pcm for _, pcm in parts))


async def stream(
    server: SpeechServer,
    texts: AsyncIterable[str],
    voice: SynthesizeVoice | None,
    context: dict[str, float] | None = None,
) -> AsyncGenerator[bytes]:
    """Connect, then return what `texts` say as it is spoken: a WAV header, then PCM.

    The header claims a length of 0, since nobody knows it yet. The server is connected to before
    this returns, so that one that is down is an error instead of a silent answer. `voice` and
    `context` are those of `synthesize`.

    Raises:
        SpeechError: the server did not answer, hung up, failed or made no sense; after the
            connection is made it is the returned generator that raises.
    """
    connection = await open_connection(server)
    start = SynthesizeStart(voice=voice, context=context)

    async def wav() -> AsyncGenerator[bytes]:
        speech = _speech(connection, _text_events(texts, start), SynthesizeStopped)
        async with aclosing(speech):
            async for form, pcm in speech:
                yield pcm or _wav(form)

    return wav()


async def _speech(
    connection: WyomingConnection,
    events: AsyncIterable[Event],
    end: type[AudioStop | SynthesizeStopped],
) -> AsyncGenerator[tuple[AudioStart, bytes]]:
    """Send `events` and yield the audio up to the `end` event, then close.

    The first item has the form of the audio and no audio; all others have some.
    """
    form: AudioStart | None = None
    try:
        async with connection.sending(events) as sending:
            while not end.is_type((event := await connection.answer(sending)).type):
                if AudioStart.is_type(event.type):
                    start = connection.parse(_audio_start, event)
                    if form is None:
                        form = start
                        yield form, b""
                    elif start != form:
                        # The header is out: later sentences cannot have another sample rate.
                        raise connection.server.error(SpeechProtocolError)
                elif AudioChunk.is_type(event.type) and form and event.payload:
                    yield form, event.payload
    finally:
        await connection.close()


def _audio_start(event: Event) -> AudioStart:
    """Return the form of the audio. Raises ValueError if no WAV file can have it."""
    start = AudioStart.from_event(event)
    if start.rate < 1 or start.width not in (1, 2, 3, 4) or start.channels < 1:
        raise ValueError(start)
    return AudioStart(rate=start.rate, width=start.width, channels=start.channels)


async def _only(event: Event) -> AsyncGenerator[Event]:
    yield event


async def _text_events(texts: AsyncIterable[str], start: SynthesizeStart) -> AsyncGenerator[Event]:
    yield start.event()
    async for text in texts:
        yield SynthesizeChunk(text=text).event()
    yield SynthesizeStop().event()


def _wav(form: AudioStart, pcm: bytes = b"") -> bytes:
    with io.BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(form.rate)
            writer.setsampwidth(form.width)
            writer.setnchannels(form.channels)
            writer.writeframes(pcm)
        return file.getvalue()
