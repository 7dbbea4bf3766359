"""Speech is brought to one level and never leaves its bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wyoming_services.tts.loudness import gain, to_pcm

SAMPLES = arrays.arrays(np.float32, st.integers(0, 60), elements=st.floats(-4, 4, width=32))


def pcm(values: list[float], factor: float = 1.0) -> list[int]:
    """Return the 16-bit samples of some speech."""
    return np.frombuffer(to_pcm(np.array(values, np.float32), factor), "<i2").tolist()


def test_the_loudest_sample_comes_to_the_usual_peak() -> None:
    """However loud the voice is made."""
    for peak in (0.01, 0.3, 1.0):
        factor = gain(np.array([0.0, -peak, peak / 2], np.float32))
        assert abs(factor * peak - 0.9) < 1e-6


def test_silence_is_left_alone() -> None:
    """Nothing can be said of how loud it would be."""
    assert gain(np.zeros(9, np.float32)) == 1.0
    assert gain(np.zeros(0, np.float32)) == 1.0


def test_what_is_not_loud_is_only_scaled() -> None:
    """To the nearest step."""
    assert pcm([0.0, 0.25, -0.5], 1.5) == [0, 12288, -24575]


def test_what_is_too_loud_is_bent_in_order() -> None:
    """Louder stays louder, and nothing wraps round."""
    bent = pcm([0.8, 0.9, 1.0, 1.5, -1.5, 100.0])
    assert bent == [*sorted(bent[:4]), -bent[3], 32767]
    assert bent[2] < 32767


def test_a_volume_below_one_makes_all_quieter_alike() -> None:
    """What is bent stays bent; above one, more is."""
    speech = np.array([0.5, 0.95], np.float32)
    usual, half, loud = (
        np.frombuffer(to_pcm(speech, 1.0, volume), "<i2").tolist() for volume in (1.0, 0.5, 1.5)
    )
    assert half == [round(each / 2) for each in usual]
    assert loud[0] == round(0.75 * 32767)
    assert usual[1] < loud[1] < 32767


@given(SAMPLES, st.integers(0, 60), st.floats(0, 3))
def test_speech_may_be_cut_anywhere(samples: np.ndarray, cut: int, factor: float) -> None:
    """A sample does not depend on its neighbours."""
    pieces = to_pcm(samples[:cut], factor) + to_pcm(samples[cut:], factor)
    assert pieces == to_pcm(samples, factor)
