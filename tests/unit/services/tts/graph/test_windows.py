"""Windows cover a sentence once, and a listener never runs dry."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.tts.graph.windows import FIRST, LARGEST, windows

FRAMES = st.integers(1, 4000)
CONTEXT = st.integers(0, 40)


@given(FRAMES, CONTEXT, st.floats(0, 3), st.floats(0, 500))
def test_every_frame_is_decoded_once(frames: int, context: int, cost: float, wait: float) -> None:
    """In order, whatever the machine."""
    plan = list(windows(frames, context, cost, wait))
    assert plan[0][0] == 0
    assert plan[-1][1] == frames
    assert all(a[1] == b[0] for a, b in pairwise(plan))
    assert all(end > start for start, end in plan)


@given(FRAMES, CONTEXT, st.floats(0.01, 0.5), st.floats(0, 30))
def test_each_window_is_ready_before_those_before_it_have_been_played(
    frames: int, context: int, cost: float, wait: float
) -> None:
    """Played from the first on, without a gap, though others go first each time."""
    plan = list(windows(frames, context, cost, wait))
    clock = 0.0
    for number, (start, end) in enumerate(plan):
        if number:
            clock += cost * (end - start + context) + (wait if number > 1 else 0)
            assert clock <= start + 1e-6


def test_a_fast_machine_begins_with_little_and_soon_takes_much() -> None:
    """Little sounds at once; much throws little away."""
    sizes = [end - start for start, end in windows(2000, 17, 0.05, 0.0)]
    assert sizes[0] == FIRST
    assert LARGEST in sizes[:4]
    assert max(sizes) < 1.5 * LARGEST


def test_a_busy_machine_begins_with_more() -> None:
    """What is given out at once lasts until the others have had their turn."""
    plans = [list(windows(2000, 4, 0.1, wait)) for wait in (0.0, 60.0)]
    assert plans[0][0] == (0, FIRST)
    assert FIRST < plans[1][0][1] < 60
    assert plans[1][1][1] > 90


@pytest.mark.parametrize("cost", [0.7, 1.0, 5.0])
def test_a_slow_machine_begins_with_much(cost: float) -> None:
    """It cannot keep up in small steps."""
    assert next(windows(2000, 17, cost, 0.0)) == (0, LARGEST)
