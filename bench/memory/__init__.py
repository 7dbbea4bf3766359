"""`script/bench memory`: facts found again by other words, how fast, and in how much room."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from rich.console import Console

PARTS = ("recall", "tuning", "size")
"""What can be measured, each for itself."""

__all__ = ["PARTS", "run"]


def run(parts: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        parts: of `PARTS`.
        full: more households.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: a process failed.
    """
    # Only here: it imports the integration, which the other benches have no use for.
    found: dict[str, Any] = import_module("bench.memory.main").run(
        parts, full=full, console=console
    )
    return found
