"""The arithmetic of the benches."""

import math

import pytest

from bench.statistics import compared, median, percentile, ratio


def test_percentiles_lie_between_neighbours():
    """The median of an even count is in the middle; nothing has no percentile."""
    assert median([4.0, 1.0, 2.0, 3.0]) == 2.5
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)
    assert math.isnan(median([]))


def test_a_ratio_to_nothing_is_no_number():
    """Nothing measured of the peer makes no claim."""
    assert ratio(1.0, 4.0) == 0.25
    assert math.isnan(ratio(1.0, 0.0))


def test_programs_are_compared_over_all_runs_and_run_by_run():
    """The value is of all runs together; the spread tells how much they differ."""
    found = compared([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]], [[10.0] * 3, [10.0] * 3], median)
    assert (found.lowest, found.value, found.highest) == (0.2, 0.35, 0.4)
