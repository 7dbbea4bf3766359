"""The names of a house, looked up as a model writes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...retrieval.house import Area, Floor, House, Thing

type Place = Area | Floor


def normal(name: str) -> str:
    """Return a name as Home Assistant compares names, white space evened out as well."""
    return " ".join(name.casefold().split())


@dataclass(frozen=True, slots=True)
class Names:
    """What things, areas and floors are called. Built once for a house; frozen.

    Attributes:
        by_id: the things by entity id.
        domains: of the things.
        by_name: the things by each of their names, normalised. A name may be that of several.
        areas, floors: by id.
        area_by_name, floor_by_name: by each name and by id, normalised.
    """

    by_id: Mapping[str, Thing]
    domains: frozenset[str]
    by_name: Mapping[str, tuple[Thing, ...]]
    areas: Mapping[str, Area]
    floors: Mapping[str, Floor]
    area_by_name: Mapping[str, Area]
    floor_by_name: Mapping[str, Floor]

    @classmethod
    def of(cls, house: House) -> Names:
        """Return the names of a house: of what is exposed, for nothing else may be acted on."""
        by_name: defaultdict[str, list[Thing]] = defaultdict(list)
        for thing in house.things:
            for name in dict.fromkeys(map(normal, thing.names)):
                by_name[name].append(thing)
        return cls(
            by_id={thing.entity_id: thing for thing in house.things},
            domains=frozenset(thing.domain for thing in house.things),
            by_name={name: tuple(things) for name, things in by_name.items()},
            areas={area.id: area for area in house.areas},
            floors={floor.id: floor for floor in house.floors},
            area_by_name=_places(house.areas),
            floor_by_name=_places(house.floors),
        )


def _places[PlaceT: Area | Floor](places: Iterable[PlaceT]) -> dict[str, PlaceT]:
    """Return places by name and id; the first of that name wins, as in Home Assistant."""
    found: dict[str, PlaceT] = {}
    for place in places:
        for name in (place.id, *place.names):
            found.setdefault(normal(name), place)
    return found
