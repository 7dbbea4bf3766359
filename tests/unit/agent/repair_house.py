"""A house and the tools of Assist, as far as the tests of repairs need them."""

from typing import Any

from custom_components.local_assist.retrieval.house import Area, Floor, House, Thing

HOUSE = House(
    things=(
        Thing("light.kitchen", ("Kitchen light", "Küchenlicht"), "light", area="kitchen"),
        Thing("light.kitchen_ceiling", ("Kitchen ceiling light",), "light", area="kitchen"),
        Thing("light.one", ("Lamp 1",), "light", area="hall"),
        Thing("light.two", ("Lamp 2",), "light", area="hall"),
        Thing("light.jens", ("Jen's lamp",), "light", area="bedroom"),
        Thing("light.ac", ("AC",), "light", area="hall"),
        Thing("climate.ac", ("AC",), "climate", area="kitchen"),
        Thing("climate.living", ("Living room thermostat",), "climate", area="living_room"),
        Thing("cover.bedroom", ("Bedroom blinds",), "cover", area="bedroom"),
        Thing("lock.front", ("Front door",), "lock", area="hall"),
        Thing("media_player.tv", ("Television set",), "media_player", area="living_room"),
        Thing("sensor.north", ("Northside meter",), "sensor", area="hall"),
        Thing("sensor.north_two", ("Northsode meter",), "sensor", area="hall"),
        Thing("sensor.pump", ("Pumpstation7",), "sensor", area="hall"),
        Thing("todo.shopping", ("Shopping list",), "todo"),
    ),
    areas=(
        Area("kitchen", ("Kitchen", "Küche"), "ground"),
        Area("hall", ("Hall",), "ground"),
        Area("bedroom", ("Bedroom",), "up"),
        Area("living_room", ("Living Room",), "ground"),
    ),
    floors=(Floor("ground", ("Ground floor",)), Floor("up", ("Upstairs",))),
)

TEXT = {"type": "string"}
TARGET = {"name": TEXT, "area": TEXT, "floor": TEXT}
DOMAINS = {"domain": {"type": "array", "items": TEXT}}
COVERS = {"type": "array", "items": {"type": "string", "enum": ["blind", "shutter", "outlet"]}}
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}
WHOLE = {"type": "integer", "minimum": 0}


def tool(name: str, /, *required: str, **properties: Any) -> dict[str, Any]:
    """Return a tool as a model is told of it."""
    parameters = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        parameters["required"] = list(required)
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


_TIMER = tool("intent__HassStartTimer", hours=WHOLE, minutes=WHOLE, seconds=WHOLE, name=TEXT)
_TIMER["function"]["parameters"]["anyOf"] = [
    {"required": [unit]} for unit in ("hours", "minutes", "seconds")
]

TOOLS = [
    tool("assist_satellite__HassBroadcast", "message", message=TEXT),
    tool(
        "climate__HassClimateSetTemperature",
        "temperature",
        temperature={"type": "number"},
        **TARGET,
    ),
    tool("intent__HassCancelAllTimers", area=TEXT),
    tool("intent__HassCancelTimer", start_minutes=WHOLE, name=TEXT, area=TEXT),
    tool("intent__HassTurnOff", **TARGET, **DOMAINS, device_class=COVERS),
    tool("intent__HassTurnOn", **TARGET, **DOMAINS, device_class=COVERS),
    _TIMER,
    tool(
        "light__HassLightSet",
        **TARGET,
        domain={"type": "array", "items": {"type": "string", "enum": ["light"]}},
        brightness=PERCENT,
        color=TEXT,
    ),
    tool("llm__GetDateTime"),
    tool(
        "media_player__HassSetVolumeRelative",
        "volume_step",
        volume_step={
            "anyOf": [
                {"type": "string", "enum": ["down", "up"]},
                {"type": "integer", "minimum": -100, "maximum": 100},
            ]
        },
        **TARGET,
    ),
    tool("media_player__search_media", "search_query", search_query=TEXT, player_name=TEXT),
    tool(
        "script__movie_night",
        "level",
        level={"type": "number", "minimum": 0, "maximum": 100},
        lamps={"type": "array", "items": {"type": "string", "format": "entity_id"}},
        loud={"type": "boolean"},
        mode={"type": "string", "enum": ["Cosy", "Loud"]},
        name=TEXT,
    ),
    tool("todo__HassListAddItem", "item", "name", item=TEXT, name=TEXT),
    tool("todo__get_items", "todo_list", todo_list={"type": "string", "enum": ["Shopping list"]}),
]
