"""Houses of any size, with names in eight languages, and what is said in them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from custom_components.local_assist.retrieval import Area, Floor, House, Thing

CORPUS: Final = Path(__file__).parents[2] / "corpora" / "retrieval"
LANGUAGES: Final = tuple(sorted(path.stem for path in CORPUS.glob("*.toml")))
_UPSTAIRS: Final = {"bedroom", "kids", "bathroom", "office"}
_OUTDOORS: Final = {"garden"}
_AREA_OF: Final = {
    "living": "light.living_ceiling light.living_standing light.sofa switch.christmas cover.living"
    " climate.living sensor.living_temperature media_player.tv",
    "kitchen": "light.kitchen light.counter switch.coffee cover.kitchen"
    " binary_sensor.kitchen_window media_player.radio",
    "hall": "light.hall binary_sensor.front_door binary_sensor.hall_motion binary_sensor.smoke"
    " lock.front_door",
    "bedroom": "light.bedside light.bedroom cover.bedroom climate.bedroom fan.bedroom"
    " sensor.bedroom_temperature binary_sensor.bedroom_window media_player.bedroom",
    "kids": "light.kids",
    "bathroom": "light.mirror climate.bathroom sensor.bathroom_humidity"
    " binary_sensor.bathroom_window",
    "office": "light.desk",
    "garage": "cover.garage",
    "garden": "light.garden switch.pump cover.awning sensor.outdoor_temperature"
    " binary_sensor.back_door camera.driveway",
    "basement": "switch.washer sensor.washer_left binary_sensor.leak",
}
_CLASSES: Final = {
    "cover.living": "blind",
    "cover.bedroom": "shutter",
    "cover.kitchen": "blind",
    "cover.garage": "garage",
    "cover.awning": "awning",
    "sensor.living_temperature": "temperature",
    "sensor.bedroom_temperature": "temperature",
    "sensor.outdoor_temperature": "temperature",
    "sensor.bathroom_humidity": "humidity",
    "sensor.power": "power",
    "sensor.washer_left": "duration",
    "binary_sensor.kitchen_window": "window",
    "binary_sensor.bedroom_window": "window",
    "binary_sensor.bathroom_window": "window",
    "binary_sensor.front_door": "door",
    "binary_sensor.back_door": "door",
    "binary_sensor.hall_motion": "motion",
    "binary_sensor.smoke": "smoke",
    "binary_sensor.leak": "moisture",
    "media_player.tv": "tv",
    "media_player.bedroom": "speaker",
}
_FILLER_CLASSES: Final = {"battery": "battery", "link": None, "power": "energy"}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with what it needs; `most` is how many single things may be found for it."""

    language: str
    say: str
    needs: frozenset[str]
    room: str | None
    recent: tuple[str, ...]
    most: int


@cache
def corpus(language: str) -> Mapping[str, Any]:
    """Return a language's house and sentences."""
    return tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))


def sentences(language: str) -> list[Said]:
    """Return what is said in a language's house."""
    return [
        Said(
            language,
            entry["say"],
            frozenset(entry["needs"]),
            entry.get("room"),
            tuple(entry.get("recent", ())),
            entry.get("most", 5),
        )
        for entry in corpus(language)["sentence"]
    ]


@cache
def house(language: str, size: int = 200) -> House:
    """Return a house of so many things: those with names, and sensors that devices bring along."""
    table = corpus(language)
    area_of = {thing: area for area, things in _AREA_OF.items() for thing in things.split()}
    things = [
        Thing(thing, (name,), thing.partition(".")[0], _CLASSES.get(thing), area_of.get(thing))
        for thing, name in table["things"].items()
    ]
    owners = list(things)
    fillers = list(table["fillers"].items())
    for number in range(size - len(things)):
        owner = owners[number // len(fillers) % len(owners)]
        kind, word = fillers[number % len(fillers)]
        more = number // len(fillers) // len(owners)
        name = f"{owner.names[0]} {more + 1} {word}" if more else f"{owner.names[0]} {word}"
        entity_id = f"sensor.filler_{number}"
        things.append(Thing(entity_id, (name,), "sensor", _FILLER_CLASSES[kind], owner.area))
    areas = tuple(Area(area, (name,), _floor(area)) for area, name in table["areas"].items())
    floors = tuple(Floor(floor, (name,)) for floor, name in table["floors"].items())
    return House(tuple(things), areas, floors)


def _floor(area: str) -> str | None:
    if area in _OUTDOORS:
        return None
    return "upper" if area in _UPSTAIRS else "ground"
