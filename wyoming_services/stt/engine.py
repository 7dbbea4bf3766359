"""What the speech-to-text session asks of a recogniser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """How an utterance is to be transcribed, every choice made.

    Attributes:
        model: name of the model.
        language: code of the language spoken, or None to detect it.
        names: words to expect, the most important first (rooms, devices, people).
        terms: more words to expect, after the names.
        prompt: text that came before, or None.
    """

    model: str
    language: str | None = None
    names: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said.

    Attributes:
        text: empty when nothing was.
        language: code of the language asked for or detected, if either.
    """

    text: str
    language: str | None


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

    def transcribe(self, pcm: bytes, rate: int, request: Request) -> Iterator[Transcription]:
        """Yield the transcription of 16-bit mono PCM; blocks, on a worker thread.

        Raises:
            EngineError: the model failed.
        """
