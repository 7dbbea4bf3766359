"""One call, from what a model wrote to what its tool takes.

A repair never widens a call. What narrows it (a name, an area, a kind) is kept, moved to the
parameter it belongs to, or the call is refused with what the model could have meant; it is left out
only where the call names one device anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from ..tool_names import known_tool, last_part, parts
from .call import Call
from .matching import nearest
from .names import Names
from .refusal import RefusalError
from .targets import DOMAINS, Targets

_SHORTEST_SLIP = 8


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
            tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools
        }
        self._targets = Targets(names)

    def repair(self, name: str, arguments: Any) -> Repaired | Refused:
        """Return the call as it is to be made, or why not. Never raises; never widens a call."""
        try:
            tool = self._tool(name)
            call = Call(tool, self._schemas[tool], self._targets)
            if tool != name:
                call.changes.append(f"tool {name} is {tool}")
            call.take(arguments, _named_domain(name, tool))
        except RefusalError as err:
            return Refused(err.data)
        return Repaired(tool, call.arguments, tuple(call.changes))

    def _tool(self, name: str) -> str:
        """Return the tool that is meant: by another way to write it, or by one slip in it."""
        if found := known_tool(name, self._schemas):
            return found
        asked = last_part(name)
        slips = [
            tool
            for tool in self._schemas
            if min(len(asked), len(last_part(tool))) >= _SHORTEST_SLIP
            and OSA.distance(asked, last_part(tool), score_cutoff=1) <= 1
        ]
        if len(slips) == 1:
            return slips[0]
        raise RefusalError(
            f"There is no tool {name!r}. Call one of the tools you were given, by its exact name.",
            nearest(name.replace("_", " "), self._schemas) or sorted(self._schemas)[:10],
        )


def _named_domain(name: str, tool: str) -> str | None:
    """Return the domain in a name like `light.turn_off`: all of the kind, and of no other."""
    prefixes = parts(name.casefold())[:-1]
    domain = next((prefix for prefix in prefixes if prefix in DOMAINS), None)
    return None if domain in parts(tool)[:-1] else domain
