"""Things that are called the same but for one word more: "Kettle" and "Annex kettle"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .house import Area
from .ranking import Evidence

_AS_MUCH: Final = 0.98
"""How much of what a relative explains a thing must explain to be meant in its stead."""
_AT_MOST: Final = 100
"""How many things are compared with each other."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A thing with how much of the wish it explains, without and with what only ranks it."""

    item: int
    explains: float
    score: float


class Families:
    """Keeps the plainly named of things whose names differ in words nobody said.

    `room` is the area id of the room the person is in: what is there, or on the same floor, is
    meant by its short name too.
    """

    def __init__(self, evidence: Evidence, room: str | None) -> None:
        self._evidence = evidence
        areas: Sequence[Area] = evidence.index.house.areas
        self._floors = {area.id: area.floor for area in areas}
        self._room = room
        self._floor = self._floors.get(room) if room else None

    def without_relatives(self, kept: list[Scored]) -> list[Scored]:
        """Drop things elsewhere whose names say more than was said, where one says no more."""
        if not 1 < len(kept) <= _AT_MOST:
            return kept
        names = {one.item: self._name(one.item) for one in kept}
        dropped: set[int] = set()
        for plain in kept:
            for longer in kept:
                if names[plain.item] < names[longer.item] and self._elsewhere(plain, longer):
                    if self.is_here(longer) and (longer.explains >= plain.explains * _AS_MUCH):
                        dropped.add(plain.item)
                    elif not self._is_near(longer) and (
                        plain.explains >= longer.explains * _AS_MUCH
                    ):
                        dropped.add(longer.item)
        return [one for one in kept if one.item not in dropped] or kept

    def _name(self, item: int) -> frozenset[str]:
        """Return the words of the thing's name that is said best."""
        names = self._evidence.index.names[item]
        explained = self._evidence.items.get(item)
        said = explained.names if explained else {}
        best = max(said, key=lambda number: len(said[number]), default=0)
        return frozenset(names[best].slots) if names else frozenset()

    def _elsewhere(self, one: Scored, other: Scored) -> bool:
        """Whether two things are in different rooms, or of one domain in none."""
        index = self._evidence.index
        area = index.area_of(one.item)
        if area is None and index.area_of(other.item) is None:
            return index.domain_of(one.item) == index.domain_of(other.item)
        return area != index.area_of(other.item)

    def is_here(self, one: Scored) -> bool:
        """Whether a thing is in the room the person is in."""
        return self._room is not None and self._evidence.index.area_of(one.item) == self._room

    def are_relatives(self, plain: Scored, longer: Scored) -> bool:
        """Whether one's name is the other's with words added."""
        return self._name(plain.item) < self._name(longer.item)

    def _is_near(self, one: Scored) -> bool:
        area = self._evidence.index.area_of(one.item)
        if area is None or self._room is None:
            return False
        return self._floor is not None and self._floors.get(area) == self._floor
