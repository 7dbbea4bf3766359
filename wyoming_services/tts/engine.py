"""What the text-to-speech session asks of a synthesiser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Speech:
    """How a text is to be spoken, every choice made.

    Attributes:
        voice: name of the voice.
        rate: samples per second of its audio.
        speaker: id of the speaker in a multi-speaker voice, else None.
        length_scale: duration of each sound; below 1 is faster. None leaves it to the voice.
        noise_scale: how much the voice varies. None leaves it to the voice.
        noise_w_scale: how much the durations vary. None leaves it to the voice.
        volume: factor on the samples.
        sentence_silence: seconds between two sentences.
        language: tag of the voice's language (`en_US`).
    """

    voice: str
    rate: int
    speaker: int | None = None
    length_scale: float | None = None
    noise_scale: float | None = None
    noise_w_scale: float | None = None
    volume: float = 1.0
    sentence_silence: float = 0.0
    language: str = ""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """What a client asked for; everything may be left open.

    Attributes:
        name: of a voice, or `voice#speaker`.
        speaker: name or number.
        language: tag (`en`, `en-GB`); only looked at when no name is given.
        settings: `length_scale` and the other numbers of `Speech`.
    """

    name: str | None = None
    speaker: str | None = None
    language: str | None = None
    settings: Mapping[str, Any] | None = None


class Engine(Protocol):
    """Speaks with one of several voices."""

    def choose(self, choice: VoiceChoice) -> Speech:
        """Settle every choice; cheap, never loads anything.

        Raises:
            NotFoundError: no such voice, speaker or language here.
            BadRequestError: a setting is out of bounds.
        """

    def sounds_early(self, speech: Speech, /) -> bool:
        """Whether a sentence sounds before all of it is rendered; cheap."""

    def speak(self, text: str, speech: Speech) -> Iterator[bytes]:
        """Yield the speech as 16-bit mono PCM, piece by piece; blocks, on a worker thread.

        Raises:
            EngineError: the voice cannot be loaded or failed.
        """
