"""How speech is compared with a rendering at once."""

import numpy as np

from bench.tts.exactness import max_step_difference
from wyoming_services.tts.loudness import Samples, to_pcm

GAIN = 1.7


def _speech() -> Samples:
    """Something as loud as makes the limiter work, at the gain."""
    noise = np.random.default_rng(1).normal(0, 0.15, 20_000)
    return np.clip(noise, -0.7, 0.7).astype(np.float32)


def test_the_same_speech_differs_by_rounding_only_whatever_the_gain():
    """The gain is found from the samples, those the limiter bends left out."""
    for gain in (0.5, GAIN):
        assert max_step_difference(to_pcm(_speech(), gain), _speech()) <= 1
    otherwise = _speech() + np.float32(1e-6)
    assert max_step_difference(to_pcm(otherwise, GAIN), _speech()) <= 1


def test_a_sample_that_is_off_is_found():
    """One of many, where two windows meet."""
    speech = _speech()
    speech[1000] = 0.1
    off = speech.copy()
    off[1000] += 0.001
    steps = round(0.001 * GAIN * 32767)
    assert abs(max_step_difference(to_pcm(off, GAIN), speech) - steps) <= 1


def test_speech_of_another_length_is_not_the_same():
    """However its samples are."""
    assert max_step_difference(to_pcm(_speech()[:-1], GAIN), _speech()) == 65535
