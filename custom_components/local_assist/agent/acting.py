"""Calling tools for a model: each call repaired, refused or made, and none made twice."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from homeassistant.helpers import llm

from .tool_repair import Refused, ToolRepair

_ALREADY_DONE = "This very call was made before in this turn and not again. Go on."


class Tools(Protocol):
    """What a turn may act with."""

    async def review(self, calls: Sequence[llm.ToolInput]) -> Mapping[str, llm.ToolResult]:
        """Return results in the place of the calls that are not to be made now, by their id."""

    async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Call one tool; failures are results."""

    async def settle(self) -> str | None:
        """Return what is said instead of going on, if calls were held back."""


class Acting:
    """The calls of one turn.

    Attributes:
        acted: whether a tool was called.
        repairs: what was changed about calls, and which were refused, for the trace.
        made: the calls that were made: name, start, end (time.monotonic()) and error, if any.
    """

    def __init__(self, tools: Tools | None, repair: ToolRepair | None = None) -> None:
        self._tools = tools
        self._repair = repair
        self._refusals: dict[str, llm.ToolResult] = {}
        self._results: dict[str, llm.ToolResult] = {}
        self.acted = False
        self.repairs: list[str] = []
        self.made: list[dict[str, Any]] = []

    def repaired(self, calls: Sequence[llm.ToolInput]) -> list[llm.ToolInput]:
        """Return the calls as they are made. Those that are refused stay as they are."""
        return [self._repaired(call) for call in calls]

    async def act(self, calls: Sequence[llm.ToolInput]) -> list[llm.ToolResult]:
        """Make the calls, all at the same time; return their results in order."""
        new: dict[str, llm.ToolInput] = {}
        for call in calls:
            if call.id not in self._refusals and _key(call) not in self._results:
                new.setdefault(_key(call), call)
        held = await self._tools.review(list(new.values())) if self._tools else {}
        made = {key: held[call.id] for key, call in new.items() if call.id in held}
        async with asyncio.TaskGroup() as group:
            tasks = {
                key: group.create_task(self._call(call))
                for key, call in new.items()
                if key not in made
            }
        made |= {key: task.result() for key, task in tasks.items()}
        results = []
        for call in calls:
            if refusal := self._refusals.get(call.id):
                results.append(refusal)
            elif new.get(_key(call)) is call:
                results.append(made[_key(call)])
            else:
                before = made.get(_key(call)) or self._results[_key(call)]
                results.append(llm.ToolResult(before.data | {"note": _ALREADY_DONE}))
        # A call that failed may be tried again.
        self._results |= {key: result for key, result in made.items() if not result.error}
        return results

    async def settle(self) -> str | None:
        """Return what is said instead of going on, if calls were held back."""
        return await self._tools.settle() if self._tools else None

    def _repaired(self, call: llm.ToolInput) -> llm.ToolInput:
        if self._repair is None:
            return call
        repaired = self._repair.repair(call.tool_name, call.tool_args)
        if isinstance(repaired, Refused):
            self.repairs.append(f"{call.tool_name} refused: {repaired.data.get('error')}")
            self._refusals[call.id] = llm.ToolResult(repaired.data, error=True)
            return call
        self.repairs += [f"{repaired.name}: {change}" for change in repaired.changes]
        return llm.ToolInput(repaired.name, repaired.arguments, id=call.id, external=True)

    async def _call(self, call: llm.ToolInput) -> llm.ToolResult:
        if self._tools is None:
            return llm.ToolResult({"error": "There are no tools."}, error=True)
        self.acted = True
        started = time.monotonic()
        result = await self._tools.call(call)
        error = (
            str(result.data.get("error_text") or result.data.get("error")) if result.error else None
        )
        self.made.append(
            {"name": call.tool_name, "start": started, "end": time.monotonic(), "error": error}
        )
        return result


def _key(call: llm.ToolInput) -> str:
    return json.dumps([call.tool_name, call.tool_args], sort_keys=True, default=str)
