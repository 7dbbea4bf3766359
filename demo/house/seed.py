"""Tells a running Home Assistant what a configuration file cannot: floors, rooms, what is where.

Everything goes through the API the web interface uses, which outlives the form of stored files.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from demo.house.rooms import FLOORS, ROOMS, room_of

ALIASES: Mapping[str, tuple[str, ...]] = {
    "heater": ("Heater",),
    "television": ("Television", "TV"),
    "radio": ("Radio",),
    "coffee_machine": ("Coffee machine",),
    "air_conditioner": ("Air conditioner", "AC"),
}
"""Other names, by the end of the id: "the heater in the kitchen" is found by name and room."""

WHOLE_HOUSE = ("person.", "todo.", "weather.")
"""What is exposed to Assist without a room."""

INNER_PARTS = ("device_tracker.", "input_number.", "input_select.")
"""What only keeps the state of something else."""

ON_SHOPPING_LIST = ("Bread", "Eggs", "Tomatoes")


class Connection(Protocol):
    """A logged-in connection to Home Assistant."""

    async def call(self, type_: str, **payload: Any) -> Any:
        """Send a websocket command and return its result."""

    async def post(self, path: str, data: dict[str, Any]) -> Any:
        """POST to the HTTP API and return its JSON answer."""


async def seed(home: Connection) -> None:
    """Give the house its floors and rooms, put its things in them, and set how they start.

    Run it once, after Home Assistant has started with the configuration of this house.
    """
    await home.call(
        "frontend/set_system_data", key="home", value={"welcome_banner_dismissed": True}
    )
    await _add_shopping_list(home)
    areas = await _make_rooms(home)
    entity_ids = [entry["entity_id"] for entry in await home.call("config/entity_registry/list")]
    for entity_id in entity_ids:
        if details := _details(entity_id, areas):
            await home.call("config/entity_registry/update", entity_id=entity_id, **details)
    await home.call(
        "homeassistant/expose_entity",
        assistants=["conversation"],
        entity_ids=[entity_id for entity_id in entity_ids if is_exposed(entity_id)],
        should_expose=True,
    )
    await _set_states(home, entity_ids)


def is_exposed(entity_id: str) -> bool:
    """Return whether Assist may see and use an entity; the locks are among them on purpose."""
    if entity_id.startswith(INNER_PARTS):
        return False
    return entity_id.startswith(WHOLE_HOUSE) or room_of(entity_id) is not None


async def _add_shopping_list(home: Connection) -> None:
    """Set up the shopping list, which no configuration file can, with a few things on it."""
    flow = await home.post("/api/config/config_entries/flow", {"handler": "shopping_list"})
    await home.post(f"/api/config/config_entries/flow/{flow['flow_id']}", {})
    for item in ON_SHOPPING_LIST:
        await _act(home, "todo.add_item", ["todo.shopping_list"], item=item)


async def _make_rooms(home: Connection) -> dict[str, str]:
    """Create floors and areas; return the area id of each room's name."""
    floors = {}
    for name, level in FLOORS.items():
        floor = await home.call("config/floor_registry/create", name=name, level=level)
        floors[name] = floor["floor_id"]
    areas = {}
    for room in ROOMS:
        area = await home.call(
            "config/area_registry/create",
            name=room.name,
            floor_id=floors[room.floor],
            icon=room.icon,
            aliases=list(room.aliases),
            temperature_entity_id=f"sensor.{room.key}_temperature",
            humidity_entity_id=f"sensor.{room.key}_humidity",
        )
        areas[room.name] = area["area_id"]
    return areas


def _details(entity_id: str, areas: Mapping[str, str]) -> dict[str, Any]:
    """Return what the entity registry shall know of an entity beside its name."""
    if entity_id.startswith(INNER_PARTS):
        return {"hidden_by": "user"}
    details: dict[str, Any] = {}
    if (room := room_of(entity_id)) is not None:
        details["area_id"] = areas[room.name]
    for ending, aliases in ALIASES.items():
        if entity_id.endswith(f"_{ending}"):
            details["aliases"] = [None, *aliases]  # None stands for the entity's own name
    return details


async def _set_states(home: Connection, entity_ids: Sequence[str]) -> None:
    """Set how the house starts: an evening at home, with a few things left to see to."""

    def every(domain: str) -> list[str]:
        return [entity_id for entity_id in entity_ids if entity_id.startswith(f"{domain}.")]

    await _act(home, "light.turn_on", every("light"), brightness_pct=100)
    await _act(home, "light.turn_off", every("light"))
    await _act(home, "light.turn_on", ["light.living_room_lamp", "light.hallway_light"])
    await _act(home, "fan.turn_off", every("fan"))
    await _act(home, "switch.turn_off", every("switch"))
    await _act(home, "cover.close_cover", every("cover"))
    opened = ["cover.kitchen_blinds", "cover.living_room_curtains", "cover.garage_door"]
    await _act(home, "cover.open_cover", opened)
    await _act(home, "lock.lock", ["lock.front_door"])
    await _act(home, "lock.unlock", ["lock.back_door"])
    await _act(home, "alarm_control_panel.alarm_disarm", every("alarm_control_panel"))
    await _act(home, "media_player.turn_on", ["media_player.kitchen_radio"])


async def _act(home: Connection, action: str, targets: list[str], **data: Any) -> None:
    domain, _, service = action.partition(".")
    await home.call(
        "call_service",
        domain=domain,
        service=service,
        target={"entity_id": targets},
        service_data=data,
    )
