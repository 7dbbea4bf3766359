"""The whole bench of the agent: its parts, tables, results."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from bench.agent import faults, homellm, measured, modelled, own, recall
from bench.agent.report import Found, broken, results, tables
from bench.errors import BenchError


def run(parts: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        parts: of `bench.agent.PARTS`.
        full: more of everything.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: Home Assistant or an agent cannot be set up.
    """

    def tell(step: str) -> None:
        console.print(step, style="dim", markup=False)

    found = asyncio.run(measure(parts, tell, full=full))
    found.peer = homellm.runs()
    for table in tables(found):
        Console().print(table)
    console.print(f"home-llm: {found.peer}", markup=False, soft_wrap=True)
    return results(found) | {"broken": broken(found, parts)}


async def measure(parts: Sequence[str], tell: Callable[[str], None], *, full: bool) -> Found:
    """Measure some parts, one after another."""
    found = Found()
    if "sessions" in parts:
        found.sessions = await modelled.compare(tell)
    if "recall" in parts:
        tell("retrieval")
        found.recall = recall.recall()
    if "own" in parts:
        found.own = await own.measure(tell, full=full)
    if "faults" in parts:
        found.faults = await faults.matrix(tell)
    if "engine" in parts:
        try:
            found.engine = await measured.measure(tell, full=full)
        except BenchError as error:
            found.no_engine = str(error)
            tell(f"No real engine: {error}")
    return found
