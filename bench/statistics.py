"""The few statistics the benches need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile, interpolated between neighbours; NaN of nothing."""
    return float(np.percentile(values, percent)) if values else float("nan")


def median(values: Sequence[float]) -> float:
    """Return the middle value; NaN of nothing."""
    return percentile(values, 50)


def mean(values: Sequence[float]) -> float:
    """Return the mean; NaN of nothing."""
    return float(np.mean(values)) if values else float("nan")


def ratio(ours: float, theirs: float) -> float:
    """Return ours by theirs; NaN where there is nothing to compare with."""
    return ours / theirs if theirs else float("nan")


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of all runs together, and how far single runs are from it.

    Attributes:
        value: over the values of all runs.
        lowest: of the single runs.
        highest: of the single runs.
    """

    value: float
    lowest: float
    highest: float


def compared(
    ours: Sequence[Sequence[float]],
    theirs: Sequence[Sequence[float]],
    figure: Callable[[Sequence[float]], float],
) -> Compared:
    """Return the ratio of a figure of two programs that took turns, run by run.

    Args:
        ours: values of each run.
        theirs: values of each run, as many runs.
        figure: a number for some values.
    """
    single = [ratio(figure(a), figure(b)) for a, b in zip(ours, theirs, strict=True)]
    return Compared(ratio(figure(joined(ours)), figure(joined(theirs))), min(single), max(single))


def joined[T](runs: Sequence[Sequence[T]]) -> list[T]:
    """Return the values of all runs."""
    return [value for run in runs for value in run]
