"""The session against a real llama.cpp: the engine's own figures, in real time."""

import math
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.agent import sessions, tokens
from bench.agent.engine import Front, engine
from bench.agent.families import FAMILIES
from bench.agent.home import Home, agent, home
from bench.agent.houses import house
from bench.agent.modelled import CORE, CORE_SETTINGS, HOUSE_INTENTS, OURS
from bench.agent.policy import ScriptedModel
from bench.agent.sessions import Taken
from bench.statistics import mean, median, ratio

SIZE = 200
_TURNS = 6
"""How many turns of the session are held, unless more of everything is wanted."""
_WINDOW = 16_384
"""Tokens core's agent is given: enough for the house, and for the memory of a small machine."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The session with each agent, and where the program is from."""

    program: str
    ours: list[Taken]
    core: list[Taken]

    @property
    def ratio(self) -> float:
        """Return our median time to the first word by core's; NaN if we failed to answer."""
        if any(one.heard.failed for one in self.ours):
            return math.nan
        return ratio(first(self.ours), first(self.core))

    def figures(self) -> dict[str, Any]:
        """Return what the tables and the JSON tell."""
        return {
            side: {
                "first_token_s_median": first(taken),
                "first_token_s_mean": mean(
                    [one.heard.first for one in taken if not one.heard.failed]
                ),
                "evaluated_median": median([one.evaluated for one in taken]),
                "evaluated_total": sum(one.evaluated for one in taken),
                "warmed_total": sum(one.warmed for one in taken),
                "turns": len(taken),
                "failed": [one.heard.text for one in taken if one.heard.failed],
            }
            for side, taken in (("ours", self.ours), ("core", self.core))
        }


def first(taken: list[Taken]) -> float:
    """Return the median time to the first word of the answer, in seconds of this machine.

    An apology is no answer.
    """
    return median([one.heard.first for one in taken if not one.heard.failed])


async def measure(tell: Callable[[str], None], *, full: bool) -> Engine:
    """Hold the session with both agents, one after the other, from an empty cache.

    Raises:
        BenchError: llama.cpp cannot be had here.
    """
    family = FAMILIES[0]
    async with AsyncExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-engine-")))
        built = await stack.enter_async_context(home(house(SIZE)))
        said = sessions.turns(built.house)[: None if full else _TURNS]
        model = ScriptedModel(said, partial(sessions.truth, built))
        front = await stack.enter_async_context(engine(model, family, tokens.file(), logs=logs))
        taken = {}
        for domain, settings in (
            (OURS, {HOUSE_INTENTS: False}),
            (CORE, CORE_SETTINGS | {"num_ctx": _WINDOW}),
        ):
            tell(f"a real engine: {domain}, {len(said)} turns")
            taken[domain] = await _session(built, front, domain, settings, model)
            await front.unload()
        return Engine(str(front.program), taken[OURS], taken[CORE])


async def _session(
    built: Home, front: Front, domain: str, settings: Mapping[str, Any], model: ScriptedModel
) -> list[Taken]:
    front.requests.clear()
    async with agent(built, domain, front.url, FAMILIES[0].model, **settings) as asked:
        return await sessions.run(built, asked, front, model.turns, in_real_time=True)
