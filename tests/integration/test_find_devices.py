"""A model looks for what its context does not hold."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component

from custom_components.local_assist.agent.house import HouseIndex
from custom_components.local_assist.agent.house_api import async_api

type Find = Callable[..., Awaitable[llm.ToolResult]]

THINGS = {
    "light.ceiling": ("Ceiling", "kitchen", "on", {"brightness": 128}),
    "light.desk": ("Desk lamp", "office", "off", {}),
    "cover.blind": ("Blind", "office", "open", {}),
    "sensor.office_air": (
        "Office air",
        "office",
        "21.5",
        {"device_class": "temperature", "unit_of_measurement": "°C"},
    ),
    "binary_sensor.hatch": ("Roof hatch", "attic", "on", {"device_class": "window"}),
}


@pytest.fixture
async def find(hass: HomeAssistant) -> AsyncIterator[Find]:
    """Call the tool in a house of five things, as a turn does."""
    for component in ("homeassistant", "conversation", "light", "cover", "sensor", "binary_sensor"):
        assert await async_setup_component(hass, component, {})
    up = fr.async_get(hass).async_create("Upstairs")
    for area in ("Kitchen", "Office", "Attic"):
        floor_id = None if area == "Kitchen" else up.floor_id
        ar.async_get(hass).async_create(area, floor_id=floor_id)
    for entity_id, (name, area, state, attributes) in THINGS.items():
        add(hass, entity_id, name, area, state, **attributes)
    index = HouseIndex(hass)

    async def call(**arguments: Any) -> llm.ToolResult:
        context = llm.LLMContext("local_assist", Context(), "en", "conversation", None)
        api = await async_api(hass, index, ["assist"]).async_get_api_instance(context)
        return await api.async_call_tool(llm.ToolInput("local_assist__FindDevices", arguments))

    yield call
    index.async_stop()


def add(hass: HomeAssistant, entity_id: str, name: str, area: str, state: str, **more: Any) -> None:
    """Add a thing to the house."""
    domain, object_id = entity_id.split(".")
    er.async_get(hass).async_get_or_create(
        domain,
        "test",
        object_id,
        suggested_object_id=object_id,
        original_name=name,
        original_device_class=more.get("device_class"),
    )
    er.async_get(hass).async_update_entity(entity_id, area_id=area)
    hass.states.async_set(entity_id, state, {"friendly_name": name, **more})


CEILING = "Ceiling (light, Kitchen): on, brightness 50 %"
DESK = "Desk lamp (light, Office): off"
BLIND = "Blind (cover, Office): open"
AIR = "Office air (sensor temperature, Office): 21.5 °C"
HATCH = "Roof hatch (binary_sensor window, Attic): open"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ({"query": "desk lamp"}, [DESK]),
        ({"area": "kitchen"}, [CEILING]),
        ({"area": "Upstairs"}, [HATCH, BLIND, DESK, AIR]),
        ({"domain": "light"}, [CEILING, DESK]),
        ({"domain": "Lights", "area": "Office"}, [DESK]),
        ({"domain": "temperature"}, [AIR]),
        ({"query": "blind", "area": "office"}, [BLIND]),
        ({"query": "lamp", "area": "kitchen"}, [CEILING]),
        ({"query": "zzyzx", "area": "attic"}, [HATCH]),
        ({"query": " ", "domain": "binary sensor"}, [HATCH]),
    ],
)
async def test_found(find: Find, arguments: dict[str, str], lines: list[str]) -> None:
    """By words, by place and by kind, each alone and together, with the states as in a context."""
    result = await find(**arguments)

    assert not result.error
    assert result.data == {"devices": lines}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"query": "zzyzx"}, "Nothing was found."),
        ({"area": "Zzyzx"}, "There is no area or floor 'Zzyzx'."),
        ({"area": "kitchen", "domain": "cover"}, "Nothing was found."),
        ({}, "Say what to look for: a query, an area or a domain."),
    ],
)
async def test_what_is_not_there(find: Find, arguments: dict[str, str], reason: str) -> None:
    """The model is told what there is instead, so that its next call can be right."""
    result = await find(**arguments)

    assert result.error
    assert result.data == {
        "error": reason,
        "areas": ["Attic", "Kitchen", "Office"],
        "domains": {"binary_sensor": 1, "cover": 1, "light": 2, "sensor": 1},
    }


async def test_many(hass: HomeAssistant, find: Find) -> None:
    """At most 30, and how many more there are."""
    for number in range(40):
        add(hass, f"switch.plug_{number:02}", f"Plug {number}", "office", "off")

    result = await find(domain="switch")

    devices = result.data["devices"]
    assert isinstance(devices, list)
    assert len(devices) == 31
    assert devices[0] == "Plug 0 (switch, Office): off"
    assert devices[-1] == "(10 more: narrow it down by area or domain.)"


async def test_it_only_reads(hass: HomeAssistant, find: Find) -> None:  # noqa: ARG001
    """So it may be called without asking anybody."""
    context = llm.LLMContext("local_assist", None, "en", "conversation", None)
    index = HouseIndex(hass)
    api = await async_api(hass, index, ["assist"]).async_get_api_instance(context)
    (tool,) = (each for each in api.tools if each.name == "local_assist__FindDevices")
    index.async_stop()

    assert tool.integration == "local_assist"
    assert tool.annotations == llm.ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
