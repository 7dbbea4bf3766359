"""The guard within an agent: it asks, hears the answer, and does that and nothing else."""

import logging
import time
from typing import Any, ClassVar

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components import ai_task, conversation
from homeassistant.components.conversation.trace import async_get_traces
from homeassistant.components.cover import CoverEntity, CoverEntityFeature
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.lock import LockEntity
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    setup_test_component_platform,
)

from custom_components.local_assist.const import CONF_GUARD_MODES, CONF_GUARD_PIN, EVENT_GUARD
from custom_components.local_assist.guard.consent import CONSENT_SECONDS
from custom_components.local_assist.guard.pin import hash_pin
from tests.fakes.ollama import FakeOllama, Fault, Reply, call, say
from tests.integration.agent_house import House, agent, other_agent, speech, task

OFF, ON = "intent__HassTurnOff", "intent__HassTurnOn"
UNLOCK = call(OFF, name="Front door")
ASKED = "Shall I unlock Front door?"
SATELLITES = ("hall", "study")


class FrontDoor(LockEntity):
    """A lock that remembers what was done to it."""

    _attr_name = "Front door"
    _attr_unique_id = "front_door"
    _attr_is_locked = True

    def __init__(self, done: list[str]) -> None:
        self._done = done

    async def async_unlock(self, **_: Any) -> None:
        """Unlock."""
        self._done.append("unlocked")

    async def async_lock(self, **_: Any) -> None:
        """Lock."""
        self._done.append("locked")


class BackDoor(FrontDoor):
    """Another one."""

    _attr_name = "Back door"
    _attr_unique_id = "back_door"


class GarageDoor(CoverEntity):
    """A garage door that remembers what was done to it."""

    _attr_name = "Garage door"
    _attr_unique_id = "garage_door"
    _attr_device_class = "garage"
    _attr_is_closed = True
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    def __init__(self, done: list[str]) -> None:
        self._done = done

    async def async_open_cover(self, **_: Any) -> None:
        """Open."""
        self._done.append("opened")

    async def async_close_cover(self, **_: Any) -> None:
        """Close."""
        self._done.append("closed")


class Doors:
    """The house with its doors, and who speaks in it."""

    def __init__(self, house: House, done: list[str], events: list[Event]) -> None:
        self.house = house
        self.done = done
        self.events = events
        self.devices: dict[str, str] = {}
        self.people: dict[str | None, str | None] = {None: None}
        self.conversation_id: str | None = None

    async def say(
        self, text: str, *, person: str | None = "anna", device: str = "hall", **more: Any
    ) -> str:
        """Say something in the one conversation of the test; return what is answered."""
        self.result = await conversation.async_converse(
            self.house.hass,
            text,
            self.conversation_id,
            Context(user_id=self.people[person]),
            language=more.pop("language", "en"),
            agent_id="conversation.ada",
            device_id=self.devices[device],
            **more,
        )
        self.conversation_id = self.result.conversation_id
        return speech(self.result)

    @property
    def outcomes(self) -> list[str]:
        """Return what came of the guarded requests."""
        return [event.data["outcome"] for event in self.events]


@pytest.fixture
async def doors(kitchen: House, hass: HomeAssistant) -> Doors:
    """Give the kitchen a door and a garage, and the house two more satellites."""
    built = Doors(kitchen, [], async_capture_events(hass, EVENT_GUARD))
    for domain, entity in (("lock", FrontDoor(built.done)), ("cover", GarageDoor(built.done))):
        setup_test_component_platform(hass, domain, [entity])
        assert await async_setup_component(hass, domain, {domain: {"platform": "test"}})
    await hass.async_block_till_done()
    area = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert area
    for entity_id in ("lock.front_door", "cover.garage_door"):
        er.async_get(hass).async_update_entity(entity_id, area_id=area.id)
        async_expose_entity(hass, "conversation", entity_id, should_expose=True)
    owner = hass.config_entries.async_entries("test")[0]
    for name in ("anna", "ben"):
        user = await hass.auth.async_create_user(name, group_ids=[GROUP_ID_ADMIN])
        built.people[name] = user.id
    for name in SATELLITES:
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={("test", name)}
        )
        built.devices[name] = device.id
    return built


@pytest.fixture(params=["a model", "Home Assistant"])
async def way(request: pytest.FixtureRequest, doors: Doors, ollama: FakeOllama) -> str:
    """Have the agent unlock through its model's tools, or as Home Assistant understands it."""
    with_intents = request.param == "Home Assistant"
    ollama.replies = [] if with_intents else [UNLOCK]
    await doors.house.add(ollama.url, agent(house_intents=with_intents))
    return str(request.param)


async def test_it_asks_first(doors: Doors, way: str):  # noqa: ARG001
    """Aloud, with the microphone kept open, and nothing is done."""
    assert await doors.say("Unlock the front door") == ASKED
    assert doors.result.continue_conversation
    assert (doors.done, doors.outcomes) == ([], ["asked"])
    assert doors.events[0].data == {
        "agent": "conversation.ada",
        "kinds": ["unlock"],
        "entities": ["lock.front_door"],
        "outcome": "asked",
        "mode": "ask",
        "user_id": doors.people["anna"],
        "device_id": doors.devices["hall"],
        "conversation_id": doors.conversation_id,
    }


async def test_it_does_what_was_agreed_to_once(doors: Doors, way: str):
    """In Home Assistant's own words where it understood the sentence."""
    await doors.say("Unlock the front door")
    answer = await doors.say("Yes, please.")
    assert answer == ("Done." if way == "a model" else "Unlocking")
    assert (doors.done, doors.outcomes) == (["unlocked"], ["asked", "confirmed", "done"])
    await doors.say("Yes")
    assert doors.done == ["unlocked"]


@pytest.mark.parametrize(
    ("answer", "who", "outcome"),
    [
        ("No", {}, "refused"),
        ("Yes", {"person": "ben"}, "other_person"),
        ("Yes", {"person": None}, "other_person"),
        ("Yes", {"device": "study"}, "other_device"),
        ("What about the lamp?", {}, "subject_changed"),
    ],
)
async def test_nothing_else_is_consent(
    doors: Doors,
    way: str,  # noqa: ARG001
    answer: str,
    who: dict[str, Any],
    outcome: str,
):
    """And the request is void afterwards."""
    await doors.say("Unlock the front door")
    await doors.say(answer, **who)
    await doors.say("Yes")
    assert (doors.done, doors.outcomes) == ([], ["asked", outcome])


async def test_consent_comes_in_time(
    doors: Doors,
    way: str,  # noqa: ARG001
    hass: HomeAssistant,
):
    """An answer after half a minute is for something else."""
    agent_entity = hass.data["conversation"].get_entity("conversation.ada")
    await doors.say("Unlock the front door")
    agent_entity._guard.clock = lambda: time.monotonic() + CONSENT_SECONDS
    assert await doors.say("Yes") == "That was too late. Please say again what I shall do."
    assert (doors.done, doors.outcomes) == ([], ["asked", "expired"])


async def test_the_safe_direction_is_free(doors: Doors, ollama: FakeOllama):
    """To lock and to close needs nobody's word."""
    ollama.replies = [call(ON, name="Front door"), call(OFF, name="Garage door"), say("Done.")]
    await doors.house.add(ollama.url)
    await doors.say("Make it safe")
    assert (doors.done, doors.outcomes) == (["locked", "closed"], [])


async def test_a_mixed_call_is_asked_for_as_a_whole(doors: Doors, ollama: FakeOllama):
    """The whole kitchen has lamps and a garage door: nothing is done before the answer."""
    ollama.replies = [call(ON, area="Kitchen", domain=["cover", "light"])]
    await doors.house.add(ollama.url)
    assert "Garage door" in await doors.say("Everything on")
    assert (doors.done, doors.house.switched()) == ([], 0)
    await doors.say("Yes")
    assert (doors.done, doors.house.switched()) == (["opened"], 2)


async def test_harmless_calls_beside_it_are_made(doors: Doors, ollama: FakeOllama):
    """Where every call names what it is about, there is no doubt."""
    light = call(ON, name="Kitchen lamp")
    ollama.replies = [Reply(tool_calls=(*UNLOCK.tool_calls, *light.tool_calls))]
    await doors.house.add(ollama.url)
    assert await doors.say("Light on and unlock the front door") == ASKED
    assert (doors.done, doors.house.lamp()) == ([], "on")


async def test_consent_is_to_what_was_named(doors: Doors, ollama: FakeOllama, hass: HomeAssistant):
    """A door that joins the others meanwhile is asked for by itself."""
    ollama.replies = [call(OFF, area="Kitchen", domain=["lock"])]
    await doors.house.add(ollama.url)
    assert await doors.say("Unlock the kitchen") == ASKED
    back = BackDoor(doors.done)
    await hass.data["lock"].async_add_entities([back])
    area = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert area
    er.async_get(hass).async_update_entity(back.entity_id, area_id=area.id)
    async_expose_entity(hass, "conversation", back.entity_id, should_expose=True)
    assert await doors.say("Yes") == "That includes Back door. Shall I do it all?"
    assert doors.done == []


async def test_another_agent_is_not_handed_what_home_assistant_knows_to_be_guarded(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant
):
    """Everything else is."""
    agent_id, other = other_agent(hass, "With pleasure.")
    ollama.fault = Fault.CRASHED
    await doors.house.add(ollama.url, agent(house_intents=False, fallbacks=[agent_id]))
    assert await doors.say("Tell me a story") == "With pleasure."
    assert await doors.say("Unlock the front door") == ASKED
    assert other.asked == 1


@pytest.mark.parametrize("server", ["down", "none"])
async def test_it_holds_without_a_model(doors: Doors, ollama: FakeOllama, server: str):
    """Home Assistant's own agent, also its guessing, is the last resort but not a back door."""
    ollama.fault = Fault.CRASHED
    await doors.house.add(ollama.url if server == "down" else None, agent(house_intents=False))
    for sentence in ("Unlock the front door", "could you open up the garage door for me"):
        answer = await doors.say(sentence)
        assert answer.startswith("Shall I"), answer
        assert doors.done == []
        await doors.say("No")
    await doors.say("could you open up the garage door for me")
    await doors.say("Yes")
    assert doors.done == ["opened"]


async def test_a_command_for_later_is_no_way_round(doors: Doors, ollama: FakeOllama):
    """Nobody may be there to ask when its time comes."""
    await doors.house.add(ollama.url, agent(house_intents=True))
    answer = await doors.say("Unlock the front door in 5 minutes")
    assert answer == "I cannot do that later on by myself: Front door."
    assert doors.outcomes == ["not_later"]


class Opener(llm.Tool):
    """A tool of some other integration, of which nobody knows what it does."""

    name = "test__Opener"
    description = "Opens the garage"
    integration = "test"

    async def async_call(self, hass: HomeAssistant, *_: object) -> llm.ToolResult:
        """Open the garage, and swallow what goes wrong."""
        try:
            target = {"entity_id": "cover.garage_door"}
            await hass.services.async_call("cover", "open_cover", target, blocking=True)
        except Exception:  # noqa: BLE001
            return llm.ToolResult({"oh": "well"})
        return llm.ToolResult({"opened": True})


class OpenerAPI(llm.API):
    """The API of that integration."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tool."""
        return llm.APIInstance(self, "", llm_context, [Opener()])


async def test_a_tool_nobody_knows_is_held_back_at_the_very_action(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant
):
    """Whatever it makes of that."""
    llm.async_register_api(hass, OpenerAPI(hass=hass, id="opener", name="Opener"))
    ollama.replies = [call("test__Opener")]
    await doors.house.add(ollama.url, agent(llm_hass_api=["opener"]))
    assert await doors.say("Open the garage") == "Shall I open Garage door?"
    assert doors.done == []
    assert await doors.say("Yes") == "Done."
    assert doors.done == ["opened"]
    await doors.say("What happened?")
    results = [each["content"] for each in ollama.chats[-1]["messages"] if each["role"] == "tool"]
    assert ["NeedsConsent" in result for result in results] == [True, False]


class Switching(intent.IntentHandler):
    """Somebody's own way to switch things on, of which nobody knows what it does."""

    intent_type = intent.INTENT_TURN_ON
    slot_schema: ClassVar = {"name": str}

    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Open the garage, of all things."""
        target = {"entity_id": "cover.garage_door"}
        await intent_obj.hass.services.async_call("cover", "open_cover", target, blocking=True)
        return intent_obj.create_response()


async def test_an_intent_nobody_knows_is_not_carried_out_unasked(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant
):
    """It is left to a model, whose calls can be watched; without one it is asked for."""
    intent.async_register(hass, Switching())
    await doors.house.add(ollama.url, agent(house_intents=True))
    assert await doors.say("Turn on the kitchen lamp") == "All right."
    ollama.replies = [call(ON, name="Kitchen lamp")]
    assert await doors.say("Turn on the kitchen lamp") == "Shall I open Garage door?"
    ollama.fault = Fault.CRASHED
    assert (await doors.say("Turn on the kitchen lamp")).startswith("Shall I really do that")
    assert doors.done == []


async def test_a_task_has_nobody_to_ask(doors: Doors, ollama: FakeOllama, hass: HomeAssistant):
    """So what needs a person's word is not done."""
    async_expose_entity(hass, "ai_task", "lock.front_door", should_expose=True)
    ollama.replies = [UNLOCK, say("I could not.")]
    await doors.house.add(ollama.url, task())
    result = await ai_task.async_generate_data(
        hass,
        task_name="away",
        entity_id="ai_task.clerk",
        instructions="Unlock the front door",
        llm_api=llm.LLM_API_ASSIST,
    )
    assert result.data == "I could not."
    assert (doors.done, doors.outcomes) == ([], ["unattended"])


def _with_pin(**modes: str) -> dict[str, Any]:
    return {CONF_GUARD_MODES: modes, CONF_GUARD_PIN: hash_pin("2468")}


async def test_what_is_marked_for_an_agent_is_so_for_tasks(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant
):
    """There is no way round by another door."""
    async_expose_entity(hass, "ai_task", "light.kitchen_lamp", should_expose=True)
    ollama.replies = [call(ON, name="Kitchen lamp"), say("I could not.")]
    marked = agent(guard_entities=["light.kitchen_lamp"])
    await doors.house.add(ollama.url, task(), marked)
    await ai_task.async_generate_data(
        hass,
        task_name="light",
        entity_id="ai_task.clerk",
        instructions="Light on",
        llm_api=llm.LLM_API_ASSIST,
    )
    assert (doors.house.lamp(), doors.outcomes) == ("off", ["unattended"])


async def test_a_pin(doors: Doors, ollama: FakeOllama, caplog: pytest.LogCaptureFixture):
    """It is asked for, and is kept nowhere: not in a prompt, the chat log, the traces or a log.

    Home Assistant itself logs every sentence when its log is set to debugging.
    """
    caplog.set_level(logging.INFO)
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    assert "PIN" in await doors.say("Unlock the front door")
    assert doors.result.continue_conversation
    assert "PIN" in await doors.say("Yes")
    assert "PIN" in await doors.say("1111")
    assert doors.done == []
    assert await doors.say("2 4 6 8") == "Done."
    assert doors.done == ["unlocked"]
    assert doors.outcomes == ["asked", "asked", "wrong_pin", "confirmed", "done"]
    await doors.say("Well, 2468 is what I meant")
    await doors.say("2468")
    kept = [
        caplog.text,
        str([trace.as_dict() for trace in async_get_traces()]),
        str(ollama.requests),
        str([event.data for event in doors.events]),
    ]
    assert ollama.chats
    assert not any("2468" in text or "2 4 6 8" in text for text in kept)


async def test_a_pin_cannot_be_tried_out(doors: Doors, ollama: FakeOllama):
    """After three wrong ones the right one does not help either, for a while."""
    ollama.replies = [UNLOCK, UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    await doors.say("Unlock the front door")
    for pin in ("1111", "2222", "3333"):
        answer = await doors.say(pin)
    assert "60" in answer
    await doors.say("Unlock the front door")
    await doors.say("2468")
    assert doors.done == []
    assert doors.outcomes[-2:] == ["locked_out", "locked_out"]


async def test_numbers_said_otherwise_neither_lock_nor_tell_a_pin(doors: Doors, ollama: FakeOllama):
    """Who tries them out learns nothing after three; who plays with them locks nobody out."""
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="pin")))
    answers = [await doors.say(number) for number in ("1111", "2222", "3333", "2468")]
    assert answers == ["All right."] * 4
    ollama.replies = [UNLOCK]
    await doors.say("Unlock the front door")
    assert await doors.say("2468") == "Done."


async def test_a_rule_that_says_never(doors: Doors, ollama: FakeOllama):
    """There is no question, and no answer helps."""
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="never")))
    assert await doors.say("Unlock the front door") == "I am not allowed to do that: Front door."
    await doors.say("Yes")
    assert (doors.done, doors.outcomes) == ([], ["never"])


async def test_a_rule_that_wants_a_pin_where_there_is_none(doors: Doors, ollama: FakeOllama):
    """It is said, instead of asking what nobody can answer."""
    ollama.replies = [UNLOCK]
    await doors.house.add(ollama.url, agent(guard_modes={"unlock": "pin"}))
    answer = await doors.say("Unlock the front door")
    assert answer == "I would need a PIN for that, but none has been set."
    assert (doors.done, doors.outcomes) == ([], ["no_pin"])


async def test_a_rule_that_is_off(doors: Doors, ollama: FakeOllama):
    """The user may leave a door to the model."""
    ollama.replies = [UNLOCK, say("It is open.")]
    await doors.house.add(ollama.url, agent(**_with_pin(unlock="free")))
    assert await doors.say("Unlock the front door") == "It is open."
    assert (doors.done, doors.outcomes) == (["unlocked"], [])
