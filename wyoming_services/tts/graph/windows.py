"""How much of a sentence to decode at a time: little first, so that it sounds at once. Pure."""

import math
from collections.abc import Iterator

FIRST = 16
"""Frames of the first window at least: 0.19 s of a 22 kHz voice."""
LARGEST = 192
"""Frames of a window: larger ones gain no speed, and keep other clients waiting."""
_RESERVE = 0.7
"""Share of what has been given out that the next window may take to compute."""


def windows(frames: int, context: int, cost: float, wait: float) -> Iterator[tuple[int, int]]:
    """Yield the first frame of each window, and the one after its last.

    A listener who plays from the first window on never runs dry as long as a window is ready
    before the ones before it have been played. So a slow or busy machine starts with more, and a
    window is as large as what was given out before it allows.

    Args:
        frames: of the sentence.
        context: frames that are computed beside each window and thrown away.
        cost: time it takes to compute a frame, as a share of the time it plays.
        wait: time that may pass before a window is begun, as frames that are played in it.
    """
    cost = max(cost, 0.01)
    size = LARGEST
    if cost < _RESERVE:
        size = min(LARGEST, max(FIRST, math.ceil((wait + cost * context) / (_RESERVE - cost))))
    ahead = 0.0
    start = 0
    while start < frames:
        rest = frames - start
        # A rest shorter than its context costs more by itself, if there is time for it now.
        if rest < size + context and (not ahead or wait + cost * (rest + context) < ahead):
            size = rest
        size = min(size, rest)
        yield start, start + size
        start += size
        ahead += size - (wait + cost * (size + context) if ahead else 0)
        size = max(size, min(LARGEST, int((_RESERVE * ahead - wait) / cost) - context))
