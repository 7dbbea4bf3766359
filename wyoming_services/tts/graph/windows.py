"""How much of a sentence to decode at a time: little first, so that it sounds at once. Pure."""

from collections.abc import Iterator

FIRST = 16
"""Frames of the first window at least: 0.19 s of a 22 kHz voice."""
LARGEST = 192
"""Frames of a window: larger ones gain no speed, and keep other clients waiting."""
_RESERVE = 0.6
"""Share of what has been given out that the next window may take to compute."""
_FIRST_BY_COST = 128
"""Frames of the first window of a voice that takes as long to render as to play: what goes wrong
with a slow voice takes longer, too."""
_GROWTH = 6
"""How many times as large as the one before it a window may be: what it costs is an estimate."""


def windows(frames: int, context: int, cost: float, wait: float) -> Iterator[tuple[int, int]]:
    """Yield the first frame of each window, and the one after its last.

    A listener who plays from the first window on never runs dry as long as a window is ready
    before the ones before it have been played. So a slow machine starts with more, and a window is
    as large as what was given out before it allows. The second is computed right after the first
    (see `server/workers`); before any other, others may have their turn.

    Args:
        frames: of the sentence.
        context: frames that are computed beside each window and thrown away.
        cost: time it takes to compute a frame, as a share of the time it plays.
        wait: time that may pass before the third window is begun, and each later one, as frames
            that are played in it.
    """
    cost = max(cost, 0.01)
    size = _first(context, cost, wait)
    ahead = 0.0
    start = number = 0
    while start < frames:
        rest = frames - start
        delay = wait if number > 1 else 0.0
        # A rest shorter than its context costs more by itself, if there is time for it now.
        if rest < size + context and (not number or delay + cost * (rest + context) < ahead):
            size = rest
        size = min(size, rest)
        yield start, start + size
        start, number = start + size, number + 1
        ahead += size - (delay + cost * (size + context) if number > 1 else 0)
        size = _next(size, context, cost, _RESERVE * ahead - (wait if number > 1 else 0.0))


def _first(context: int, cost: float, wait: float) -> int:
    """Return the size of a first window that lets all others be ready in time."""
    if cost >= _RESERVE:
        return LARGEST
    steady = (wait + cost * context) / (_RESERVE - cost)  # what goes on window after window
    for size in range(max(FIRST, round(_FIRST_BY_COST * cost)), LARGEST):
        second = _next(size, context, cost, _RESERVE * size)
        ahead = size + second - cost * (second + context)
        if second >= cost * context / (_RESERVE - cost) and ahead >= steady:
            return size
    return LARGEST


def _next(size: int, context: int, cost: float, time: float) -> int:
    """Return the size of the window that follows one of some size, for which there is some time."""
    return max(FIRST, min(LARGEST, _GROWTH * size, int(time / cost) - context))
