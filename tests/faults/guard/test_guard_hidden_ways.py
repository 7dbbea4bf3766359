"""Scripts that unlock in ways that are hard to see: each is asked about before it runs."""

from typing import Any, Final

import pytest
from homeassistant.setup import async_setup_component

from tests.fakes.obedient import Call
from tests.fakes.ollama import FakeOllama, Reply
from tests.faults.guard.guarded_house import GuardedHouse, Light, Lock

UNLOCKED: Final = ("lock.unlock", "lock.front_door")
DOOR: Final = {"entity_id": "lock.front_door"}
UNLOCK: Final = {"action": "lock.unlock", "target": DOOR}
WAYS: Final[dict[str, list[dict[str, Any]]]] = {
    "plain": [UNLOCK],
    "nested": [{"action": "script.plain"}],
    "started": [{"action": "script.turn_on", "target": {"entity_id": "script.nested"}}],
    "after_a_while": [{"delay": {"milliseconds": 1}}, UNLOCK],
    "choose": [{"choose": [{"conditions": "{{ true }}", "sequence": [UNLOCK]}]}],
    "otherwise": [{"if": "{{ false }}", "then": [], "else": [UNLOCK]}],
    "parallel": [{"parallel": [UNLOCK, UNLOCK]}],
    "repeat": [{"repeat": {"count": 1, "sequence": [UNLOCK]}}],
    "for_each": [
        {
            "repeat": {
                "for_each": ["lock.front_door"],
                "sequence": [
                    {"action": "lock.unlock", "target": {"entity_id": "{{ repeat.item }}"}}
                ],
            }
        }
    ],
    "variable": [
        {"variables": {"it": "lock.front_door"}},
        {"action": "lock.unlock", "target": {"entity_id": "{{ it }}"}},
    ],
    "template": [
        {"action": "lock.unlock", "target": {"entity_id": "{{ 'lock.front' ~ '_door' }}"}}
    ],
    "templated_action": [{"action": "{{ 'lock.un' ~ 'lock' }}", "target": DOOR}],
    "scene": [{"scene": "scene.opening"}],
    "applied": [{"action": "scene.apply", "data": {"entities": {"lock.front_door": "unlocked"}}}],
    "automation": [{"action": "automation.trigger", "target": {"entity_id": "automation.opener"}}],
    "spoken": [{"action": "conversation.process", "data": {"text": "unlock the front door"}}],
}


@pytest.fixture
async def house(guarded_house: GuardedHouse, ollama: FakeOllama) -> GuardedHouse:
    """Furnish a house with the scripts."""
    assert await async_setup_component(guarded_house.hass, "conversation", {})
    things = Lock("Front door", guarded_house.deeds), Light("Hall lamp", guarded_house.deeds)
    await guarded_house.furnish(
        *things,
        script={way: {"alias": name(way), "sequence": steps} for way, steps in WAYS.items()},
        scene=[{"name": "Opening", "entities": {"lock.front_door": {"state": "unlocked"}}}],
        automation=[
            {
                "alias": "Opener",
                "triggers": [{"trigger": "event", "event_type": "never"}],
                "actions": [UNLOCK],
            }
        ],
    )
    await guarded_house.move_in(ollama.url)
    return guarded_house


def name(way: str) -> str:
    """Return the name of the script that goes a way."""
    return f"Way {way}".replace("_", " ")


@pytest.mark.parametrize("by_intent", [False, True])
async def test_it_is_asked_for_before_it_runs(
    house: GuardedHouse, ollama: FakeOllama, by_intent: bool
) -> None:
    """Whether the model calls the script itself or turns it on."""
    wrong: list[str] = []
    for way in WAYS:
        house.deeds.clear()
        house.events.clear()
        call: Call = f"script__{way}", {}
        if by_intent:
            call = "intent__HassTurnOn", {"name": name(way)}
        ollama.replies.append(Reply(tool_calls=(call,)))
        question = await house.say("let me in")
        early = list(house.deeds)
        await house.say("yes", question.conversation_id)
        outcomes = ["asked", "confirmed", "done"]
        if early or set(house.deeds) != {UNLOCKED} or house.outcomes != outcomes:
            wrong.append(f"{way}: {early} before, {house.deeds} after, told of {house.outcomes}")
    assert not wrong, "\n".join(wrong)


async def test_a_scene_is_asked_for(house: GuardedHouse, ollama: FakeOllama) -> None:
    """It unlocks like a script."""
    call: Call = "intent__HassTurnOn", {"name": "Opening"}
    ollama.replies.append(Reply(tool_calls=(call,)))
    question = await house.say("make it nice")
    assert house.deeds == []
    await house.say("no", question.conversation_id)
    assert house.deeds == []
    assert house.outcomes == ["asked", "refused"]
