"""One client's speech-to-text: collect an utterance, have it transcribed, answer.

    transcribe?  audio-start  audio-chunk*  audio-stop   →   transcript

as often as the client likes; what `transcribe` asked for holds until the next one.
"""

from functools import partial
from typing import Any

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event

from wyoming_services.audio.pcm import SAMPLE_WIDTH, PcmFormat, to_mono16
from wyoming_services.errors import BadRequestError, BusyError, ServiceError, TooLargeError
from wyoming_services.protocol import fields
from wyoming_services.protocol.session import Close, Effects, Send, Start
from wyoming_services.stt.engine import Engine, Request, Transcription

_SHORTEST = 0.1
"""Seconds; less than this holds no word, and no model is asked."""


class SttSession:
    """The state machine of one speech-to-text connection."""

    def __init__(self, engine: Engine, max_seconds: float) -> None:
        self._engine = engine
        self._max_seconds = max_seconds
        self._request: Request | None = None
        self._format: PcmFormat | None = None
        self._pcm = bytearray()
        self._working = False

    def receive(self, event: Event) -> Effects:
        """Take one event from the client.

        Raises:
            ServiceError: it cannot be served; the text says why.
        """
        if Transcribe.is_type(event.type):
            self._request = self._requested(event)
        elif AudioStart.is_type(event.type):
            self._begin(_format(event))
        elif AudioChunk.is_type(event.type):
            self._append(event)
        elif AudioStop.is_type(event.type):
            return self._finish()
        return ()

    def item(self, item: Any) -> Effects:
        """Answer with the transcription."""
        transcription: Transcription = item
        return (_transcript(transcription.text, transcription.language),)

    def ended(self, error: Exception | None) -> Effects:
        """Be ready for the next utterance, or tell what went wrong and close."""
        self._working = False
        if error is None:
            return ()
        code = error.code if isinstance(error, ServiceError) else ServiceError.code
        return (Send(Error(text=str(error), code=code).event()), Close())

    def _requested(self, event: Event) -> Request:
        """Read a `transcribe` event."""
        context = fields.mapping(event.data, "context")
        return self._engine.request(
            fields.text(event.data, "name"),
            fields.text(event.data, "language"),
            names=fields.texts(event.data, "transcript_names"),
            terms=fields.texts(event.data, "transcript_terms"),
            prompt=fields.text(context, "initial_prompt"),
        )

    def _begin(self, audio_format: PcmFormat) -> None:
        """Start collecting an utterance."""
        if self._format is not None:
            raise BadRequestError("audio-start came twice without an audio-stop between.")
        if self._working:
            raise BusyError("Wait for the transcript before the next audio-start.")
        self._format = audio_format

    def _append(self, event: Event) -> None:
        """Add a chunk to the utterance."""
        if self._format is None:
            raise BadRequestError("audio-chunk came before audio-start.")
        chunk_format = _format(event)
        if chunk_format != self._format:
            raise BadRequestError(
                f"The audio changed from {self._format} to {chunk_format} within an utterance."
            )
        payload = event.payload or b""
        frames = len(self._pcm) // SAMPLE_WIDTH + len(payload) // chunk_format.frame
        if frames > self._max_seconds * chunk_format.rate:
            raise TooLargeError(f"An utterance may last {self._max_seconds:g} seconds.")
        self._pcm += to_mono16(payload, chunk_format)

    def _finish(self) -> Effects:
        """Have the utterance transcribed."""
        if self._format is None:
            raise BadRequestError("audio-stop came before audio-start.")
        pcm, rate = bytes(self._pcm), self._format.rate
        self._pcm.clear()
        self._format = None
        request = self._request or self._engine.request(None, None)
        if len(pcm) < _SHORTEST * rate * SAMPLE_WIDTH:
            return (_transcript("", request.language),)
        self._working = True
        return (Start(partial(self._engine.transcribe, pcm, rate, request)),)


def _format(event: Event) -> PcmFormat:
    """Read the audio format every audio event carries."""
    return PcmFormat(*(fields.whole(event.data, key) for key in ("rate", "width", "channels")))


def _transcript(text: str, language: str | None) -> Send:
    """Make the answer."""
    return Send(Transcript(text=text, language=language).event())
