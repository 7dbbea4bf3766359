"""Repairs meet the tools that Assist really has: right calls are left alone, mended ones work."""

from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.local_assist.agent.convert import tool_specifications
from custom_components.local_assist.agent.tool_repair import Names, Refused, Repaired, ToolRepair
from custom_components.local_assist.retrieval.house import Area, Floor, House, Thing
from tests.integration.agent_house import LAMPS
from tests.integration.agent_house import House as RealHouse

DOMAINS = (
    "calendar",
    "climate",
    "cover",
    "fan",
    "humidifier",
    "lawn_mower",
    "light",
    "lock",
    "media_player",
    "switch",
    "todo",
    "vacuum",
)
AREAS = (Area("kitchen", ("Kitchen", "Küche"), "ground"), Area("hall", ("Hall",), "ground"))
HOUSE = House(
    tuple(Thing(f"{domain}.one", (f"My {domain}",), domain, area="kitchen") for domain in DOMAINS),
    AREAS,
    (Floor("ground", ("Ground floor",)),),
)
PLACES = {
    "name": [name for thing in HOUSE.things for name in thing.names],
    "area": [name for area in AREAS for name in area.names],
    "floor": ["Ground floor"],
}
SCRIPT = {
    "alias": "Movie night",
    "description": "Everything for a film",
    "sequence": [],
    "fields": {
        "level": {"required": True, "selector": {"number": {"min": 0, "max": 100}}},
        "lamps": {"selector": {"entity": {"multiple": True}}},
        "mode": {"selector": {"select": {"options": ["cosy", "loud"]}}},
        "sound": {"selector": {"boolean": {}}},
        "title": {"selector": {"text": {}}},
    },
}


@pytest.fixture
async def assist(hass: HomeAssistant) -> llm.APIInstance:
    """Assist in a house with a thing of each kind, for a device with timers."""
    for integration in ("homeassistant", "conversation", *DOMAINS, "assist_satellite"):
        assert await async_setup_component(hass, integration, {})
    assert await async_setup_component(hass, "script", {"script": {"movie_night": SCRIPT}})
    for thing in HOUSE.things:
        attributes = {"friendly_name": thing.names[0], "supported_features": 0xFFFFFF}
        hass.states.async_set(thing.entity_id, "on", attributes)
        async_expose_entity(hass, "conversation", thing.entity_id, should_expose=True)
    async_expose_entity(hass, "conversation", "script.movie_night", should_expose=True)
    async_register_timer_handler(hass, "satellite", lambda *_: None)
    context = llm.LLMContext("local_assist", Context(), "en", "conversation", "satellite")
    return await llm.async_get_api(hass, "assist", context)


def _values(key: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return the values that are right for a parameter."""
    key = key.removeprefix("player_")
    low, high = schema.get("minimum", 0), schema.get("maximum", 3000)
    by_type = {
        "integer": st.integers(int(low), int(high)),
        "number": st.floats(low, high),
        "boolean": st.booleans(),
        "": st.booleans(),  # what mutes has no type, but takes nothing else
    }
    if key in PLACES:
        found = st.sampled_from(PLACES[key])
    elif options := schema.get("anyOf"):
        found = st.one_of([_values(key, option) for option in options])
    elif "enum" in schema:
        found = st.sampled_from(schema["enum"])
    elif schema.get("type") == "array":
        found = st.lists(_values(key, schema["items"]), min_size=1, max_size=2)
    elif schema.get("format") == "entity_id":
        found = st.sampled_from([thing.entity_id for thing in HOUSE.things])
    elif key == "domain":
        found = st.sampled_from(DOMAINS)
    else:
        texts = st.sampled_from(["milk", "jazz", "fifty", "The kitchen", "light.one", "[a", "{}"])
        found = by_type.get(schema.get("type", ""), texts)
    return found


@st.composite
def _calls(draw: st.DrawFn, tools: tuple[dict[str, Any], ...]) -> tuple[str, dict[str, Any]]:
    """Draw a call that is right by the tool's schema."""
    function = draw(st.sampled_from(tools))["function"]
    parameters = function["parameters"]
    wanted = set(draw(st.sets(st.sampled_from([*parameters["properties"], ""])))) - {""}
    wanted.update(parameters.get("required", ()))
    if groups := parameters.get("anyOf"):
        wanted.update(draw(st.sampled_from(groups))["required"])
    return function["name"], {
        key: draw(_values(key, parameters["properties"][key])) for key in sorted(wanted)
    }


async def test_right_calls_come_through_unchanged(assist: llm.APIInstance) -> None:
    """Whatever a model calls by the schema of a real tool is called as it is."""
    tools = tool_specifications(assist)
    shapes = {tool.name: tool.parameters for tool in assist.tools}
    names = {tool["function"]["name"] for tool in tools}
    assert {"intent__HassTurnOn", "light__HassLightSet", "todo__get_items"} <= names
    assert {"intent__HassStartTimer", "media_player__search_media", "script__movie_night"} <= names
    repair = ToolRepair(tools, Names.of(HOUSE))

    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(_calls(tools))
    def check(call: tuple[str, dict[str, Any]]) -> None:
        name, arguments = call
        assert repair.repair(name, arguments) == Repaired(name, arguments)
        if arguments.get("color") is None:  # a color is looked up by name
            shapes[name](arguments)

    check()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("HassLightSet", {"entity_id": "light.one", "brightness": "fifty"}),
        ("light.turn_off", '{"area_id": "kitchen"}'),
        ("HassClimateSetTemperature", {"name": "my climate", "temperature": "21.5 °C"}),
        ("HassSetVolumeRelative", {"area": "the kitchen", "volume_step": "UP"}),
        ("HassSetPosition", {"name": "cover.one", "position": "50%", "domain": "covers"}),
        ("HassVacuumStart", {"name": "My vacuumm", "domain": "Vacuum", "area": None}),
        ("get_items", {"list": "todo.one", "status": "All"}),
        ("HassStartTimer", {"minutes": "five"}),
        ("movie_night", {"level": "half", "lamps": "My light", "sound": "yes"}),
    ],
)
async def test_mended_calls_are_right_by_the_tools(
    assist: llm.APIInstance, name: str, arguments: Any
) -> None:
    """What a repair makes of a call is what the tool takes."""
    result = ToolRepair(tool_specifications(assist), Names.of(HOUSE)).repair(name, arguments)
    assert isinstance(result, Repaired), result
    assert result.changes
    shape = next(tool.parameters for tool in assist.tools if tool.name == result.name)
    shape(result.arguments)


async def test_a_mended_call_acts_and_a_refused_one_does_not(kitchen: RealHouse) -> None:
    """The lamp that was meant goes on, and it alone; nothing is done for a lamp there is not."""
    context = llm.LLMContext("local_assist", Context(), "en", "conversation", None)
    api = await llm.async_get_api(kitchen.hass, "assist", context)
    lamps = tuple(
        Thing(f"light.{name.lower().replace(' ', '_')}", (name,), "light", area="kitchen")
        for name in LAMPS
    )
    house = House(lamps, AREAS)
    repair = ToolRepair(tool_specifications(api), Names.of(house))

    told = repair.repair("HassTurnOn", {"name": "garden lamp", "domain": ["light"]})
    assert isinstance(told, Refused)
    call = repair.repair("turn_on", {"entity_id": lamps[1].entity_id, "state": "on"})
    assert isinstance(call, Repaired)
    await api.async_call_tool(llm.ToolInput(call.name, call.arguments))
    await kitchen.hass.async_block_till_done()
    assert [kitchen.lamp(name) for name in LAMPS] == ["off", "on"]
