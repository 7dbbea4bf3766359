"""Where in an utterance somebody speaks, followed frame by frame. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

FRAME = 0.032
"""Seconds of the frames the voice activity detector looks at: 512 samples at 16 kHz."""

_SPEECH = 0.5
"""Speech probability from which on a frame begins speech; Silero's own threshold."""
_STILL_SPEECH = 0.35
"""The same for a frame that follows speech; Silero's own hysteresis."""
_FAINT = 0.3
"""Lower than where speech begins: an unclear word is worth a try, a silent room is not."""
_SPOKEN = 4
"""Frames of speech that make an utterance: a click or a clap has fewer."""


@dataclass(slots=True)
class Pauses:
    """What the voice activity detector has told of one utterance.

    Attributes:
        heard: seconds listened to.
        speech_end: seconds from the beginning to the end of the last speech so far; None without.
        audible: from where to where there is anything that might be speech, in seconds.
        quiet_since: when speech was heard last, by the caller's clock, and how long the silence
            after it was by then.
    """

    heard: float = 0.0
    speech_end: float | None = None
    audible: tuple[float, float] | None = None
    quiet_since: tuple[float, float] = (0.0, 0.0)
    _spoken: int = field(default=0, repr=False)
    _speaking: bool = field(default=False, repr=False)

    @property
    def spoken(self) -> bool:
        """Whether there was enough speech for an utterance."""
        return self._spoken >= _SPOKEN

    @property
    def speaking(self) -> bool:
        """Whether the last frame was speech."""
        return self._speaking

    @property
    def silence(self) -> float:
        """Seconds since the last speech, or since the beginning."""
        return self.heard - (self.speech_end or 0.0)

    def hear(self, probabilities: Iterable[float], now: float) -> None:
        """Follow the next frames.

        Args:
            probabilities: of speech, a frame each.
            now: seconds of any clock that does not jump.
        """
        before = self.speech_end
        for probability in probabilities:
            begin, self.heard = self.heard, self.heard + FRAME
            if probability >= _FAINT:
                self.audible = (self.audible or (begin,))[0], self.heard
            self._speaking = probability >= (_STILL_SPEECH if self._speaking else _SPEECH)
            if self._speaking:
                self._spoken += 1
                self.speech_end = self.heard
        if self.speech_end != before:
            self.quiet_since = now, self.silence

    def in_real_time(self, now: float) -> bool:
        """Tell whether the present pause comes as it happens, or out of a file.

        Of a file nobody can say that it ends where the part that has come so far does.
        """
        since, silence = self.quiet_since
        return now - since >= (self.silence - silence) / 2
