"""What a turn costs besides the model: all between the sentence and the answer but its calls."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
from homeassistant.components.conversation import async_prepare_agent

from bench.agent import sessions
from bench.agent.bare import MODEL
from bench.agent.home import Agent, Home, agent, home
from bench.agent.houses import house
from bench.agent.modelled import CORE, CORE_SETTINGS, HOUSE_INTENTS, OURS
from bench.agent.policy import Turn
from bench.servers import ROOT
from bench.statistics import median

SIZES = (200, 1000)
_ROUNDS, _ROUNDS_FULL = 4, 12
LLM_ONLY = "ours, house intents off"


@dataclass(slots=True)
class Own:
    """Milliseconds of single turns, by agent; those of the same HTTP call alone are taken off."""

    size: int
    taken: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """Return the median of an agent."""
        return median(self.taken[name])


@asynccontextmanager
async def bare_server() -> AsyncGenerator[str]:
    """Run the bare server; yield its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bench.agent.bare"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


async def measure(tell: Callable[[str], None], *, full: bool) -> list[Own]:
    """Measure both agents, turn by turn, in a middling and a big house."""
    found = []
    for size in SIZES:
        tell(f"own time: {size} entities")
        async with home(house(size)) as built, bare_server() as url:
            found.append(await _house(built, url, _ROUNDS_FULL if full else _ROUNDS))
    return found


async def _house(built: Home, url: str, rounds: int) -> Own:
    agents: Mapping[str, tuple[str, Mapping[str, object]]] = {
        OURS: (OURS, {}),
        LLM_ONLY: (OURS, {HOUSE_INTENTS: False}),
        CORE: (CORE, CORE_SETTINGS),
    }
    found = Own(len(built.house.things))
    async with AsyncExitStack() as stack:
        client = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False)
        await stack.enter_async_context(client)
        asked = {
            name: await stack.enter_async_context(agent(built, domain, url, MODEL, **settings))
            for name, (domain, settings) in agents.items()
        }
        for number in range(rounds + 1):
            built.reset()
            for at, turn in enumerate(sessions.turns(built.house)):
                sessions.live(built, at)
                for name, one in asked.items():
                    took, http = await _turn(built, one, turn, client)
                    if number and http:  # the first round fills the caches
                        found.taken.setdefault(name, []).append((took - http) * 1000)
    return found


async def _turn(
    built: Home, asked: Agent, turn: Turn, client: httpx.AsyncClient
) -> tuple[float, float]:
    """Return the seconds of a turn, and of bare calls with as much in them; 0 if it had none."""
    await async_prepare_agent(built.hass, asked.entity_id, "en")
    await built.settle()
    await client.get("/sizes")
    heard = await sessions.ask(built, asked, turn)
    sizes = (await client.get("/sizes")).json()
    return heard.took, sum([await _bare(client, size) for size in sizes])


async def _bare(client: httpx.AsyncClient, size: int) -> float:
    """Return how long a call with a body of this size takes, the answer read line by line."""
    body = b" " * size
    start = time.perf_counter()
    async with client.stream("POST", "/api/chat", content=body) as response:
        async for _ in response.aiter_lines():
            pass
    return time.perf_counter() - start


def ratios(found: Sequence[Own]) -> dict[int, float]:
    """Return our own time by core's, by size of house."""
    return {one.size: one.median(OURS) / one.median(CORE) for one in found}
