"""The shapes of the voices the benches measure with; making them needs torch, which is not here."""

from math import prod

import pytest
from piper.config import PhonemeType, PiperConfig

from tools.make_true_size_voices import configuration
from tools.true_size_voices.shapes import HOP, RATE, SYMBOLS, TRUE_SHAPES, voice_name


@pytest.mark.parametrize("size", TRUE_SHAPES)
def test_a_frame_has_as_many_samples_as_the_vocoder_makes(size: str):
    """And every stage of it has a kernel, every kernel its dilations."""
    shape = TRUE_SHAPES[size]
    assert prod(shape.upsample_rates) == HOP
    assert len(shape.upsample_kernel_sizes) == len(shape.upsample_rates)
    assert len(shape.resblock_dilation_sizes) == len(shape.resblock_kernel_sizes)


@pytest.mark.parametrize("size", TRUE_SHAPES)
def test_piper_reads_the_configuration(size: str):
    """As that of a voice of its own, with ids the network knows."""
    config = PiperConfig.from_dict(configuration(size))
    assert config.sample_rate == RATE
    assert config.phoneme_type is PhonemeType.ESPEAK
    assert config.hop_length == HOP
    assert max(max(ids) for ids in config.phoneme_id_map.values()) < SYMBOLS
    assert voice_name(size).endswith(f"-{size}")
