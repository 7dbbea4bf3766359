"""One client's speech-to-text: listen to an utterance, transcribe it at its pauses, answer.

    transcribe?  audio-start  audio-chunk*  audio-stop
        →  transcript-start  transcript-chunk*  transcript  transcript-stop

as often as the client likes; what `transcribe` asked for holds until the next one. The answer comes
when the speech has ended, before audio-stop if we are to find the end; what is sent after it is
dropped.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event

from wyoming_services.audio.pcm import PcmFormat, to_mono16
from wyoming_services.config import SttConfig
from wyoming_services.errors import BadRequestError, BusyError, ServiceError, TooLargeError
from wyoming_services.protocol import fields
from wyoming_services.protocol.session import (
    Cancel,
    Close,
    Effect,
    Effects,
    Hurry,
    Lane,
    Send,
    Start,
)
from wyoming_services.stt.endpointing import silence_needed
from wyoming_services.stt.engine import Engine, Request, Transcription
from wyoming_services.stt.partials import PartialTranscript
from wyoming_services.stt.utterance import Draft, Utterance


class SttSession:
    """The state machine of one speech-to-text connection.

    Args:
        engine: what recognises.
        config: how long an utterance may be, who finds its end, how often to guess it.
        clock: seconds that pass.
    """

    def __init__(
        self, engine: Engine, config: SttConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._config = config
        self._clock = clock
        self._asked: Request | None = None
        self._sensitivity = "default"
        self._format: PcmFormat | None = None
        self._utterance: Utterance | None = None
        self._partial = PartialTranscript()
        self._busy: set[Lane] = set()

    def receive(self, event: Event) -> Effects:
        """Take one event from the client.

        Raises:
            ServiceError: it cannot be served; the text says why.
        """
        if Transcribe.is_type(event.type):
            self._ask(event)
        elif AudioStart.is_type(event.type):
            yield from self._begin(_format(event))
        elif AudioChunk.is_type(event.type):
            yield from self._append(event)
        elif AudioStop.is_type(event.type):
            yield from self._complete()

    def item(self, item: Any) -> Effects:
        """Follow what was heard, or take what was read; of an earlier utterance neither counts."""
        utterance = self._utterance
        match item:
            case (Utterance() as heard, probabilities) if heard is utterance:
                heard.listening = False
                heard.pauses.hear(probabilities, self._clock())
            case (Draft() as draft, transcription, silence) if (
                utterance and draft is utterance.draft
            ):
                draft.transcription, draft.silence = transcription, silence
            case _:
                return
        yield from self._proceed()

    def ended(self, lane: Lane, error: Exception | None) -> Effects:
        """Go on, or tell what went wrong and close."""
        self._busy.discard(lane)
        utterance = self._utterance
        if utterance is None:
            return
        if lane is Lane.LISTEN:
            utterance.listening = False
        elif error is not None:
            utterance.draft = None
        if error is not None and (utterance.over or lane is Lane.LISTEN):
            code = error.code if isinstance(error, ServiceError) else ServiceError.code
            self._utterance = None
            yield Send(Error(text=str(error), code=code).event())
            yield Close()
            return
        yield from self._listen(utterance)
        yield from self._proceed()

    @property
    def _request(self) -> Request:
        """What the client asked for, or what we do when it asks for nothing."""
        return self._asked or self._engine.request(None, None)

    def _ask(self, event: Event) -> None:
        """Read a `transcribe` event."""
        context = fields.mapping(event.data, "context")
        self._asked = self._engine.request(
            fields.text(event.data, "name"),
            fields.text(event.data, "language"),
            names=fields.texts(event.data, "transcript_names"),
            terms=fields.texts(event.data, "transcript_terms"),
            prompt=fields.text(context, "initial_prompt"),
        )
        self._sensitivity = fields.text(event.data, "vad_sensitivity") or "default"

    def _begin(self, audio_format: PcmFormat) -> Iterator[Effect]:
        """Start listening; the model is loaded meanwhile if it is not."""
        if self._utterance is not None:
            if self._format is not None and not self._utterance.over:
                raise BadRequestError("audio-start came twice without an audio-stop between.")
            raise BusyError("Wait for the transcript before the next audio-start.")
        self._format = audio_format
        self._partial = PartialTranscript()
        ear = self._engine.ear(audio_format.rate)
        self._utterance = Utterance(audio_format.rate, ear, self._clock())
        request = self._request
        if not self._engine.loaded(request) and Lane.WORK not in self._busy:
            yield self._start(partial(self._engine.prepare, request), urgent=False)

    def _append(self, event: Event) -> Iterator[Effect]:
        """Add a chunk to the utterance, unless it is over."""
        if self._format is None:
            raise BadRequestError("audio-chunk came before audio-start.")
        chunk_format = _format(event)
        if chunk_format != self._format:
            raise BadRequestError(
                f"The audio changed from {self._format} to {chunk_format} within an utterance."
            )
        utterance = self._utterance
        if utterance is None or utterance.over:
            return
        payload = event.payload or b""
        samples = utterance.samples + len(payload) // chunk_format.frame
        if samples > self._config.max_audio_seconds * chunk_format.rate:
            longest = f"{self._config.max_audio_seconds:g}"
            raise TooLargeError(f"An utterance may last {longest} seconds.")
        utterance.add(to_mono16(payload, chunk_format))
        yield from self._listen(utterance)

    def _complete(self) -> Iterator[Effect]:
        """Learn that the client has sent everything."""
        if self._format is None:
            raise BadRequestError("audio-stop came before audio-start.")
        self._format = None
        if self._utterance is not None:
            self._utterance.complete = True
            yield from self._listen(self._utterance)
            yield from self._proceed()

    def _listen(self, utterance: Utterance) -> Iterator[Effect]:
        """Listen to what has come in, unless that is being done."""
        if Lane.LISTEN not in self._busy and not utterance.over and utterance.unheard:
            utterance.listening = True
            yield self._start(partial(_hear, utterance, utterance.take_unheard()), Lane.LISTEN)

    def _proceed(self) -> Iterator[Effect]:
        """Do what the state of the utterance asks for."""
        utterance = self._utterance
        if utterance is None:
            return
        if utterance.goes_on() and not utterance.over:
            yield from self._drop_draft(utterance)
        utterance.over = utterance.over or self._is_over(utterance)
        if utterance.over:
            yield from self._conclude(utterance)
        elif (
            utterance.draft is None
            and Lane.WORK not in self._busy
            and utterance.guesses < self._config.speculations
            and utterance.may_be_over(self._clock())
        ):
            utterance.guesses += 1
            yield self._read(utterance, urgent=False)

    def _is_over(self, utterance: Utterance) -> bool:
        """Tell whether the client, or the speech, has come to its end."""
        if utterance.complete:
            return not utterance.listening and not utterance.unheard
        if self._config.endpointing != "own":
            return False
        draft = utterance.draft
        silence = draft.silence if draft and draft.transcription else self._silence(None)
        return utterance.has_ended(self._clock(), silence)

    def _silence(self, transcription: Transcription | None) -> float:
        """Return how much silence ends an utterance that has been read so far."""
        request = self._request
        return silence_needed(
            transcription.text if transcription else None,
            transcription.confidence if transcription else None,
            language=transcription.language if transcription else request.language,
            names=request.names,
            sensitivity=self._sensitivity,
        )

    def _drop_draft(self, utterance: Utterance) -> Iterator[Effect]:
        """Let go of a draft somebody went on speaking after, and tell what of it will stay."""
        draft, utterance.draft = utterance.draft, None
        if draft and draft.transcription:
            yield from self._tell(draft.transcription, self._partial.agree)
        elif Lane.WORK in self._busy:
            self._busy.discard(Lane.WORK)
            yield Cancel()

    def _conclude(self, utterance: Utterance) -> Iterator[Effect]:
        """Answer, or see to it that there will be something to answer."""
        draft = utterance.draft
        if draft and draft.transcription:
            yield from self._answer(draft.transcription)
        elif utterance.pauses.audible is None:
            yield from self._answer(Transcription("", self._request.language))
        elif Lane.WORK in self._busy:
            yield Hurry()
        else:
            yield self._read(utterance, urgent=True)

    def _read(self, utterance: Utterance, *, urgent: bool) -> Start:
        """Have what was said so far transcribed."""
        draft = utterance.draft = Draft(utterance.pauses.speech_end)
        pcm, clear = utterance.audible(), utterance.pauses.spoken
        transcribe = partial(
            self._engine.transcribe, pcm, utterance.rate, self._request, clear=clear
        )
        return self._start(partial(_transcribe, draft, transcribe, self._silence), urgent=urgent)

    def _start(
        self, job: Callable[[], Iterator[Any]], lane: Lane = Lane.WORK, *, urgent: bool = True
    ) -> Start:
        self._busy.add(lane)
        return Start(job, lane, urgent)

    def _answer(self, transcription: Transcription) -> Iterator[Effect]:
        """Send the transcript; whatever still comes of this utterance is dropped."""
        self._utterance = None
        self._engine.stood(transcription, self._request)
        yield from self._tell(transcription, self._partial.rest)
        text, language = transcription.text, transcription.language
        yield Send(Transcript(text=text, language=language).event())
        if self._partial.told:
            yield Send(TranscriptStop().event())

    def _tell(self, transcription: Transcription, new: Callable[[str], str]) -> Iterator[Effect]:
        """Send what is new of a transcript."""
        begun = bool(self._partial.told)
        if text := new(transcription.text):
            if not begun:
                yield Send(TranscriptStart(language=transcription.language).event())
            yield Send(TranscriptChunk(text=text).event())


def _hear(utterance: Utterance, pcm: bytes) -> Iterator[tuple[Utterance, list[float]]]:
    """Listen, on a worker thread."""
    for probabilities in utterance.ear.hear(pcm):
        yield utterance, probabilities


def _transcribe(
    draft: Draft,
    transcribe: Callable[[], Iterator[Transcription | None]],
    silence: Callable[[Transcription], float],
) -> Iterator[tuple[Draft, Transcription, float] | None]:
    """Read, and judge what was read, on a worker thread."""
    for transcription in transcribe():
        yield (draft, transcription, silence(transcription)) if transcription else None


def _format(event: Event) -> PcmFormat:
    """Read the audio format every audio event carries."""
    return PcmFormat(*(fields.whole(event.data, key) for key in ("rate", "width", "channels")))
