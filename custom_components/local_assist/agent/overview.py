"""What there is in the house and where, without states: the part of a prompt that stays. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from ..retrieval import House, Thing
from .outside_text import MAX_NAME, one_line

_NOWHERE: Final = "Elsewhere"


def overview(house: House, *, max_tokens: int, count: Callable[[str], int]) -> str:
    """Return the areas by floor and what is in each: the fullest form within `max_tokens`.

    The forms are: every thing by name; how many of each kind in each area; how many of each kind
    in the house and the names of the areas; how many of each kind alone, which is always short.
    """
    forms = (_named, _counted, _areas_only)
    for text in (form(house) for form in forms):
        if count(text) <= max_tokens:
            return text
    return f"In the house: {_kinds(house.things)}"


def _named(house: House) -> str:
    return _by_area(house, _names)


def _counted(house: House) -> str:
    return _by_area(house, _kinds)


def _areas_only(house: House) -> str:
    areas = "; ".join(
        f"{floor}: {', '.join(names)}" if floor else ", ".join(names)
        for floor, names in (
            (floor, [name for name, _ in areas]) for floor, areas in _places(house)
        )
    )
    return f"In the house: {_kinds(house.things)}\nAreas: {areas}"


def _by_area(house: House, told: Callable[[Sequence[Thing]], str]) -> str:
    lines: list[str] = []
    for floor, areas in _places(house):
        if floor:
            lines.append(f"{floor}:")
        lines.extend(f"- {name}: {told(things)}" for name, things in areas)
    return "\n".join(lines)


def _places(house: House) -> list[tuple[str, list[tuple[str, list[Thing]]]]]:
    """Return the floors with their areas and the things there; what is empty is left out.

    Areas without a floor, and things without an area, come under a floor without a name.
    """
    things: dict[str | None, list[Thing]] = defaultdict(list)
    known = {area.id for area in house.areas}
    for thing in house.things:
        things[thing.area if thing.area in known else None].append(thing)
    floors: dict[str | None, list[tuple[str, list[Thing]]]] = {
        floor.id: [] for floor in house.floors
    }
    rest: list[tuple[str, list[Thing]]] = []
    for area in sorted(house.areas, key=lambda area: (area.names[0].casefold(), area.id)):
        if area.id in things:
            place = one_line(area.names[0], MAX_NAME), things[area.id]
            floors.get(area.floor, rest).append(place)
    if None in things:
        rest.append((_NOWHERE, things[None]))
    named = [
        (one_line(floor.names[0], MAX_NAME), floors[floor.id])
        for floor in house.floors
        if floors[floor.id]
    ]
    # First, for under a floor's name they would seem to be on that floor.
    return [("", rest), *named] if rest else named


def _kinds(things: Sequence[Thing]) -> str:
    """Return how many there are of each domain."""
    numbers = Counter(thing.domain for thing in things)
    return ", ".join(f"{domain} {number}" for domain, number in sorted(numbers.items()))


def _names(things: Sequence[Thing]) -> str:
    """Return the names of things by domain."""
    by_domain: dict[str, list[str]] = defaultdict(list)
    for thing in things:
        by_domain[thing.domain].append(one_line(thing.names[0], MAX_NAME))
    return "; ".join(
        f"{domain} {', '.join(sorted(names, key=str.casefold))}"
        for domain, names in sorted(by_domain.items())
    )
