"""`script/bench agent`: our conversation agent beside Home Assistant's own `ollama` agent."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from rich.console import Console

PARTS = ("sessions", "recall", "own", "faults", "engine")
"""What can be measured, each for itself."""

__all__ = ["PARTS", "run"]


def run(parts: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        parts: of `PARTS`.
        full: more of everything.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: Home Assistant or an agent cannot be set up.
    """
    # Only here: it imports Home Assistant, which the other benches have no use for.
    found: dict[str, Any] = import_module("bench.agent.main").run(parts, full=full, console=console)
    return found
