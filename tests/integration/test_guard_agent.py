"""The guard within an agent: it asks, hears the answer, and does that and nothing else."""

import time
from typing import Any, ClassVar

import pytest
from homeassistant.components import ai_task
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent, llm

from custom_components.local_assist.guard.consent import CONSENT_SECONDS
from tests.fakes.ollama import FakeOllama, Fault, Reply, call, say
from tests.integration.agent_doors import ASKED, OFF, ON, UNLOCK, BackDoor, Doors
from tests.integration.agent_house import agent, other_agent, task


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


async def test_calls_beside_a_mixed_one_wait_too(doors: Doors, ollama: FakeOllama):
    """What is to become of the whole is not known before the answer."""
    mixed = call(ON, area="Kitchen", domain=["cover", "light"])
    lock = call(ON, name="Front door")
    ollama.replies = [Reply(tool_calls=(*mixed.tool_calls, *lock.tool_calls))]
    await doors.house.add(ollama.url)
    await doors.say("Everything on, and lock up")
    assert doors.done == []
    await doors.say("Yes")
    assert sorted(doors.done) == ["locked", "opened"]


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
    guessed, both = "please unlok the front dor", "turn on kitchen lamp and unlock the front door"
    for sentence in ("Unlock the front door", guessed, both):
        assert "Front door" in await doors.say(sentence)
        assert (doors.done, doors.house.lamp()) == ([], "off")
        await doors.say("No")
    for sentence in (guessed, both):
        await doors.say(sentence)
        await doors.say("Yes")
    assert (doors.done, doors.house.lamp()) == (["unlocked", "unlocked"], "on")


@pytest.mark.parametrize(
    "sentence",
    [
        "Unlock the front door in 5 minutes",
        "Unlock the front door in 5 minutes in 10 minutes",
        "Turn on the kitchen lamp in 5 minutes",
    ],
)
async def test_a_command_for_later_is_no_way_round(
    doors: Doors, ollama: FakeOllama, hass: HomeAssistant, sentence: str
):
    """Nobody may be there to ask when its time comes, which may be time for another command."""
    intent.async_register(hass, Switching())
    await doors.house.add(ollama.url, agent(house_intents=True))
    assert (await doors.say(sentence)).startswith("I cannot do that later on by myself")
    assert (doors.done, doors.outcomes) == ([], ["not_later"])


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
