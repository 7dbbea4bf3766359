"""Who answers when the model cannot: the others in the user's order, and the reasons."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.config_entries import ConfigSubentryData, ConfigSubentryDataWithId
from homeassistant.setup import async_setup_component

from tests.fakes.ollama import FakeOllama, Fault, Model, Reply, call, say
from tests.fakes.openai_api import FakeOpenAI
from tests.integration.agent_house import LAMPS, House, agent, other_agent, speech

SPARE = "spare:1b"
LAMP_ON = call("intent__HassTurnOn", name=LAMPS[0])
SEA = "Tell me about the sea"


@pytest.fixture
async def spare(socket_enabled: None) -> AsyncGenerator[FakeOpenAI]:  # noqa: ARG001
    """Run a second server, which speaks both APIs."""
    async with FakeOpenAI(models=[Model(name=SPARE)]) as server:
        yield server


def stand_in(server: FakeOllama, kind: str, name: str = "spare") -> ConfigSubentryData:
    """Return the subentry of another server."""
    return ConfigSubentryDataWithId(
        data={"kind": kind, "url": server.url, "model": SPARE},
        subentry_type="backend",
        subentry_id=name,
        title=name.capitalize(),
        unique_id=None,
    )


def with_fallbacks(*fallbacks: str, **more: Any) -> ConfigSubentryData:
    """Return an agent that has these to fall back on."""
    return agent(fallbacks=list(fallbacks), first_token_timeout=0.3, token_gap_timeout=0.3, **more)


def failed() -> dict[str, str]:
    """Return who did not answer, and why, as the trace tells it."""
    *_, told = [
        event["data"]
        for trace in async_get_traces()
        for event in trace.as_dict()["events"]
        if event["event_type"] == "agent_detail" and "handled_by" in event["data"]
    ]
    return {name: reason["error"] for name, reason in told.get("failed", {}).items()}


@pytest.mark.parametrize("kind", ["ollama", "openai"])
async def test_another_server_takes_over(
    kitchen: House, ollama: FakeOllama, spare: FakeOpenAI, kind: str
):
    """With the same prompt and tools; it can do what the first one could."""
    spare.replies = [LAMP_ON, say("The lamp is on.")]
    await kitchen.add(ollama.url, with_fallbacks("backend:spare"), stand_in(spare, kind))
    await ollama.stop()
    assert speech(await kitchen.say("Make the kitchen lamp bright")) == "The lamp is on."
    assert kitchen.switched() == 1
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == (
        f"Spare:{SPARE}",
        "backend_refused",
    )
    assert failed() == {"ollama:llama3.2:3b": "backend_refused"}


@pytest.mark.parametrize("fault", [Fault.STALLED, Fault.CRASHED, Fault.NOT_FOUND, Fault.CUT])
async def test_each_failure_before_words_goes_on_to_the_next(
    kitchen: House, ollama: FakeOllama, spare: FakeOpenAI, fault: Fault
):
    """Whatever the reason."""
    spare.replies = [say("The sea is wide.")]
    await kitchen.add(ollama.url, with_fallbacks("backend:spare"), stand_in(spare, "ollama"))
    ollama.script = lambda _: say("One.", "Two.", fault=fault)
    assert speech(await kitchen.say(SEA)) == "The sea is wide."


async def test_after_words_or_deeds_nobody_else_is_asked(
    kitchen: House, ollama: FakeOllama, spare: FakeOpenAI
):
    """A second one would begin from the start, and act again."""
    await kitchen.add(ollama.url, with_fallbacks("backend:spare"), stand_in(spare, "ollama"))
    ollama.replies = [say("The sea is", fault=Fault.CUT, after=1)]
    assert "broke off" in speech(await kitchen.say(SEA))
    ollama.replies = [LAMP_ON, Reply(fault=Fault.CRASHED)]
    assert "problem" in speech(await kitchen.say("Make the kitchen lamp bright"))
    assert kitchen.switched() == 1
    assert not spare.chats


async def test_a_server_that_is_gone_costs_one_turn_its_time(
    kitchen: House, ollama: FakeOllama, spare: FakeOpenAI
):
    """From then on it is passed over until a look in the background finds it back."""
    await kitchen.add(ollama.url, with_fallbacks("backend:spare"), stand_in(spare, "ollama"))
    ollama.script = lambda _: say("One.", fault=Fault.STALLED)
    await kitchen.say(SEA)
    asked = len(ollama.chats)
    await kitchen.say(SEA)
    assert len(ollama.chats) == asked
    assert failed() == {"ollama:llama3.2:3b": "backend_timeout"}
    ollama.script = lambda _: say("Here again.")
    assert kitchen.entry
    await kitchen.entry.runtime_data.ollama.async_refresh()
    assert speech(await kitchen.say(SEA)) == "Here again."
    assert failed() == {}


async def test_a_spare_server_that_is_gone_is_passed_over_too(
    kitchen: House, ollama: FakeOllama, spare: FakeOpenAI
):
    """Home Assistant answers at once then."""
    await kitchen.add(ollama.url, with_fallbacks("backend:spare"), stand_in(spare, "openai"))
    await ollama.stop()
    await spare.stop()
    for _ in range(2):
        result = await kitchen.say("Turn on the kitchen lamp")
        assert result.response.response_type.value == "action_done"
    assert kitchen.turn["handled_by"] == "home_assistant"
    assert failed() == {
        "ollama:llama3.2:3b": "backend_refused",
        f"Spare:{SPARE}": "backend_refused",
    }


async def test_a_server_without_an_ollama(kitchen: House, spare: FakeOpenAI):
    """A house may have nothing but an OpenAI-compatible server."""
    spare.replies = [say("The sea is wide.")]
    settings = {"llm_hass_api": ["assist"], "fallbacks": ["backend:spare"]}
    only = ConfigSubentryData(
        data=settings, subentry_type="conversation", title="Ada", unique_id=None
    )
    await kitchen.add(None, only, stand_in(spare, "openai"))
    assert speech(await kitchen.say(SEA)) == "The sea is wide."
    assert (kitchen.turn["handled_by"], kitchen.turn["error"]) == (f"Spare:{SPARE}", None)


async def test_another_agent_takes_over(kitchen: House, ollama: FakeOllama):
    """In the same conversation."""
    agent_id, added = other_agent(kitchen.hass, "I am the other.")
    await kitchen.add(ollama.url, with_fallbacks(agent_id))
    await ollama.stop()
    assert speech(await kitchen.say(SEA)) == "I am the other."
    assert added.asked == 1
    assert kitchen.turn["handled_by"] == agent_id


@pytest.mark.parametrize("answer", ["", ValueError("broken")])
async def test_another_agent_may_fail_as_well(
    kitchen: House, ollama: FakeOllama, answer: str | Exception
):
    """With an error or an exception: Home Assistant's own agent is the last."""
    agent_id, _ = other_agent(kitchen.hass, answer)
    await kitchen.add(ollama.url, with_fallbacks(agent_id))
    await ollama.stop()
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.switched() == 1
    assert kitchen.turn["handled_by"] == "home_assistant"
    assert failed()[agent_id] == "other_agent"


async def test_two_agents_do_not_hand_a_sentence_to_and_fro(kitchen: House, ollama: FakeOllama):
    """Each is the other's fallback."""
    await kitchen.add(
        ollama.url,
        with_fallbacks("conversation.bob"),
        agent("Bob", fallbacks=["conversation.ada"]),
    )
    await ollama.stop()
    assert "Ollama cannot be reached" in speech(await kitchen.say(SEA))
    assert len(kitchen.turns) == 2


async def test_a_broken_agent_of_ours_is_no_answer(kitchen: House, ollama: FakeOllama):
    """What it says of its own failure is not the answer; what the house can do still is."""
    assert await async_setup_component(kitchen.hass, "conversation", {})
    await kitchen.add(ollama.url, with_fallbacks("conversation.bob"), agent("Bob", model="gone:1b"))
    ollama.script = lambda _: Reply(fault=Fault.CRASHED)
    await kitchen.say("Turn on the kitchen lamp")
    assert kitchen.switched() == 1
