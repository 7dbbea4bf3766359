"""Whatever way a guarded action is reached: it happens after a "yes" to it, and never otherwise."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from homeassistant.components.conversation import ConversationResult
from homeassistant.setup import async_setup_component

from tests.fakes.ollama import FakeOllama, Reply, call, say
from tests.faults.guard.guarded_actions import (
    ACTIONS,
    GUARDED,
    MARKED,
    SAFE,
    cases,
    configuration,
    custom_sentences,
    place_marked,
    sentence,
    things,
    tool_call,
)
from tests.faults.guard.guarded_house import Deed, GuardedHouse, write_sentences
from tests.integration.agent_house import speech

# The model makes the call; Home Assistant understands the sentence by itself.
PATHS = {"model": "ada", "intent": "bea"}
KINDS = ("unlock", "open", "disarm", "valve", "siren", "marked")
CALLS = {
    sentence(action, route): tool_call(action, route)
    for action in ACTIONS
    for route in action.routes
}


def make_the_call(body: dict[str, Any]) -> Reply:
    """Call exactly the tool that a sentence of the table is for; say something to all else."""
    last = body["messages"][-1]
    wanted = CALLS.get(last["content"].rpartition("\n")[2]) if last["role"] == "user" else None
    return call(wanted[0], **wanted[1]) if wanted else say("All right.")


@pytest.fixture
async def house(
    guarded_house: GuardedHouse, ollama: FakeOllama, request: pytest.FixtureRequest
) -> GuardedHouse:
    """Furnish the house of the table; the parameter is the mode of all rules."""
    write_sentences(guarded_house.hass, custom_sentences())
    assert await async_setup_component(guarded_house.hass, "conversation", {})
    await guarded_house.furnish(*things(guarded_house.deeds), **configuration())
    place_marked(guarded_house)
    ollama.script = make_the_call
    modes = dict.fromkeys(KINDS, getattr(request, "param", "ask"))
    await guarded_house.move_in(ollama.url, guard_modes=modes, guard_entities=list(MARKED))
    return guarded_house


class Case:
    """One request and what followed."""

    def __init__(self, house: GuardedHouse, agent: str, said: str) -> None:
        self._house = house
        self._agent = agent
        self._said = said
        self._conversation: str | None = None
        house.deeds.clear()
        house.events.clear()

    async def say(self, text: str, **speaker: int) -> ConversationResult:
        """Say the next thing of the conversation."""
        result = await self._house.say(text, self._conversation, to=self._agent, **speaker)
        self._conversation = result.conversation_id
        return result

    async def ask(self) -> ConversationResult:
        """Say the sentence of the table."""
        return await self.say(self._said)

    @property
    def done(self) -> frozenset[Deed]:
        """Return what happened."""
        return frozenset(self._house.deeds)


type Follow = Callable[[Case, GuardedHouse], Any]
NOTHING: frozenset[Deed] = frozenset()


async def confirmed(case: Case, _: GuardedHouse) -> None:
    """Agree."""
    await case.say("yes")


async def refused(case: Case, _: GuardedHouse) -> None:
    """Refuse; a later "yes" is too late."""
    await case.say("no")
    await case.say("yes")


async def expired(case: Case, house: GuardedHouse) -> None:
    """Agree half a minute later."""
    pass_time(house, 30.1)
    await case.say("yes")
    await case.say("yes")


async def other_device(case: Case, _: GuardedHouse) -> None:
    """Agree from another room; then nobody is being asked any more."""
    await case.say("yes", device=1)
    await case.say("yes")


async def other_person(case: Case, _: GuardedHouse) -> None:
    """Agree as somebody else."""
    await case.say("yes", user=1)
    await case.say("yes")


async def subject_changed(case: Case, _: GuardedHouse) -> None:
    """Speak of something else before agreeing."""
    await case.say("why is the sky blue")
    await case.say("yes")


async def used_twice(case: Case, house: GuardedHouse) -> None:
    """Agree twice: the second time is about nothing."""
    await case.say("yes")
    house.deeds.append(("again", ""))
    await case.say("yes")
    assert house.deeds.pop() == ("again", ""), "the second yes did something"


FOLLOWS: dict[str, tuple[Follow, list[str]]] = {
    "confirmed": (confirmed, ["asked", "confirmed", "done"]),
    "refused": (refused, ["asked", "refused"]),
    "expired": (expired, ["asked", "expired"]),
    "other_device": (other_device, ["asked", "other_device"]),
    "other_person": (other_person, ["asked", "other_person"]),
    "subject_changed": (subject_changed, ["asked", "subject_changed"]),
    "used_twice": (used_twice, ["asked", "confirmed", "done"]),
}


def pass_time(house: GuardedHouse, seconds: float) -> None:
    """Let time pass for the guards."""
    for entity in house.agents():
        clock = entity._guard.clock
        entity._guard.clock = lambda now=clock: now() + seconds


def problems(
    case: Case, house: GuardedHouse, asked: ConversationResult, wanted: frozenset[Deed], follow: str
) -> Iterator[str]:
    """Yield what is not as the table says."""
    agreed = follow in ("confirmed", "used_twice")
    if case.done != (wanted if agreed else NOTHING):
        yield f"did {sorted(case.done)} instead of {sorted(wanted) if agreed else 'nothing'}"
    outcomes = FOLLOWS[follow][1] if wanted else []
    if house.outcomes != outcomes:
        yield f"told of {house.outcomes} instead of {outcomes}"
    if wanted and not (asked.continue_conversation and speech(asked).endswith("?")):
        yield f"did not ask: {speech(asked)!r}"


@pytest.mark.parametrize("domain", dict.fromkeys(action.domain for action in GUARDED))
@pytest.mark.parametrize("path", PATHS)
async def test_it_happens_after_a_yes_and_never_otherwise(
    house: GuardedHouse, path: str, domain: str
) -> None:
    """By each way, exposed or hidden, whatever is answered."""
    wrong: list[str] = []
    rows = [(a, *case) for a in GUARDED if a.domain == domain for case in cases(a)]
    for action, route, exposed, wanted in rows:
        house.expose([each.target for each in ACTIONS], exposed=exposed)
        for name in FOLLOWS if wanted else ["confirmed"]:
            case = Case(house, PATHS[path], sentence(action, route))
            asked = await case.ask()
            early = case.done
            await FOLLOWS[name][0](case, house)
            found = [*problems(case, house, asked, wanted, name)]
            if early:
                found.append(f"did {sorted(early)} before the answer")
            where = f"{action.key}, {route}, {'exposed' if exposed else 'hidden'}, {name}"
            wrong += [f"{where}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", PATHS)
async def test_the_safe_direction_is_free(house: GuardedHouse, path: str) -> None:
    """By each way, at once and without a question."""
    wrong: list[str] = []
    for action in SAFE:
        for route in action.routes:
            case = Case(house, PATHS[path], sentence(action, route))
            await case.ask()
            wanted = action.done(route, exposed=True)
            if case.done != wanted or house.events:
                wrong.append(
                    f"{action.key}, {route}: did {sorted(case.done)} instead of {sorted(wanted)}, "
                    f"told of {house.outcomes}"
                )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("house", ["free"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
async def test_without_rules_it_happens_at_once(house: GuardedHouse, path: str) -> None:
    """So that what does not happen above is not merely impossible."""
    wrong: list[str] = []
    for action in GUARDED:
        for route, exposed, wanted in cases(action):
            house.expose([each.target for each in ACTIONS], exposed=exposed)
            case = Case(house, PATHS[path], sentence(action, route))
            answer = await case.ask()
            if case.done != wanted or house.events:
                wrong.append(
                    f"{action.key}, {route}, {'exposed' if exposed else 'hidden'}: did "
                    f"{sorted(case.done)} instead of {sorted(wanted)}; {speech(answer)!r}"
                )
    assert not wrong, "\n".join(wrong)
