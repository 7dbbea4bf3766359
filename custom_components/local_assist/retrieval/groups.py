"""Whole kinds of things, for what is said about each of them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from .clauses import Wish
from .house import Group
from .kinds import CONTROLLABLE, KINDS
from .ranking import Evidence
from .tables import Role

_SAID_TOO: Final = 0.6
_NAMED_AS_ONE: Final = frozenset({"switch", "input_boolean"})
"""Domains whose things are of the kind their name says: a switch may be a light."""


def groups_for(evidence: Evidence, wish: Wish) -> list[Group]:
    """Return the kinds a wish is about, limited to the places and the other words it names."""
    members: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for item, kind in _of_kinds(evidence, wish):
        if _is_in(evidence, wish, item) and item not in members[kind]:
            members[kind].append(item)
    chosen = _narrowed(evidence, wish, {i for items in members.values() for i in items})
    areas = tuple(sorted(wish.areas))
    things = evidence.index.house.things
    found = []
    taken: set[int] = set()
    for (domain, device_class), items in members.items():
        mine = [item for item in items if item in chosen and item not in taken]
        taken.update(mine)
        if mine:
            ids = tuple(things[item].entity_id for item in mine)
            found.append(Group(domain, device_class, areas, ids))
    return found


def _of_kinds(evidence: Evidence, wish: Wish) -> list[tuple[int, tuple[str, str | None]]]:
    """Return the things of the wish's kinds, each with its domain and the class that counts."""
    index = evidence.index
    names = list(wish.kinds or wish.hints)
    if not names:
        return [
            (item, (thing.domain, None))
            for item, thing in enumerate(index.house.things)
            if thing.domain in CONTROLLABLE
        ]
    found: list[tuple[int, tuple[str, str | None]]] = []
    for name in names:
        for item in index.of_kind.get(name, ()):
            domain, device_class = KINDS[name].which(index.house.things[item]) or ("", "*")
            found.append((item, (domain, None if device_class in "*-" else device_class)))
        found.extend(
            (posting.item, (index.domain_of(posting.item), None))
            for posting in index.postings.get(f"{Role.KIND}:{name}", ())
            if posting.item < index.first_area and index.domain_of(posting.item) in _NAMED_AS_ONE
        )
    return found


def _is_in(evidence: Evidence, wish: Wish, item: int) -> bool:
    """Whether a thing is in the wish's places, or without an area and named after one."""
    if not wish.places:
        return True
    area = evidence.index.area_of(item)
    if area is not None:
        return area in wish.areas
    words = evidence.items[item].words if item in evidence.items else {}
    return any(place.positions >> position & 1 for place in wish.places for position in words)


def _narrowed(evidence: Evidence, wish: Wish, members: Collection[int]) -> set[int]:
    """Return the members that the wish's other words name, all if they name none."""
    known = wish.place_positions | wish.kind_positions
    others = {p: w for p, w in wish.weights.items() if not known >> p & 1}
    said = {
        item: sum(w * evidence.items[item].words.get(p, 0.0) for p, w in others.items())
        for item in members
        if item in evidence.items
    }
    most = max(said.values(), default=0.0)
    if most < _SAID_TOO:
        return set(members)
    return {item for item, weight in said.items() if weight >= _SAID_TOO * most}
