"""What the tables and the JSON of all benches have in common."""

import math
from collections.abc import Sequence
from typing import Any

from bench.statistics import percentile

_DIGITS = 4
_NEVER = 5000.0
"""Milliseconds an unanswered `describe` counts: Home Assistant gives up then."""


def describe_p99(asked: Sequence[float | None]) -> float:
    """Return the 99th percentile of what `describe` took, in milliseconds; None is no answer."""
    return percentile([_NEVER if one is None else one for one in asked], 99)


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Round every number, and write NaN as null, which JSON knows."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return rounded(value)
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _DIGITS)
    return value


def ms(seconds: float) -> str:
    """Write a time for a table."""
    return f"{seconds * 1000:.1f} ms"
