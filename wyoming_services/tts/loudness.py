"""How loud a voice is: one gain for all it says, and no sample out of bounds. Pure."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_USUAL_PEAK = 0.9
"""What the loudest sample of the sentence a voice is measured by becomes, 1 being full scale."""
_KNEE = 0.8
"""Up to here a sample is left as it is."""
_FULL_SCALE = 32767
_SILENCE = 1e-6


def gain(samples: Samples) -> float:
    """Return the factor that brings speech in -1..1 to the usual level."""
    peak = float(np.abs(samples).max(initial=0.0))
    return _USUAL_PEAK / peak if peak > _SILENCE else 1.0


def to_pcm(samples: Samples, factor: float, volume: float = 1.0) -> bytes:
    """Scale speech and write it as 16-bit PCM; what would be too loud is bent, not cut off.

    Each sample is treated by itself, so it does not matter how the speech is cut in pieces.

    Args:
        samples: in -1..1, shape (samples,).
        factor: the voice's gain.
        volume: what was asked for; below 1 everything becomes as much quieter.
    """
    scaled = samples * np.float32(factor * max(volume, 1.0))
    over = np.abs(scaled) - _KNEE
    (loud,) = np.nonzero(over > 0)
    if loud.size:
        room = 1 - _KNEE
        bent = _KNEE + room * np.tanh(over[loud] / room)
        scaled[loud] = np.copysign(bent, scaled[loud])
    return bytes(np.rint(scaled * (_FULL_SCALE * min(volume, 1.0))).astype("<i2").data)
