"""One client's text-to-speech: take text, whole or as it is written, and send it spoken.

    synthesize                                             →  audio-start audio-chunk* audio-stop
    synthesize-start synthesize-chunk* synthesize-stop     →  the same, then synthesize-stopped

Every request is answered with one audio-start and one audio-stop, also when nothing of it can be
said; a streaming client is told synthesize-stopped last of all, also after an error.
"""

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
)

from wyoming_services.audio.pcm import SAMPLE_WIDTH, silence
from wyoming_services.errors import BadRequestError, BusyError, ServiceError, TooLargeError
from wyoming_services.protocol import fields
from wyoming_services.protocol.session import (
    Cancel,
    Close,
    Effect,
    Effects,
    Lane,
    Later,
    Send,
    Start,
)
from wyoming_services.tts.engine import Engine, Speech, VoiceChoice
from wyoming_services.tts.sentences import SentenceStream
from wyoming_services.tts.text import SpeechText

_CHUNK = 2048 * SAMPLE_WIDTH
"""Bytes of an audio-chunk: about a tenth of a second."""
_PIECE = 32 * _CHUNK
"""Bytes of an item: some seconds of audio."""
_PAUSE = 0.25
"""Seconds without text after which what looks like the end of a sentence is taken for one."""


class _Request:
    """A text being spoken.

    Attributes:
        speech: how it is spoken.
        streaming: it began with synthesize-start.
        written: all of its text is here.
        length: characters so far.
        sounding: audio-start was sent.
        sentences: what cuts it in pieces.
        waiting: pieces not spoken yet.
    """

    def __init__(self, speech: Speech, *, streaming: bool, cut_clauses: bool) -> None:
        self.speech = speech
        self.streaming = streaming
        self.written = False
        self.length = 0
        self.sounding = False
        self.sentences = SentenceStream(speech.language, first_clause=cut_clauses)
        self.waiting: deque[str] = deque()
        self._cleaner = SpeechText(speech.language)
        self._spoken = False

    def speak(self, engine: Engine) -> Iterator[bytes]:
        """Speak what waits, and what comes to wait meanwhile; on a worker thread."""
        while self.waiting:
            text = self._cleaner.clean(self.waiting.popleft())
            if not text:
                continue
            if self._spoken and self.speech.sentence_silence:
                yield silence(self.speech.sentence_silence, self.speech.rate)
            for pcm in engine.speak(text, self.speech):
                for start in range(0, len(pcm), _PIECE):
                    yield pcm[start : start + _PIECE]
            self._spoken = True


class TtsSession:
    """The state machine of one text-to-speech connection."""

    def __init__(self, engine: Engine, max_text_length: int) -> None:
        self._engine = engine
        self._max_text_length = max_text_length
        self._request: _Request | None = None
        self._streaming = False
        self._working = False

    def receive(self, event: Event) -> Effects:
        """Take one event from the client; what cannot be served ends the connection in order."""
        try:
            yield from self._receive(event)
        except ServiceError as error:
            yield from self._fail(error)

    def item(self, item: Any) -> Effects:
        """Send a piece of 16-bit PCM."""
        if (request := self._request) is None:
            return
        yield from self._sound(request)
        pcm: bytes = item
        for start in range(0, len(pcm), _CHUNK):
            piece = pcm[start : start + _CHUNK]
            chunk = AudioChunk(
                rate=request.speech.rate, width=SAMPLE_WIDTH, channels=1, audio=piece
            )
            yield Send(chunk.event())

    def ended(self, _lane: Lane, error: Exception | None) -> Effects:
        """Speak on, finish the request, or tell what went wrong and close."""
        self._working = False
        if error is not None:
            yield from self._fail(error)
        else:
            yield from self._proceed()

    def _receive(self, event: Event) -> Iterator[Effect]:
        """Take one event from the client.

        Raises:
            ServiceError: it cannot be served; the text says why.
        """
        streaming = self._request is not None and self._request.streaming
        if Synthesize.is_type(event.type):
            # Home Assistant repeats the whole text inside a streaming request, for older servers.
            if not streaming:
                self._begin(event, streaming=False)
                yield from self._write(event, written=True)
        elif SynthesizeStart.is_type(event.type):
            self._begin(event, streaming=True)
        elif SynthesizeChunk.is_type(event.type):
            yield from self._write(event)
        elif SynthesizeStop.is_type(event.type):
            yield from self._write(event, written=True)

    def _begin(self, event: Event, *, streaming: bool) -> None:
        """Start a request."""
        self._streaming = self._streaming or streaming
        if self._request is not None:
            raise BusyError(f"Wait for the end of the speech before the next {event.type}.")
        text_format = fields.text(event.data, "text_format") or "text"
        if text_format != "text":
            raise BadRequestError(
                f"Text format {fields.shown(text_format)} is not supported: text is."
            )
        voice = fields.mapping(event.data, "voice")
        choice = VoiceChoice(
            name=fields.text(voice, "name"),
            speaker=fields.text(voice, "speaker"),
            language=fields.text(voice, "language"),
            settings=fields.mapping(event.data, "context"),
        )
        speech = self._engine.choose(choice)
        cut_clauses = not self._engine.sounds_early(speech)
        self._request = _Request(speech, streaming=streaming, cut_clauses=cut_clauses)

    def _write(self, event: Event, *, written: bool = False) -> Iterator[Effect]:
        """Take more text, or learn that this was all."""
        request = self._request
        if request is None or request.written:
            raise BadRequestError(f"{event.type} came without a synthesize-start before it.")
        text = "" if SynthesizeStop.is_type(event.type) else fields.text(event.data, "text")
        if text is None:
            raise BadRequestError(f"{event.type} has no text.")
        request.length += len(text)
        if request.length > self._max_text_length:
            raise TooLargeError(f"A text may have {self._max_text_length} characters.")
        request.waiting.extend(request.sentences.add(text))
        if written:
            request.written = True
            request.waiting.extend(request.sentences.finish())
        elif request.sentences.resting:
            yield Later(_PAUSE, partial(self._pause, request))
        yield from self._proceed()

    def _pause(self, request: _Request) -> Effects:
        """Speak a sentence that nothing has followed for a while."""
        request.waiting.extend(request.sentences.pause())
        yield from self._proceed()

    def _proceed(self) -> Iterator[Effect]:
        """Speak what waits, unless that is being done; finish after the last."""
        request = self._request
        if request is None or self._working:
            return
        if request.waiting:
            self._working = True
            yield Start(partial(request.speak, self._engine))
        elif request.written:
            yield from self._sound(request)
            yield from self._close_request()

    @staticmethod
    def _sound(request: _Request) -> Iterator[Effect]:
        """Announce the audio, once."""
        if not request.sounding:
            request.sounding = True
            start = AudioStart(rate=request.speech.rate, width=SAMPLE_WIDTH, channels=1)
            yield Send(start.event())

    def _close_request(self) -> Iterator[Effect]:
        """Send what ends a request; the connection is then ready for another."""
        request, self._request = self._request, None
        if request is not None and request.sounding:
            yield Send(AudioStop().event())
        if self._streaming:
            self._streaming = False
            yield Send(SynthesizeStopped().event())

    def _fail(self, error: Exception) -> Iterator[Effect]:
        """Tell what went wrong, end the request in order, close."""
        code = error.code if isinstance(error, ServiceError) else ServiceError.code
        yield Send(Error(text=str(error), code=code).event())
        if self._working:
            self._working = False
            yield Cancel()
        yield from self._close_request()
        yield Close()
