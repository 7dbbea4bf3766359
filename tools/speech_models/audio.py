"""Sound as the speech-to-text model gets it: 16 kHz mono, and the log-mel spectrum of it."""

import random
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor

SAMPLE_RATE = 16_000
MEL_BANDS = 80
FRAMES_PER_SECOND = 100

Audio = npt.NDArray[np.float32]
"""Samples in -1 to 1, shape (samples,)."""
Mel = npt.NDArray[np.floating]
"""Log-mel spectrum, shape (frames, 80)."""

_SPEECH_LEVEL = 0.004
_MARGIN = SAMPLE_RATE // 40


@dataclass(frozen=True, slots=True)
class Take:
    """A recorded utterance, and where in it the speech is, in seconds."""

    audio: Audio
    start: float
    end: float


@cache
def _extractor() -> FeatureExtractor:
    return FeatureExtractor()


def log_mel(audio: Audio) -> Mel:
    """Return the spectrum that faster-whisper hands its encoder, before it pads it to 30 s."""
    mel: Mel = _extractor()(audio)[:, :-1].T
    return mel


def record(speech: Audio, rng: random.Random, *, noisy: bool = True) -> Take:
    """Record speech as in a room: silence around it, some level, mostly some noise.

    Args:
        speech: 16 kHz, trimmed here.
        rng: decides level, silence and noise.
        noisy: whether there may be noise at all.
    """
    speech = _trim(speech)
    lead = int(SAMPLE_RATE * rng.uniform(0.0, 0.6))
    trail = int(SAMPLE_RATE * rng.uniform(0.0, 0.8))
    gain = 10 ** (rng.uniform(-24, -0.5) / 20) / (np.abs(speech).max() + 1e-6)
    speech = speech * np.float32(gain)
    audio = np.pad(speech, (lead, trail))
    if noisy and rng.random() < 0.75:
        power = float(np.mean(speech**2)) / 10 ** (rng.uniform(12, 50) / 10)
        audio = audio + coloured_noise(len(audio), power, rng)
    return Take(
        np.clip(audio, -1, 1).astype(np.float32),
        lead / SAMPLE_RATE,
        (lead + len(speech)) / SAMPLE_RATE,
    )


def no_speech(rng: random.Random) -> Take:
    """Record half a second to four seconds in which nobody speaks."""
    count = int(SAMPLE_RATE * rng.uniform(0.5, 4))
    if rng.random() < 0.3:
        return Take(np.zeros(count, np.float32), 0.0, 0.0)
    noise = coloured_noise(count, 10 ** rng.uniform(-10, -2), rng)
    return Take(np.clip(noise, -1, 1), 0.0, 0.0)


def coloured_noise(count: int, power: float, rng: random.Random) -> Audio:
    """Return noise of a mean power, white or with fewer highs."""
    white = np.random.default_rng(rng.getrandbits(32)).standard_normal(count + 8)
    width = rng.choice((1, 1, 2, 4, 8))
    noise = np.convolve(white, np.ones(width) / width, "same")[:count]
    gain = np.sqrt(power / (np.mean(noise**2) + 1e-12))
    return np.asarray(noise * gain, np.float32)


def _trim(speech: Audio) -> Audio:
    """Cut the silence around speech, leaving 25 ms."""
    loud = np.flatnonzero(np.abs(speech) > _SPEECH_LEVEL)
    return speech[max(0, loud[0] - _MARGIN) : loud[-1] + _MARGIN] if len(loud) else speech
