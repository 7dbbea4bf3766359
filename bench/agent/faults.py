"""Whatever goes wrong with the server: is there an answer, in whose language, and what was done."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.agent import sessions
from bench.agent.faulty import Fault, FaultyServer, call, say
from bench.agent.home import Agent, Home, agent, home
from bench.agent.houses import house
from bench.agent.policy import Turn
from bench.statistics import median

LANGUAGES = ("en", "de")
LAMP = "light.kitchen_counter"
_DEADLINES = {"first_token_timeout": 0.4, "token_gap_timeout": 0.4}
"""Seconds the agent waits for tokens, so that a server that stalls costs a bench no half minute."""
_CALL = call("intent__HassTurnOn", name="Counter light")
_SPOKEN = {
    "en": ("The sea", " is blue", " and very", " deep."),
    "de": ("Das Meer", " ist blau", " und sehr", " tief."),
}
_WORDS = {
    "en": "the is not and of it that does did this to you sorry turned on broke from with my",
    "de": "das die der den dem ist nicht und ein eine es ich wurde hat hatte auf bitte sie ob "
    "eingeschaltet mit von zu kein leider habe",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is said in each language, and what the server does before and while it fails.

    `before` is answered well; `during` is what it was about to answer when it failed.
    """

    name: str
    says: Mapping[str, str]
    before: Sequence[list[dict[str, Any]]] = ()
    during: Callable[[str], list[dict[str, Any]]] = lambda language: say(*_SPOKEN[language])

    def can_meet(self, fault: Fault, language: str) -> bool:
        """Return whether a stream is long enough for a fault to come in it."""
        return fault.after is None or fault.after <= len(self.during(language))


SCENARIOS = (
    Scenario("question", {"en": "Tell me about the sea", "de": "Erzähl mir vom Meer"}),
    Scenario(
        "order",
        {"en": "Turn on the counter light", "de": "Schalte Counter light ein"},
        during=lambda _: _CALL,
    ),
    Scenario(
        "after acting",
        {"en": "Let there be light at the counter", "de": "Es werde Licht an der Theke"},
        before=(_CALL,),
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a turn.

    Attributes:
        fault: what went wrong.
        scenario: what was wanted.
        language: in which it was said.
        text: what was answered.
        took: seconds until the answer was complete.
        actions: how often something was done.
    """

    fault: Fault
    scenario: Scenario
    language: str
    text: str
    took: float
    actions: int

    @property
    def answered(self) -> bool:
        """Return whether there was an answer, all of it in the language of the sentence."""
        return spoken(self.text) == {self.language}

    @property
    def doubled(self) -> int:
        """Return how often something was done again that had been done."""
        return max(self.actions - 1, 0)


def spoken(text: str) -> set[str]:
    """Return the languages whose small words are in a text."""
    said = set(re.findall(r"\w+", text.casefold()))
    return {language for language, words in _WORDS.items() if said & set(words.split())}


async def matrix(tell: Callable[[str], None]) -> list[Outcome]:
    """Live through every fault, in every language, whatever is wanted."""
    found = []
    async with home(house(20)) as built:
        for fault in Fault.every():
            tell(f"faults: {fault}")
            for language in LANGUAGES:
                found += [
                    await live(built, fault, one, language)
                    for one in SCENARIOS
                    if one.can_meet(fault, language)
                ]
    return found


async def live(built: Home, fault: Fault, scenario: Scenario, language: str) -> Outcome:
    """Live through one fault with a new agent, which has met none before."""
    built.reset()
    built.entities[LAMP].set(is_on=False)
    before = built.actions()
    async with _failing(built, fault, scenario, language) as asked:
        turn = Turn("kitchen", scenario.says[language])
        heard = await sessions.ask(built, asked, turn, language=language)
    return Outcome(fault, scenario, language, heard.text, heard.took, built.actions() - before)


@asynccontextmanager
async def _failing(
    built: Home, fault: Fault, scenario: Scenario, language: str
) -> AsyncGenerator[Agent]:
    """Run a server that fails in the turn to come, and an agent that does not know it yet."""
    async with FaultyServer() as server:
        url = fault.address or server.url
        async with agent(
            built, "local_assist", url, server.family.model, house_intents=False, **_DEADLINES
        ) as asked:
            server.prepare(fault, scenario.before, scenario.during(language))
            if fault.stops_server:
                await server.stop()
            yield asked


def answered_share(outcomes: Sequence[Outcome]) -> float:
    """Return the share of turns that were answered in their language."""
    return sum(one.answered for one in outcomes) / len(outcomes)


def doubled(outcomes: Sequence[Outcome]) -> int:
    """Return how many actions were done again."""
    return sum(one.doubled for one in outcomes)


def times(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the median time to the answer, in milliseconds, by fault."""
    faults = dict.fromkeys(one.fault for one in outcomes)
    return {
        str(fault): median([one.took for one in outcomes if one.fault == fault]) * 1000
        for fault in faults
    }
