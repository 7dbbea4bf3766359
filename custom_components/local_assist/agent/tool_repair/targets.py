"""What a call acts on: the names of things, areas and floors in its arguments."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...retrieval.house import Thing
from .matching import clearly_one, difference, nearest, words
from .names import Names, Place, normal
from .refusal import RefusalError
from .tables import TABLES

KINDS: dict[str, list[str]] = TABLES["kinds"]
DOMAINS = frozenset([*KINDS, *TABLES["domains"]["more"]])
_KIND_OF = {word: kind for kind, words_of_kind in KINDS.items() for word in words_of_kind}
_KIND_WORDS = {
    kind: frozenset(word for name in names for word in words(name)) for kind, names in KINDS.items()
}
_ENTITY_ID = re.compile(r"([a-z_]+)\.([a-z0-9_]+)")

SLOTS = ("name", "area", "floor", "domain", "device_class")
"""The parameters that narrow what an intent acts on."""


def _as_written(asked: str, names: Iterable[str]) -> str:
    """Return a name as asked for, unless Home Assistant minds its white space."""
    same = [name for name in names if normal(name) == normal(asked)]
    return asked if asked.strip().casefold() in map(str.casefold, same) else same[0]


class Targets:
    """Finds what names mean in a house. Raises RefusalErrors where that is not clear."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._place_words = {
            area.id: frozenset(word for name in area.names for word in words(name))
            for area in names.areas.values()
        }

    def domain(self, written: Any) -> Any:
        """Return the domain a word means ("lights", "lamp"); what means none is left as it is."""
        if not isinstance(written, str) or written in DOMAINS or written in self._names.domains:
            return written
        plain = "_".join(written.casefold().split())
        for word in (plain, plain.removesuffix("s")):
            if word in DOMAINS or word in self._names.domains:
                return word
            if word in _KIND_OF:
                return _KIND_OF[word]
        return written

    def area(self, asked: str) -> str:
        """Return the name of the area that is meant, as asked for if that is one."""
        return self._place("area", asked, self._names.area_by_name, self._names.areas.values())

    def floor(self, asked: str) -> str:
        """Return the name of the floor that is meant, as asked for if that is one."""
        return self._place("floor", asked, self._names.floor_by_name, self._names.floors.values())

    def is_area(self, asked: str) -> bool:
        """Return whether an area is called that."""
        return normal(asked) in self._names.area_by_name

    def is_floor(self, asked: str) -> bool:
        """Return whether a floor is called that."""
        return normal(asked) in self._names.floor_by_name

    def _place(
        self, kind: str, asked: str, known: Mapping[str, Place], places: Iterable[Place]
    ) -> str:
        if place := known.get(normal(asked)):
            return _as_written(asked, (place.id, *place.names))
        options = [(place, place.names) for place in places]
        found = clearly_one(options, lambda _, name: difference(asked, name))
        if found:
            return found.names[0]
        every = [names[0] for _, names in options]
        raise RefusalError(
            f"There is no {kind} called {asked!r}. Use one of the candidates, or ask which is"
            " meant.",
            nearest(asked, every) or every[:10],
        )

    def name(self, asked: str, domains: Collection[str], area: str | None) -> str:
        """Return the name of the thing that is meant, as asked for if that is one.

        Args:
            asked: what the call says: a name, one slightly off, or an entity id.
            domains: those the thing may have; none for any.
            area: the name of the area the call says it is in.
        """
        if same := self._names.by_name.get(normal(asked)):
            return _as_written(asked, (name for thing in same for name in thing.names))
        if thing := self._names.by_id.get(normal(asked)):
            return self._sole_name(thing) or thing.entity_id
        if self.is_area(asked) or self.is_floor(asked):
            raise RefusalError(
                f"{asked!r} is the name of a place, not of a device. Name the device, or call the"
                " tool for the place if all of it is meant.",
                self._in_place(asked, domains),
            )
        entity_id = _ENTITY_ID.fullmatch(normal(asked))
        if entity_id and entity_id[1] in DOMAINS | self._names.domains:
            asked = entity_id[2].replace("_", " ")
            domains = (entity_id[1],)
        things = self._things(domains, area)
        found = clearly_one(
            [(thing, thing.names) for thing in things],
            lambda thing, name: self._apart(asked, thing, name, area),
        )
        if found:
            return self._sole_name(found) or found.entity_id
        raise RefusalError(
            f"No exposed device is clearly meant by {asked!r}{self._where(domains, area)}. Use the"
            " exact name of a candidate, or ask which is meant.",
            nearest(asked, (thing.names[0] for thing in things)),
        )

    def entity_id(self, asked: str) -> str:
        """Return the entity id of the thing that is meant; another entity id is left as it is."""
        if _ENTITY_ID.fullmatch(asked):
            return asked
        things = self._names.by_name.get(normal(self.name(asked, (), None)), ())
        if len(things) != 1:
            raise RefusalError(
                f"Several devices are called {asked!r}. Use the entity id of one of them.",
                (thing.entity_id for thing in things),
            )
        return things[0].entity_id

    def one_of(self, asked: Any, allowed: Collection[Any]) -> str | None:
        """Return which of the values allowed is meant, if these are names of the house."""
        known = {item for item in allowed if isinstance(item, str) and self._is_known(item)}
        if not isinstance(asked, str) or known != set(allowed):
            return None
        thing = self._names.by_id.get(normal(asked))
        for name in thing.names if thing else ():
            if name in known:
                return name
        return clearly_one(
            [(item, (item,)) for item in allowed], lambda _, name: difference(asked, name)
        )

    def same(self, one: Any, other: Any) -> bool:
        """Return whether two values name the same thing."""
        found = [self._ids(value) for value in (one, other)]
        return found[0] == found[1] and len(found[0]) == 1

    def _ids(self, value: Any) -> set[str]:
        name = normal(str(value))
        if name in self._names.by_id:
            return {name}
        return {thing.entity_id for thing in self._names.by_name.get(name, ())}

    def _is_known(self, name: str) -> bool:
        return normal(name) in self._names.by_name or name in self._names.by_id

    def _sole_name(self, thing: Thing) -> str | None:
        """Return a name that no other thing has."""
        return next(
            (name for name in thing.names if len(self._names.by_name[normal(name)]) == 1), None
        )

    def _things(self, domains: Collection[str], area: str | None) -> list[Thing]:
        place = self._names.area_by_name.get(normal(area)) if area else None
        return [
            thing
            for thing in self._names.by_id.values()
            if (not domains or thing.domain in domains) and (not place or thing.area == place.id)
        ]

    def _apart(self, asked: str, thing: Thing, name: str, area: str | None) -> int | None:
        """Return how far a thing's name is from the one asked for.

        The words for its area and kind may be left out, but something has to be left that is its
        own: "light" is not "Kitchen light", unless the call is about the kitchen.
        """
        kind = _KIND_WORDS.get(thing.domain, frozenset())
        its_own = area or not kind.issuperset(words(asked))
        place = self._place_words.get(thing.area or "", frozenset()) if its_own else frozenset()
        return difference(asked, name, place=place, kind=kind)

    def _in_place(self, place: str, domains: Collection[str]) -> list[str]:
        return [thing.names[0] for thing in self._things(domains, place)][:10]

    def _where(self, domains: Collection[str], area: str | None) -> str:
        kind = f" among {', '.join(sorted(domains))}" if domains else ""
        return kind + (f" in {area}" if area else "")
