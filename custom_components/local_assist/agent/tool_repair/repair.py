"""Tool calls of small models, made into what the tools take or refused with what to do instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .names import Names


@dataclass(frozen=True, slots=True)
class Repaired:
    """A call as it is to be made.

    `changes` says, a short English phrase each, what was changed; none if the call was right.
    """

    name: str
    arguments: dict[str, Any]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that is not made. `data` is the error result for the model.

    It holds `error`, a sentence that says what was wrong and what to do, and where there are some
    `candidates`, the names that could have been meant.
    """

    data: dict[str, Any]


class ToolRepair:
    """Repairs calls of a set of tools in a house. Built once for both; holds no state of a turn."""

    def __init__(self, tools: Sequence[Mapping[str, Any]], names: Names) -> None:
        """Take the tools as the model is told of them: `{"type", "function": {...}}` each."""
        self._schemas: dict[str, dict[str, Any]] = {
            tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in tools
        }
        self._names = names

    def repair(self, name: str, arguments: Any) -> Repaired | Refused:
        """Return the call as it is to be made, or why not. Never raises; never widens a call."""
        if name not in self._schemas:
            return Refused({"error": f"There is no tool {name}.", "candidates": []})
        return Repaired(name, dict(arguments))
