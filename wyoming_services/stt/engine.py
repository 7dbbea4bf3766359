"""What the speech-to-text session asks of a recogniser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """How an utterance is to be transcribed, every choice made.

    Attributes:
        model: name of the model.
        languages: codes of the languages it may be in; one alone is not detected, none is all.
        names: words to expect, the most important first (rooms, devices, people).
        terms: more words to expect, after the names.
        prompt: text that came before, or None.
    """

    model: str
    languages: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    prompt: str | None = None

    @property
    def language(self) -> str | None:
        """The language, where there is no choice."""
        return self.languages[0] if len(self.languages) == 1 else None


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said.

    Attributes:
        text: empty when nothing was.
        language: code of the language asked for or detected, if either.
        confidence: that the text ends where it does: the share of the model's earlier endings,
            from 0 to 1, that were no more probable than this.
        ending: probability of the ending.
    """

    text: str
    language: str | None
    confidence: float = 0.0
    ending: float = 0.0


class Ear(Protocol):
    """Tells speech from silence in one utterance."""

    def hear(self, pcm: bytes) -> Iterator[list[float]]:
        """Yield the speech probability of each frame of `pauses.FRAME` that this audio completes.

        Takes the 16-bit mono PCM that follows what it heard before; blocks, on a worker thread.
        """


class Engine(Protocol):
    """Recognises utterances with one of several models."""

    def request(
        self,
        model: str | None,
        language: str | None,
        *,
        names: tuple[str, ...] = (),
        terms: tuple[str, ...] = (),
        prompt: str | None = None,
    ) -> Request:
        """Choose model and language; cheap, never loads anything.

        Raises:
            NotFoundError: no such model here, or it does not speak the language.
            BadRequestError: there is no such language.
        """

    def ear(self, rate: int) -> Ear:
        """Begin to listen to an utterance of so many samples a second."""

    def loaded(self, request: Request) -> bool:
        """Tell whether a request's model is in memory."""

    def prepare(self, request: Request) -> Iterator[None]:
        """Load a request's model; blocks, on a worker thread.

        Raises:
            ServiceError: it cannot be had.
        """

    def transcribe(
        self, pcm: bytes, rate: int, request: Request, *, clear: bool
    ) -> Iterator[Transcription | None]:
        """Yield the transcription of 16-bit mono PCM; blocks, on a worker thread.

        Before it None is yielded wherever more urgent work may come between.

        Args:
            pcm: what may be speech, with little silence around it.
            rate: of the audio, in hertz.
            request: how to transcribe it.
            clear: whether it is speech without a doubt.

        Raises:
            EngineError: the model failed.
        """

    def stood(self, transcription: Transcription, request: Request) -> None:
        """Learn that a transcription was the whole utterance."""
