"""Speech files: reading them as a satellite's microphone would deliver them."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from demo.driver.errors import DemoError

RATE = 16_000
SPEECH_LEVEL = 0.02
"""Share of the loudest 20 ms below which a frame counts as silence."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance.

    Attributes:
        name: of the file, without its ending.
        pcm: 16 kHz mono 16-bit little-endian samples.
        speech_end: seconds from the start to the end of the last speech.
    """

    name: str
    pcm: bytes
    speech_end: float


def read(path: Path) -> Utterance:
    """Read a WAV file of any rate, 16 bit, mono or stereo.

    Raises:
        DemoError: the file is not there, or not such a WAV file.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise DemoError(f"{path}: only 16-bit WAV files are understood.")
            channels, rate = file.getnchannels(), file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    except (OSError, EOFError, wave.Error) as err:
        raise DemoError(f"{path}: not a readable WAV file ({err}).") from err
    mono = samples.reshape(-1, channels).mean(axis=1).astype(np.float32)
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    return Utterance(path.stem, mono.astype("<i2").tobytes(), _speech_end(mono))


def _speech_end(samples: np.ndarray) -> float:
    """Return where the last speech ends, in seconds, by the energy of 20 ms frames."""
    frame = RATE // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    if not len(frames):
        return len(samples) / RATE
    energy = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(energy > energy.max() * SPEECH_LEVEL)
    return float((loud[-1] + 1) * frame / RATE) if len(loud) else len(samples) / RATE
