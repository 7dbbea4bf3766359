"""One utterance as it comes in: its audio, its pauses, and the reading of what was said so far.

Times are in seconds of audio from the beginning. A draft is read at a pause, and stands as long as
nobody speaks after it: at the end of the utterance it is there already.
"""

from dataclasses import dataclass, field

from wyoming_services.audio.pcm import SAMPLE_WIDTH
from wyoming_services.stt.engine import Ear, Transcription
from wyoming_services.stt.pauses import FRAME, Pauses

SPECULATE = 0.15
"""Seconds of silence after which what was said is read, in case that was all."""
LONGEST_SPEECH = 28.0
"""Seconds after the first speech at which we end an utterance: that is no command any more, and it
still fits, with the silence around it, into the 30 s Whisper hears at once."""
LONGEST_WAIT = 8.0
"""Seconds without any speech after which nobody is going to say anything."""

_BLOCK = 3
"""Frames listened to at once while somebody speaks: less work than one by one."""
_AROUND = 0.4
"""Seconds of silence left on both sides of what is read; faster-whisper's own."""


@dataclass(slots=True)
class Draft:
    """A reading of what had been said at a pause.

    Attributes:
        speech_end: when the speech before the pause ended.
        transcription: what was said, once it is there.
        silence: seconds of silence that make it the whole utterance, once it is there.
    """

    speech_end: float | None
    transcription: Transcription | None = None
    silence: float = 0.0


@dataclass(slots=True)
class Utterance:
    """An utterance being listened to.

    Attributes:
        rate: of its audio, in hertz.
        ear: what tells speech from silence in it.
        began: when it began, by the session's clock.
        complete: the client has sent all of it.
        over: nothing that still comes belongs to it.
        listening: some of it is being listened to.
        draft: the reading that is made, or being made, of it.
        guesses: readings begun before it was over.
        pauses: what has been heard.
    """

    rate: int
    ear: Ear
    began: float
    complete: bool = False
    over: bool = False
    listening: bool = False
    draft: Draft | None = None
    guesses: int = 0
    pauses: Pauses = field(default_factory=Pauses)
    _pcm: bytearray = field(default_factory=bytearray)
    _listened: int = 0

    @property
    def samples(self) -> int:
        """How many have come in."""
        return len(self._pcm) // SAMPLE_WIDTH

    def add(self, pcm: bytes) -> None:
        """Take more 16-bit mono audio."""
        self._pcm += pcm

    @property
    def unheard(self) -> int:
        """How many bytes there are to listen to, whole frames; none as long as it is too few."""
        frame = SAMPLE_WIDTH * round(FRAME * self.rate)
        frames = (len(self._pcm) - self._listened) // frame
        return (
            frames * frame
            if frames >= (_BLOCK if self.pauses.speaking and not self.complete else 1)
            else 0
        )

    def take_unheard(self) -> bytes:
        """Return what there is to listen to."""
        begin, self._listened = self._listened, self._listened + self.unheard
        return bytes(self._pcm[begin : self._listened])

    def audible(self) -> bytes:
        """Return the audio from the first to the last that may be speech."""
        if self.pauses.audible is None:
            return b""
        begin, end = self.pauses.audible
        return bytes(self._pcm[self._offset(begin - _AROUND) : self._offset(end + _AROUND)])

    def goes_on(self) -> bool:
        """Tell whether somebody has spoken since the draft was begun."""
        return self.draft is not None and self.draft.speech_end != self.pauses.speech_end

    def may_be_over(self, now: float) -> bool:
        """Tell whether a pause has begun that may be the end."""
        pauses = self.pauses
        return pauses.spoken and pauses.silence >= SPECULATE and pauses.in_real_time(now)

    def has_ended(self, now: float, silence: float) -> bool:
        """Tell whether the speech has ended, given how many seconds of silence end it."""
        pauses = self.pauses
        if pauses.spoken and pauses.silence >= silence and pauses.in_real_time(now):
            return True
        begin = pauses.audible[0] if pauses.spoken and pauses.audible else None
        too_long = LONGEST_WAIT if begin is None else begin + LONGEST_SPEECH
        return pauses.heard >= too_long and now - self.began >= pauses.heard / 2

    def _offset(self, seconds: float) -> int:
        """Return where in the PCM a moment is."""
        return SAMPLE_WIDTH * max(0, round(seconds * self.rate))
