"""The numbers that make a Piper voice's size; no torch, so that everybody may read them.

They are those of `piper.train`'s qualities: "medium" is its default, "high" renders the same
spectra with a vocoder of about five times the cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

RATE = 22_050
"""Samples per second."""
HOP = 256
"""Samples of a frame: the product of the upsampling rates."""
SYMBOLS = 256
"""Phoneme ids of a voice."""
FRAMES_PER_ID = 3.4
"""How long a phoneme id, or the pad after it, lasts in speech."""
LEVEL = 0.1
"""Root mean square of the samples before the last tanh: peaks come to about half of full scale."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A vocoder's shape, in the words of `piper.train.vits`; all else is alike in every voice."""

    resblock: str
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    upsample_initial_channel: int


TRUE_SHAPES: Mapping[str, Shape] = {
    "medium": Shape("2", (3, 5, 7), ((1, 2), (2, 6), (3, 12)), (8, 8, 4), (16, 16, 8), 256),
    "high": Shape("1", (3, 7, 11), ((1, 3, 5),) * 3, (8, 8, 2, 2), (16, 16, 4, 4), 512),
}


def voice_name(size: str) -> str:
    """Return the name of the voice of a size."""
    return f"en_US-random-{size}"
