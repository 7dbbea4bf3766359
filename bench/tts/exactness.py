"""How far speech that was rendered in windows is from the same speech rendered at once."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from piper import PiperVoice, SynthesisConfig

from wyoming_services.tts.loudness import Samples, to_pcm

NO_NOISE = {"noise_scale": 0.0, "noise_w_scale": 0.0}
"""Settings of a request with which a voice says a text in the same way every time."""

_FULL_SCALE = 32767
_STRAIGHT = 0.7
"""Share of full scale up to which no limiter bends a sample."""


def one_shot(voice: Path, texts: list[str]) -> list[Samples]:
    """Render texts with Piper's library, without noise; samples as the voice gives them."""
    loaded = PiperVoice.load(voice)
    settings = SynthesisConfig(**NO_NOISE, normalize_audio=False)
    return [
        np.concatenate([chunk.audio_float_array for chunk in loaded.synthesize(text, settings)])
        for text in texts
    ]


def max_step_difference(pcm: bytes, samples: Samples) -> int:
    """Return by how many 16-bit steps speech differs at most from a rendering of the same text.

    Args:
        pcm: what a server sent: the rendering times a gain, through the limiter.
        samples: the rendering, -1 to 1.

    Returns:
        65535 for speech of another length.
    """
    sent = np.frombuffer(pcm, "<i2")
    if len(sent) != len(samples):
        return 2 * _FULL_SCALE + 1
    expected = np.frombuffer(to_pcm(samples, _gain(sent, samples)), "<i2")
    return int(np.abs(sent.astype(np.int32) - expected).max(initial=0))


def _gain(sent: npt.NDArray[np.int16], samples: Samples) -> float:
    """Return the gain a server has for a voice, by least squares over what is not too loud."""
    straight = np.abs(sent) < _STRAIGHT * _FULL_SCALE
    rendered = samples[straight].astype(np.float64)
    return float(sent[straight] @ rendered / (rendered @ rendered) / _FULL_SCALE)
