"""Sessions against the stand-in, for every size of house and family of models."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant

from bench.agent import sessions
from bench.agent.families import FAMILIES, Family
from bench.agent.home import Agent, Home, agent, home
from bench.agent.houses import SIZES, house
from bench.agent.policy import ScriptedModel
from bench.agent.sessions import Taken
from bench.agent.standin import READ, Request, StandIn
from bench.statistics import mean, median

OURS, CORE = "local_assist", "ollama"
HOUSE_INTENTS = "house_intents"
CORE_SETTINGS: Mapping[str, Any] = {
    "num_ctx": 65_536,
    "think": False,
    "keep_alive": -1,
    "max_history": 20,
}
"""What Home Assistant's flow sets, but for a window that holds the biggest house."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session's figures.

    Attributes:
        taken: the turns.
        started: tokens read before the first turn.
        failed: what the model could not answer, for lack of a name or a state.
        overflowed: how many prompts were too long for the window.
    """

    taken: list[Taken]
    started: int
    failed: list[str]
    overflowed: int

    @property
    def evaluated(self) -> list[int]:
        """Return the tokens read in each turn while somebody waited."""
        return [one.evaluated for one in self.taken]

    @property
    def warmed(self) -> int:
        """Return the tokens read ahead, in all."""
        return self.started + sum(one.warmed for one in self.taken)

    @property
    def first_tokens(self) -> list[float]:
        """Return the modelled time to the first word of each turn, in seconds."""
        return [one.first_token for one in self.taken]

    @property
    def rounds(self) -> float:
        """Return how many rounds a question about a state took, in the mean."""
        return mean([len(one.asked) for one in self.taken if one.turn.kind == "state"])

    def figures(self) -> dict[str, Any]:
        """Return what the tables and the JSON tell of it."""
        return {
            "evaluated_median": median(self.evaluated),
            "evaluated_mean": mean(self.evaluated),
            "evaluated_total": sum(self.evaluated),
            "warmed_total": self.warmed,
            "first_head_s": self.started / READ,
            "state_question_rounds": self.rounds,
            "first_token_s_median": median(self.first_tokens),
            "first_token_s_mean": mean(self.first_tokens),
            "without_model": sum(not one.asked for one in self.taken),
            "not_answered": self.failed,
            "looked_up": [
                one.turn.text
                for one in self.taken
                if one.turn.kind == "state" and len(one.asked) > 1
            ],
            "overflowed": self.overflowed,
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """A house size and a family: us, us with house intents, core, and the head after a prepare.

    `heads` holds, by room, the share of the head that the first request found in the slot.
    """

    size: int
    family: Family
    ours: Session
    with_intents: Session
    core: Session
    heads: Mapping[str, float]


async def compare(tell: Callable[[str], None], sizes: Sequence[int] = SIZES) -> list[Compared]:
    """Hold every session."""
    found = []
    for size in sizes:
        async with home(house(size)) as built:
            for family in FAMILIES:
                tell(f"sessions: {size} entities, {family.name}")
                found.append(
                    Compared(
                        size,
                        family,
                        ours=await session(built, family, OURS, **{HOUSE_INTENTS: False}),
                        with_intents=await session(built, family, OURS),
                        core=await session(built, family, CORE, **CORE_SETTINGS),
                        heads=await heads(built, family),
                    )
                )
    return found


async def session(built: Home, family: Family, domain: str, **settings: Any) -> Session:
    """Hold one session with a new agent of an integration."""
    said = sessions.turns(built.house)
    async with AsyncExitStack() as stack:
        model = ScriptedModel(said, partial(sessions.truth, built))
        server = await stack.enter_async_context(StandIn(family, model))
        asked = await stack.enter_async_context(
            agent(built, domain, server.url, family.model, **settings)
        )
        started = sum(request.evaluated for request in server.requests)
        taken = await sessions.run(built, asked, server, said)
        return Session(taken, started, model.failed, server.overflowed)


async def heads(built: Home, family: Family) -> dict[str, float]:
    """Ask in every room, after an AI task of the same model and then a prepare.

    Returns the share of the head that the first request of the turn found in the slot.
    """
    said = [turn for turn in sessions.turns(built.house) if turn.kind == "state"]
    found: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        model = ScriptedModel(said, partial(sessions.truth, built))
        server = await stack.enter_async_context(StandIn(family, model))
        ours = await stack.enter_async_context(
            agent(built, OURS, server.url, family.model, **{HOUSE_INTENTS: False})
        )
        for turn in said:
            if turn.room in found:
                continue
            await _task(built.hass, ours)
            taken = await sessions.run(built, ours, server, [turn])
            first = taken[0].asked[0] if taken[0].asked else None
            found[turn.room] = first.head_share if isinstance(first, Request) else 0.0
    return found


async def _task(hass: HomeAssistant, ours: Agent) -> None:
    """Have the house's AI task, which shares the model, write something."""
    await hass.services.async_call(
        "ai_task",
        "generate_data",
        {
            "entity_id": ours.task_id,
            "task_name": "poem",
            "instructions": "Write four lines about rain.",
        },
        blocking=True,
        return_response=True,
    )
