"""What intents and tools would do is foreseen, and nothing happens while that is found out."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from homeassistant.components.conversation import ConversationInput, async_get_agent
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.local_assist.guard.effects import Effect, Foreseen
from custom_components.local_assist.guard.intents import (
    effects_of_intent,
    effects_of_recognized,
    effects_of_tool,
)
from tests.integration.effects.conftest import HIDDEN, Securing, pairs, unlock

_CONTEXT = llm.LLMContext("test", Context(), "en", "conversation", None)
_TURN_OFF = "intent__HassTurnOff"
_TURN_ON = "intent__HassTurnOn"
_POSITION = "intent__HassSetPosition"
UNLOCKED = {("lock.unlock", "lock.front")}
OPENED = {("cover.open_cover", "cover.garage")}


@pytest.fixture
async def calls(securing: Securing) -> AsyncGenerator[list[Event]]:
    """Return the service calls that really were made."""
    return async_capture_events(securing.hass, "call_service")


async def _tools(hass: HomeAssistant, *api_ids: str) -> dict[str, llm.Tool]:
    api = await llm.async_get_api(hass, list(api_ids or ("assist",)), _CONTEXT)
    return {tool.name: tool for tool in api.tools}


async def _foreseen(hass: HomeAssistant, called: str, **arguments: Any) -> Foreseen:
    tool = (await _tools(hass))[called]
    return await effects_of_tool(hass, tool, llm.ToolInput(called, arguments), _CONTEXT)


TOOLS: list[tuple[str, dict[str, Any], set[tuple[str, str]]]] = [
    (_TURN_OFF, {"name": "Front door"}, UNLOCKED),
    (_TURN_OFF, {"name": " front DOOR "}, UNLOCKED),
    (_TURN_OFF, {"name": "lock.front"}, UNLOCKED),
    (_TURN_OFF, {"name": "Front door", "domain": "lock"}, UNLOCKED),
    (_TURN_OFF, {"name": "Front door", "area": "", "floor": None}, UNLOCKED),
    (_TURN_OFF, {"area": "hall"}, UNLOCKED | {("light.turn_off", "light.hall")}),
    (_TURN_OFF, {"area": "hall", "domain": ["lock"]}, UNLOCKED),
    (_TURN_OFF, {"floor": "Ground"}, UNLOCKED),
    (_TURN_OFF, {"name": "all", "domain": ["lock"]}, UNLOCKED),
    (_TURN_OFF, {"name": "All locks"}, {("lock.unlock", "lock.front"), ("lock.unlock", HIDDEN)}),
    (_TURN_ON, {"name": "Front door"}, {("lock.lock", "lock.front")}),
    (_TURN_ON, {"name": "Garage"}, OPENED),
    (_TURN_ON, {"name": "Garage", "device_class": ["garage"]}, OPENED),
    (_TURN_ON, {"area": "garage"}, OPENED),
    (_TURN_ON, {"name": "All covers"}, OPENED),
    (_TURN_ON, {"name": "welcome"}, UNLOCKED),
    (_TURN_ON, {"name": "nested_twice"}, UNLOCKED),
    (_TURN_ON, {"name": "Door strike"}, UNLOCKED),
    (_TURN_ON, {"name": "Buzzer"}, {("lock.open", "lock.front")}),
    (_TURN_ON, {"name": "Hall light"}, {("light.turn_on", "light.hall")}),
    (_POSITION, {"name": "Garage", "position": 40}, {("cover.set_cover_position", "cover.garage")}),
    ("script__direct", {}, UNLOCKED),
    ("script__nested", {}, UNLOCKED),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), TOOLS)
async def test_tools_are_foreseen_and_true(
    securing: Securing,
    calls: list[Event],
    name: str,
    arguments: dict[str, Any],
    expected: set[tuple[str, str]],
) -> None:
    """Nothing is called to foresee it; then the tool changes nothing that was not foreseen."""
    hass = securing.hass
    before = dict(arguments)
    foreseen = await _foreseen(hass, name, **arguments)
    await hass.async_block_till_done()
    assert expected <= pairs(foreseen.effects)
    assert not foreseen.unknown
    assert not foreseen.error
    assert (calls, securing.touched(), arguments) == ([], set(), before)
    securing.changed.clear()
    tool = (await _tools(hass))[name]
    await tool.async_call(hass, llm.ToolInput(name, arguments), _CONTEXT)
    await hass.async_block_till_done()
    assert securing.touched() <= {effect.entity_id for effect in foreseen.effects}


async def test_positions_are_told(securing: Securing) -> None:
    """How far a garage is opened is part of what is foreseen."""
    foreseen = await _foreseen(securing.hass, _POSITION, name="Garage", position=40)
    assert foreseen.effects == (
        Effect("cover", "set_cover_position", "cover.garage", "garage", '{"position": 40}'),
    )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (_TURN_OFF, {"name": "Cellar door"}),
        (_TURN_OFF, {"name": "No such thing"}),
        (_TURN_OFF, {"area": "No such area"}),
        (_TURN_OFF, {"name": "all"}),
        (_TURN_OFF, {"name": ["Front door"]}),
        (_TURN_OFF, {}),
        (_POSITION, {"name": "Garage", "position": 400}),
    ],
)
async def test_what_would_fail_does_nothing(
    securing: Securing, name: str, arguments: dict[str, Any]
) -> None:
    """What is hidden, not there or not valid cannot be reached."""
    assert await _foreseen(securing.hass, name, **arguments) == Foreseen(error=True)
    tool = (await _tools(securing.hass))[name]
    with pytest.raises(Exception, match=r".*"):
        await tool.async_call(securing.hass, llm.ToolInput(name, arguments), _CONTEXT)
    assert securing.touched() == set()


async def test_the_hidden_is_foreseen_once_exposed(
    securing: Securing, expose: Callable[[str], None]
) -> None:
    """Hidden entities are matched by intents as well, if they are exposed."""
    expose(HIDDEN)
    foreseen = await _foreseen(securing.hass, _TURN_OFF, name="Cellar door")
    assert ("lock.unlock", HIDDEN) in pairs(foreseen.effects)


async def test_tools_of_merged_apis_are_seen_through(hass: HomeAssistant, securing: Securing):
    """Each API that is merged adds a name before those of its tools."""

    class _Other(llm.API):
        async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
            return llm.APIInstance(self, "", llm_context, [])

    llm.async_register_api(hass, _Other(hass=hass, id="other", name="Other"))
    tools = await _tools(hass, "assist", "other")
    name = f"assist__{_TURN_OFF}"
    given = llm.ToolInput(name, {"name": "Front door"})
    foreseen = await effects_of_tool(hass, tools[name], given, _CONTEXT)
    assert pairs(foreseen.effects) == UNLOCKED
    twice = llm.NamespacedTool("more", tools[name])
    assert (await effects_of_tool(hass, twice, given, _CONTEXT)) == foreseen
    assert securing.touched() == set()


@pytest.mark.usefixtures("securing")
async def test_tools_of_others_are_unknown(hass: HomeAssistant) -> None:
    """A tool that acts in its own way is unknown, also one made from a known one."""

    class _Own(llm.Tool):
        name = "own"

        async def async_call(self, *_: Any) -> llm.ToolResult:
            raise AssertionError

    class _Clever(llm.IntentTool):
        async def async_call(self, *_: Any) -> llm.ToolResult:
            raise AssertionError

    handler = hass.data[intent.DATA_KEY]["HassTurnOff"]
    for tool in (_Own(), _Clever("clever", handler), llm.NamespacedTool("x", _Own())):
        given = llm.ToolInput(tool.name, {"name": "Hall light"})
        assert await effects_of_tool(hass, tool, given, _CONTEXT) == Foreseen(unknown=True)


async def test_handlers_of_others_are_unknown(hass: HomeAssistant, securing: Securing) -> None:
    """A handler of another integration is watched, unless it acts as Home Assistant's do."""

    class _Own(intent.IntentHandler):
        intent_type = "Own"

    class _Direct(intent.ServiceIntentHandler):
        async def async_call_service(self, *_: Any) -> None:
            raise AssertionError

    class _Plain(intent.DynamicServiceIntentHandler):
        def get_domain_and_service(self, *_: Any) -> tuple[str, str]:
            return "lock", "unlock"

    for handler in (
        _Own(),
        _Direct("Direct", "lock", "unlock"),
        _Plain("Plain", required_domains={"lock"}),
    ):
        intent.async_register(hass, handler)
    slots = {"name": {"value": "Front door"}}
    assert await effects_of_intent(hass, "Own", slots) == Foreseen(unknown=True)
    assert await effects_of_intent(hass, "Direct", slots) == Foreseen(unknown=True)
    plain = await effects_of_intent(hass, "Plain", slots)
    assert pairs(plain.effects) == UNLOCKED
    assert await effects_of_intent(hass, "NoSuch", slots) == Foreseen(error=True)
    assert securing.touched() == set()


async def test_what_a_timer_is_to_say_comes_later(
    hass: HomeAssistant, securing: Securing, calls: list[Event]
) -> None:
    """A command that is carried out when the timer ends is not started to be read."""
    slots = {"minutes": {"value": 1}, "conversation_command": {"value": " unlock the door "}}
    later = await effects_of_intent(hass, "HassStartTimer", slots)
    assert later == Foreseen(later="unlock the door")
    del slots["conversation_command"]
    assert await effects_of_intent(hass, "HassStartTimer", slots) == Foreseen()
    tool = llm.IntentTool("timer", hass.data[intent.DATA_KEY]["HassStartTimer"], integration="x")
    given = llm.ToolInput("timer", {"seconds": 1, "conversation_command": "open the garage"})
    assert (await effects_of_tool(hass, tool, given, _CONTEXT)).later == "open the garage"
    assert not calls
    assert securing.touched() == set()


async def test_scripts_for_intents_are_read(hass: HomeAssistant, securing: Securing) -> None:
    """An intent of the user's own runs a script, and can take an old intent's name."""
    config = {
        "OpenSesame": {"action": [unlock()]},
        "AnyDoor": {"action": [unlock("{{ targets.entities }}")], "async_action": True},
        "Hello": {"speech": {"text": "Hello"}},
        "HassNevermind": {"action": [{"action": "script.direct"}]},
    }
    assert await async_setup_component(hass, "intent_script", {"intent_script": config})
    for name in ("OpenSesame", "HassNevermind"):
        assert pairs((await effects_of_intent(hass, name, {})).effects) >= UNLOCKED
    (effect,) = (await effects_of_intent(hass, "AnyDoor", {})).effects
    assert (effect.service, effect.entity_id, effect.certain) == ("unlock", "", False)
    assert await effects_of_intent(hass, "Hello", {}) == Foreseen()
    assert securing.touched() == set()


@pytest.mark.usefixtures("securing")
async def test_players_are_not_made_to_forget(hass: HomeAssistant) -> None:
    """Foreseeing "resume" leaves the handler to know whom it paused."""
    handler = hass.data[intent.DATA_KEY]["HassMediaUnpause"]
    handler.last_paused.update(Context(), ["media_player.kitchen"])
    foreseen = await effects_of_intent(hass, "HassMediaUnpause", {"name": {"value": "Kitchen"}})
    assert pairs(foreseen.effects) == {("media_player.media_play", "media_player.kitchen")}
    assert handler.last_paused.entity_ids == {"media_player.kitchen"}
    await effects_of_intent(hass, "HassMediaPause", {"name": {"value": "Bedroom"}})
    assert handler.last_paused.entity_ids == {"media_player.kitchen"}


@pytest.mark.usefixtures("securing")
async def test_handlers_that_call_no_service_name_whom_they_are_for(
    hass: HomeAssistant, calls: list[Event]
) -> None:
    """They act on entities by themselves; what only reads does nothing."""
    slots = {"volume_step": {"value": "up"}, "name": {"value": "Kitchen"}}
    foreseen = await effects_of_intent(hass, "HassSetVolumeRelative", slots)
    kitchen = ("media_player.HassSetVolumeRelative", "media_player.kitchen")
    assert pairs(foreseen.effects) == {kitchen}
    slots["area"] = {"value": "hall"}
    del slots["name"]
    foreseen = await effects_of_intent(hass, "HassSetVolumeRelative", slots)
    assert kitchen in pairs(foreseen.effects)
    for reading in ("HassGetState", "HassClimateGetTemperature", "HassGetCurrentTime"):
        assert await effects_of_intent(hass, reading, {"name": {"value": "x"}}) == Foreseen()
    assert not calls


@pytest.mark.usefixtures("securing")
async def test_recognized_sentences_are_foreseen(hass: HomeAssistant, calls: list[Event]) -> None:
    """What Home Assistant understands without a model is foreseen in the same way."""
    for text, expected in (
        ("unlock the front door", UNLOCKED),
        ("open the garage", OPENED),
        ("turn on the Door strike", UNLOCKED),
        ("activate welcome", UNLOCKED),
    ):
        said = ConversationInput(
            text=text,
            context=Context(),
            conversation_id=None,
            device_id=None,
            satellite_id=None,
            language="en",
            agent_id="conversation.home_assistant",
        )
        result = await async_get_agent(hass, said.agent_id).async_recognize_intent(said)
        assert result is not None, text
        foreseen = await effects_of_recognized(hass, result, said)
        assert expected <= pairs(foreseen.effects), text
    assert not calls


async def test_all_tools_of_assist_are_known(hass: HomeAssistant, securing: Securing) -> None:
    """Of the tools that Home Assistant gives to a model, only those that read are unknown."""
    assert "lock" in hass.data[DATA_INSTANCES]
    for name, tool in (await _tools(hass)).items():
        foreseen = await effects_of_tool(hass, tool, llm.ToolInput(name, {}), _CONTEXT)
        assert foreseen.unknown is tool.annotations.read_only, name
    assert securing.touched() == set()
