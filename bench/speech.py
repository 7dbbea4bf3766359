"""What is said to the servers: held-out sentences of the demo house, in the demo voices."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr
from piper import PiperVoice, SynthesisConfig

from demo import grammar
from tools.speech_models.audio import coloured_noise

RATE = 16_000
LEAD = 0.25
"""Seconds of room before the first word."""
ROOM = 4.5
"""Seconds of it after the last."""

_VOICES = Path(__file__).resolve().parents[1] / "demo" / "models" / "voices"
_SPEAKERS = (("en_US-demo-low", None), ("en_US-demo_duo-low", 0), ("en_US-demo_duo-low", 1))
_SPEECH_LEVEL = 0.02
"""Share of the loudest 20 ms below which a frame is silence."""
_FADE = RATE // 200
_APART = 10_007
_PAUSES = (0.2, 0.6)

Samples = npt.NDArray[np.float32]
"""At 16 kHz, in -1 to 1, shape (samples,)."""


class Pause(NamedTuple):
    """A silence put between two words, in seconds from the start of the utterance."""

    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said in a room.

    Attributes:
        text: its words.
        samples: 16 kHz mono, from before the first word to `ROOM` seconds after the last.
        speech_end: seconds from the start to where the voice ends, by the clean signal's energy.
        pauses: in which the speaker stops to think.
    """

    text: str
    samples: Samples
    speech_end: float
    pauses: tuple[Pause, ...] = ()

    def pcm(self, trailing: float) -> bytes:
        """Return 16-bit samples, with at most so many seconds of room after the voice."""
        whole = self.samples[: round((self.speech_end + trailing) * RATE)]
        return bytes((np.clip(whole, -1, 1) * 32767).astype("<i2"))


def sentences(count: int, seed: int, *, least_words: int = 1) -> list[str]:
    """Return sentences no model was trained on, in an order the seed picks, again and again."""
    known = [text for text in grammar.english().held_out if len(text.split()) >= least_words]
    random.Random(seed).shuffle(known)
    return [known[index % len(known)] for index in range(count)]


def utterances(count: int, seed: int) -> list[Utterance]:
    """Return sentences as they are spoken."""
    texts = sentences(count, seed)
    return [_utterance(text, seed * _APART + index) for index, text in enumerate(texts)]


def paused_utterances(count: int, seed: int) -> list[Utterance]:
    """Return sentences whose speakers stop to think once or twice, between words."""
    texts = sentences(count, seed, least_words=3)
    return [
        _utterance(text, seed * _APART + index, paused=True) for index, text in enumerate(texts)
    ]


@cache
def _utterance(text: str, seed: int, *, paused: bool = False) -> Utterance:
    """Say a text somewhere, at some loudness, with some noise."""
    rng = random.Random(seed)
    lengths = [rng.uniform(*_PAUSES) for _ in range(rng.choice((1, 2)))] if paused else []
    speech, boundaries = speak(text, *rng.choice(_SPEAKERS))
    lengths = lengths[: len(boundaries)]
    places = sorted(rng.sample(boundaries, len(lengths)))
    speech = _with_pauses(speech, places, lengths) * np.float32(10 ** (rng.uniform(-14, -3) / 20))
    clean = np.pad(speech, (round(LEAD * RATE), round(ROOM * RATE)))
    # A third of the rooms are noisy (a fan, a street), the others quiet.
    decibels = rng.uniform(-55, -45) if rng.random() < 1 / 3 else rng.uniform(-80, -65)
    noise = coloured_noise(len(clean), 10 ** (decibels / 10), rng)
    return Utterance(text, clean + noise, speech_end(clean), _pauses(places, lengths))


def _pauses(places: Sequence[int], lengths: Sequence[float]) -> tuple[Pause, ...]:
    """Return where silences are, once all are put in."""
    before = accumulate(lengths, initial=0.0)
    return tuple(
        Pause(LEAD + place / RATE + earlier, length)
        for place, length, earlier in zip(places, lengths, before, strict=False)
    )


def speech_end(clean: Samples) -> float:
    """Return where a voice ends, in seconds, by the energy of 20 ms frames."""
    frame = RATE // 50
    frames = clean[: len(clean) // frame * frame].reshape(-1, frame)
    energy = np.sqrt((frames**2).mean(axis=1))
    return float((np.flatnonzero(energy > energy.max() * _SPEECH_LEVEL)[-1] + 1) * frame / RATE)


def speak(text: str, voice: str, speaker: int | None) -> tuple[Samples, list[int]]:
    """Say a text, the same way every time.

    Returns:
        Samples at 16 kHz, and the middles of the gaps between its words, in samples.
    """
    loaded = _voice(voice)
    settings = SynthesisConfig(speaker_id=speaker, noise_scale=0.0, noise_w_scale=0.0)
    (chunk,) = loaded.synthesize(text, settings, include_alignments=True)
    heard = soxr.resample(chunk.audio_float_array, chunk.sample_rate, RATE).astype(np.float32)
    alignments = chunk.phoneme_alignments or []
    ends = accumulate(alignment.num_samples for alignment in alignments)
    boundaries = [
        round((end - alignment.num_samples / 2) * RATE / chunk.sample_rate)
        for alignment, end in zip(alignments, ends, strict=True)
        if alignment.phoneme == " "
    ]
    return heard, boundaries


@cache
def _voice(name: str) -> PiperVoice:
    return PiperVoice.load(_VOICES / f"{name}.onnx", include_alignments=True)


def _with_pauses(speech: Samples, places: Sequence[int], lengths: Sequence[float]) -> Samples:
    """Put silences into speech, faded so that nothing clicks."""
    parts = []
    for part in np.split(speech, places):
        faded = part.copy()
        ramp = np.linspace(0, 1, min(_FADE, len(part) // 2), dtype=np.float32)
        faded[: len(ramp)] *= ramp
        faded[len(faded) - len(ramp) :] *= ramp[::-1]
        parts += [faded]
    joined = [parts[0]]
    for length, part in zip(lengths, parts[1:], strict=True):
        joined += [np.zeros(round(length * RATE), np.float32), part]
    return np.concatenate(joined) if lengths else speech
