"""Generated houses: the same things in the same rooms every time, named as people name them.

What stands where is told here; what it is called is in `words/<language>.toml`. Entity ids do not
depend on the language, so that one list of sentences can say what it is about in any house.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

SIZES = (20, 50, 200, 1000)
ROOMS = ("kitchen", "living_room", "bedroom")
"""Where the satellites stand, in every house."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a thing is to Home Assistant. `state` is what it is at first, before it is varied."""

    domain: str
    device_class: str | None = None
    unit: str | None = None
    state: Any = None


KINDS: Mapping[str, Kind] = {
    "light": Kind("light"),
    "switch": Kind("switch"),
    "outlet": Kind("switch", "outlet"),
    "temperature": Kind("sensor", "temperature", "°C", 21.0),
    "humidity": Kind("sensor", "humidity", "%", 45.0),
    "power": Kind("sensor", "power", "W", 120.0),
    "battery": Kind("sensor", "battery", "%", 80.0),
    "soil": Kind("sensor", "moisture", "%", 30.0),
    "window": Kind("binary_sensor", "window"),
    "door": Kind("binary_sensor", "door"),
    "motion": Kind("binary_sensor", "motion"),
    "smoke": Kind("binary_sensor", "smoke"),
    "leak": Kind("binary_sensor", "moisture"),
    "blind": Kind("cover", "blind"),
    "curtain": Kind("cover", "curtain"),
    "awning": Kind("cover", "awning"),
    "garage": Kind("cover", "garage"),
    "climate": Kind("climate"),
    "tv": Kind("media_player", "tv"),
    "speaker": Kind("media_player", "speaker"),
    "lock": Kind("lock"),
    "fan": Kind("fan"),
    "vacuum": Kind("vacuum"),
    "humidifier": Kind("humidifier", "humidifier"),
    "valve": Kind("valve", "water"),
    "todo": Kind("todo"),
    "scene": Kind("scene"),
    "script": Kind("script"),
}

_ROOM = "ceiling:light temperature:temperature window:window blind:blind radiator:climate "
_MORE = "motion:motion humidity:humidity "
_OUTSIDE = "motion:motion temperature:temperature "
INVENTORY: Mapping[str, str] = {
    "kitchen": "ceiling:light counter:light temperature:temperature window:window coffee:switch "
    "speaker:speaker blind:blind radiator:climate table:light kettle:outlet dishwasher:switch "
    "hood:fan smoke:smoke fridge:temperature oven:power water:valve " + _MORE,
    "living_room": "ceiling:light floor_lamp:light tv:tv blind:blind radiator:climate "
    "temperature:temperature reading:light shelf:light soundbar:speaker terrace_door:door "
    "curtain:curtain aquarium:outlet humidifier:humidifier tv_power:power window:window " + _MORE,
    "bedroom": "ceiling:light bedside_left:light window:window temperature:temperature "
    "curtain:curtain bedside_right:light radiator:climate wardrobe:light radio:speaker fan:fan "
    "blanket:switch blind:blind " + _MORE,
    "hall": "front_door:lock robot:vacuum shopping:todo mirror:light front_contact:door "
    "ceiling:light lock_battery:battery temperature:temperature " + _MORE,
    "bathroom": _ROOM + "mirror:light towel:switch exhaust:fan leak:leak speaker:speaker " + _MORE,
    "office": _ROOM + "desk:light printer:outlet monitor:outlet computer:power lamp:light " + _MORE,
    "kids_room": _ROOM + "night:light stars:light speaker:speaker baby:switch lamp:light " + _MORE,
    "garage": "door:garage ceiling:light charger:switch charger_power:power workbench:light "
    "side_door:lock freezer:temperature temperature:temperature " + _MORE,
    "dining_room": _ROOM
    + "chandelier:light sideboard:light speaker:speaker candles:light "
    + _MORE,
    "guest_room": _ROOM + "bedside:light tv:tv fan:fan lamp:light " + _MORE,
    "laundry": _ROOM + "washer:switch dryer:switch washer_power:power leak:leak " + _MORE,
    "basement": "ceiling:light boiler:temperature pump:switch dehumidifier:humidifier "
    "wine:temperature meter:power smoke:smoke temperature:temperature leak:leak " + _MORE,
    "attic": _ROOM + "fan:fan string:light hatch:door smoke:smoke " + _MORE,
    "garden": _OUTSIDE + "path:light fountain:outlet sprinkler:valve shed:lock "
    "greenhouse:temperature soil:soil tree:light gate:door ",
    "terrace": _OUTSIDE + "string:light awning:awning heater:switch speaker:speaker wall:light "
    "grill:temperature ",
    "ensuite": _ROOM + "mirror:light towel:switch shower:light speaker:speaker tub:switch " + _MORE,
}
_EVERYWHERE = "movie:scene good_night:scene morning:script leaving:script dinner:scene"
_FIRST = 5
"""How many things of each room come before any other, so that the smallest house has several."""
_ROOMS_OF = {20: 4, 50: 8}
"""How many rooms a small house has; a bigger one has them all."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity. Without an area it belongs to the whole house."""

    entity_id: str
    names: tuple[str, ...]
    kind: Kind
    area: str | None


@dataclass(frozen=True, slots=True)
class House:
    """A house: things, and names of areas and floors by id.

    `floor_of` tells the floor of an area.
    """

    language: str
    things: tuple[Thing, ...]
    areas: Mapping[str, tuple[str, ...]]
    floors: Mapping[str, tuple[str, ...]]
    floor_of: Mapping[str, str]

    @property
    def by_id(self) -> dict[str, Thing]:
        """Return the things by entity id."""
        return {thing.entity_id: thing for thing in self.things}


@cache
def words(language: str) -> dict[str, Any]:
    """Return what things, areas and floors are called in a language."""
    path = Path(__file__).parent / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def house(size: int, language: str = "en") -> House:
    """Build the house of a size, or as much of it as the language has words for."""
    named = words(language)
    rooms = [room for room in INVENTORY if room in named["areas"]][: _ROOMS_OF.get(size)]
    wings = ("", *named.get("wings", ()))
    every = (thing for wing in wings for thing in _wing(wing, rooms, named))
    things = tuple(islice(every, size))
    used = {thing.area for thing in things if thing.area}
    areas = {
        area: _named(named["areas"][room], named, wing)
        for wing in wings
        for room in rooms
        if (area := _joined(wing, room)) in used
    }
    floor_of = {area: _floor(area, named) for area in areas}
    floors = {floor: _list(named["floors"][floor]) for floor in dict.fromkeys(floor_of.values())}
    return House(language, things, areas, floors, floor_of)


def _wing(wing: str, rooms: list[str], named: Mapping[str, Any]) -> Iterator[Thing]:
    """Yield a wing's things: the first of each room, what is everywhere, then all others."""
    items = {room: INVENTORY[room].split() for room in rooms}
    first = [(room, item) for room in rooms for item in items[room][:_FIRST]]
    later = [
        (room, item)
        for row in zip_longest(*([(room, i) for i in items[room][_FIRST:]] for room in rooms))
        for room, item in filter(None, row)
    ]
    everywhere = [("", item) for item in _EVERYWHERE.split()]
    small = everywhere[:1]
    head, tail = (first[:-1], first[-1:]) if len(rooms) <= 4 else (first, [])
    for room, item in [*head, *small, *tail, *everywhere[1:], *later]:
        if (made := _thing(wing, room, item, named)) is not None:
            yield made


def _thing(wing: str, room: str, item: str, named: Mapping[str, Any]) -> Thing | None:
    """Make one thing; None if the language has no word for it."""
    suffix, _, kind_name = item.partition(":")
    kind = KINDS[kind_name]
    called = named["things"].get(f"{room}.{suffix}") or named["things"].get(suffix)
    if called is None:
        return None
    area = _joined(wing, room) if room else None
    room_name = _list(named["areas"][room])[0] if room else ""
    names = [name.replace("{area}", room_name) for name in _list(called)]
    object_id = "_".join(filter(None, (wing, room, suffix)))
    return Thing(f"{kind.domain}.{object_id}", _named(names, named, wing), kind, area)


def _named(names: Any, named: Mapping[str, Any], wing: str) -> tuple[str, ...]:
    """Put the wing before every name, if there is one."""
    if not wing:
        return tuple(_list(names))
    return tuple(f"{named['wings'][wing]} {name[0].lower()}{name[1:]}" for name in _list(names))


def _floor(area: str, named: Mapping[str, Any]) -> str:
    wing = next((wing for wing in named.get("wings", ()) if area.startswith(f"{wing}_")), None)
    return wing or named.get("floor_of", {}).get(area, "ground")


def _joined(wing: str, room: str) -> str:
    return f"{wing}_{room}" if wing else room


def _list(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
