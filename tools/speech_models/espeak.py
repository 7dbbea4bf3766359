"""Speech of the espeak-ng program, the only one who ever spoke to the demo models."""

import subprocess
from itertools import product

import numpy as np
import soxr

from tools.speech_models.audio import SAMPLE_RATE, Audio

WAV_HEADER_BYTES = 44

_BASES = (
    *("en-us", "en-us", "en-us", "en-us", "en-us", "en-gb", "en-gb", "en-gb", "en-gb"),
    *("en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"),
)
_VARIANTS = ("", "", "+m1", "+m2", "+m3", "+m4", "+m6", "+m7", "+f1", "+f2", "+f4", "+f5")

ENGLISH_VOICES = tuple(base + variant for base, variant in product(_BASES, _VARIANTS))
"""Voices the speech-to-text model is trained on; one named twice is drawn twice as often.

espeak-ng 1.51 ignores the variants of "en-gb", so British is trained on in one voice. Under its
other name, "en", they count.
"""
GERMAN_VOICES = tuple("de" + variant for variant in _VARIANTS)
HELD_OUT_VOICES = ("en-us+m5", "en+f3", "en-us+f3", "en+m5")
GERMAN_HELD_OUT_VOICES = ("de+m5", "de+f3")


class EspeakError(RuntimeError):
    """espeak-ng is not installed, or has no such voice."""


def speak(
    text: str,
    voice: str,
    *,
    words_per_minute: int = 165,
    pitch: int = 50,
    word_gap: int = 0,
) -> Audio:
    """Return what espeak-ng says, 16 kHz.

    Args:
        text: what to say.
        voice: an espeak-ng voice with an optional variant, as "en-us+m5". The program takes its
            default for one it does not know, and does not say so.
        words_per_minute: speed.
        pitch: 0 to 99.
        word_gap: pause between words, in 10 ms.

    Raises:
        EspeakError: espeak-ng is not installed.
    """
    options = ["-v", voice, "-s", str(words_per_minute), "-p", str(pitch), "-g", str(word_gap)]
    try:
        program = subprocess.run(
            ["espeak-ng", *options, "--stdout", "--", text], capture_output=True, check=True
        )
    except FileNotFoundError:
        raise EspeakError(
            "The program espeak-ng is not installed. On Debian: apt-get install espeak-ng."
        ) from None
    # The sizes in the header are made up (the program cannot know them), its rate is true.
    rate = int.from_bytes(program.stdout[24:28], "little")
    samples = np.frombuffer(program.stdout[WAV_HEADER_BYTES:], "<i2").astype(np.float32) / 32768
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)
