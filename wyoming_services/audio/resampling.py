"""From the rate a client speaks to the one Whisper listens at."""

import numpy as np
import numpy.typing as npt
import soxr

from wyoming_services.audio.pcm import WHISPER_RATE

Samples = npt.NDArray[np.float32]
"""One channel at `WHISPER_RATE`, from -1 to 1."""


def to_whisper(pcm: bytes | bytearray, rate: int) -> Samples:
    """Convert 16-bit mono PCM at `rate` hertz."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    if rate == WHISPER_RATE:
        return samples
    resampled: Samples = np.asarray(soxr.resample(samples, rate, WHISPER_RATE), np.float32)
    return resampled
