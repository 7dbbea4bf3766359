"""The tools and instructions a model gets: the same in every room."""

from collections.abc import Iterator

import pytest
from homeassistant.components import llm as llm_component
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, mock_platform

from custom_components.local_assist.agent.convert import tool_specifications
from custom_components.local_assist.agent.house import HouseIndex
from custom_components.local_assist.agent.house_api import (
    NO_TIMERS,
    NO_TIMERS_HERE,
    NOTHING_EXPOSED,
    PLACES,
    STATES,
    async_api,
    notes,
)
from custom_components.local_assist.errors import LlmApiError
from tests.integration.agent_house import LAMPS, House

TIMER = "intent__HassStartTimer"


@pytest.fixture
def index(kitchen: House) -> Iterator[HouseIndex]:
    """The index of the house with two lamps in a kitchen."""
    index = HouseIndex(kitchen.hass)
    yield index
    index.async_stop()


def spoken_to(device_id: str | None = None) -> llm.LLMContext:
    """Return the context of a turn."""
    return llm.LLMContext("local_assist", Context(), "en", "conversation", device_id)


async def instance(
    index: HouseIndex, kitchen: House, device_id: str | None = None, *apis: str
) -> llm.APIInstance:
    """Return the API as a turn at a device has it."""
    api = async_api(kitchen.hass, index, apis or ("assist",))
    return await api.async_get_api_instance(spoken_to(device_id))


def names(api: llm.APIInstance) -> list[str]:
    """Return the names of its tools."""
    return [tool.name for tool in api.tools]


async def test_assist_without_the_dump_of_the_house(kitchen: House, index: HouseIndex) -> None:
    """Everything Home Assistant gives, but for what the context tells, and one tool more."""
    theirs = await llm.async_get_api(kitchen.hass, "assist", spoken_to())
    api = await instance(index, kitchen)

    replaced = {"homeassistant__GetLiveContext", "llm__GetDateTime"}
    assert replaced < set(names(theirs))
    assert names(api) == sorted({*names(theirs)} - replaced | {"local_assist__FindDevices"})
    assert LAMPS[0] in theirs.api_prompt
    assert LAMPS[0] not in api.api_prompt
    assert "When controlling Home Assistant always call the intent tools." in api.api_prompt
    assert api.api_prompt.startswith(f"{STATES}\n{PLACES}\n")
    assert api.custom_serializer is llm.selector_serializer


async def test_a_tool_acts_for_its_turn(kitchen: House, index: HouseIndex) -> None:
    """A command without a place is for the room of the device, whoever asked before."""
    hall = ar.async_get(kitchen.hass).async_create("Hall")
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(kitchen.hass)
    other = dr.async_get(kitchen.hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "hall")}
    )
    dr.async_get(kitchen.hass).async_update_device(other.id, area_id=hall.id)
    await instance(index, kitchen, other.id)
    api = await instance(index, kitchen, kitchen.satellite_id)

    result = await api.async_call_tool(
        llm.ToolInput("intent__HassTurnOn", {"name": LAMPS[0], "domain": ["light"]})
    )
    await kitchen.hass.async_block_till_done()

    assert not result.error
    assert kitchen.lamp() == "on"
    assert api.llm_context.device_id == kitchen.satellite_id


async def test_every_device_gets_the_same(kitchen: House, index: HouseIndex) -> None:
    """Byte for byte, with the timers that only one of them has; the notes tell of the rest."""
    assert TIMER not in names(await instance(index, kitchen))
    assert (await instance(index, kitchen)).api_prompt.endswith(NO_TIMERS)
    assert notes(kitchen.hass, spoken_to()) == []

    end = async_register_timer_handler(kitchen.hass, kitchen.satellite_id, lambda *_: None)
    here = await instance(index, kitchen, kitchen.satellite_id)
    nowhere = await instance(index, kitchen)

    assert TIMER in names(here)
    assert "timers" not in here.api_prompt
    assert "You are in area" not in here.api_prompt
    assert here.api_prompt == nowhere.api_prompt
    assert tool_specifications(here) == tool_specifications(nowhere)
    assert all(a is b for a, b in zip(here.tools, nowhere.tools, strict=True))
    assert notes(kitchen.hass, spoken_to(kitchen.satellite_id)) == []
    assert notes(kitchen.hass, spoken_to()) == [NO_TIMERS_HERE]

    end()
    assert TIMER not in names(await instance(index, kitchen))


async def test_nothing_exposed(kitchen: House, index: HouseIndex) -> None:
    """Then there are no states to ask for, and the person can be told why."""
    for entity in index.async_get().things:
        async_expose_entity(kitchen.hass, "conversation", entity.entity_id, should_expose=False)

    api = await instance(index, kitchen)

    assert api.api_prompt.startswith(NOTHING_EXPOSED)
    assert STATES not in api.api_prompt


async def test_scripts_come_and_go(kitchen: House, index: HouseIndex) -> None:
    """With their exposure, at once."""
    script = {"good_night": {"alias": "Good night", "sequence": []}}
    assert await async_setup_component(kitchen.hass, "script", {"script": script})
    for exposed in (False, True, False):
        async_expose_entity(kitchen.hass, "conversation", "script.good_night", exposed)
        assert ("script__good_night" in names(await instance(index, kitchen))) is exposed


class CustomTool(llm.Tool):
    """A tool of some integration."""

    name = "shouting__Shout"
    integration = "shouting"


class Platform:
    """The LLM platform of that integration, which may fail."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.prompt = "Shout seldom."
        self.tools: list[llm.Tool] = [CustomTool()]
        self.asked = 0

    def async_get_tools(
        self, _hass: HomeAssistant, _llm_context: llm.LLMContext, api_id: str
    ) -> llm_component.LLMTools | None:
        """Give the tools, or fail."""
        self.asked += 1
        assert api_id == "assist"
        if self.failure:
            raise self.failure
        return llm_component.LLMTools(tools=self.tools, prompt=self.prompt)


@pytest.fixture
def shouting(kitchen: House) -> Platform:
    """An integration that gives tools to Assist, loaded while Home Assistant runs."""
    platform = Platform()
    mock_platform(kitchen.hass, "shouting.llm", platform)  # type: ignore[arg-type]
    kitchen.hass.config.components.add("shouting")
    return platform


async def test_other_integrations_give_their_tools(
    kitchen: House, index: HouseIndex, shouting: Platform
) -> None:
    """As they do to Home Assistant's own API, with what they say of them."""
    api = await instance(index, kitchen)

    assert "shouting__Shout" in names(api)
    assert "Shout seldom." in api.api_prompt
    assert shouting.asked == 1


async def test_an_integration_that_fails_takes_nobody_with_it(
    kitchen: House, index: HouseIndex, shouting: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out and logged."""
    shouting.failure = KeyError("oops")

    assert "intent__HassTurnOn" in names(await instance(index, kitchen))
    assert "Cannot get the tools of shouting" in caplog.text


async def test_the_tools_are_collected_once(
    kitchen: House, index: HouseIndex, shouting: Platform
) -> None:
    """And anew after a change in the house, another integration, or a while."""
    await instance(index, kitchen)
    await instance(index, kitchen, kitchen.satellite_id)
    assert shouting.asked == 1

    kitchen.hass.states.async_set("light.new", "on")
    await instance(index, kitchen)
    assert shouting.asked == 2

    kitchen.hass.config.components.add("another")
    await instance(index, kitchen)
    assert shouting.asked == 3

    index.toolbox._made_at -= 61
    await instance(index, kitchen)
    assert shouting.asked == 4


class OtherAPI(llm.API):
    """An API beside Assist's."""

    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return one tool."""
        return llm.APIInstance(self, "Look things up.", llm_context, [CustomTool()])


async def test_several_apis(kitchen: House, index: HouseIndex) -> None:
    """Ours stands for Assist's among them; another alone is as it is."""
    llm.async_register_api(kitchen.hass, OtherAPI(hass=kitchen.hass, id="other", name="Other"))

    both = await instance(index, kitchen, None, "assist", "other")
    alone = await instance(index, kitchen, None, "other")

    assert "assist__local_assist__FindDevices" in names(both)
    assert "other__shouting__Shout" in names(both)
    assert "GetLiveContext" not in "".join(names(both))
    assert "Look things up." in both.api_prompt
    assert names(alone) == ["shouting__Shout"]


@pytest.mark.parametrize("api_ids", [["gone"], ["assist", "gone"], []])
async def test_an_api_that_is_gone(kitchen: House, index: HouseIndex, api_ids: list[str]) -> None:
    """The turn is told."""
    with pytest.raises(LlmApiError):
        async_api(kitchen.hass, index, api_ids)
