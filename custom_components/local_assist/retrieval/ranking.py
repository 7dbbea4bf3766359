"""How well each thing and place explains the words of a sentence."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .index import Index
from .reading import Match, Reading, positions
from .tables import Role

_PLACE_COVERED: Final = 0.45
"""How much of an area's name must be said for it to be meant, when none is said in full."""
_AS_IT_IS: Final = 0.86
"""How sure the words of a name must be for it to be said as it is, and not its plural."""
_BY_NAME: Final = 0.85
_CLEARER: Final = 1.05


@dataclass(slots=True)
class Explained:
    """What of the sentence an item explains by its name or kind.

    `words` holds a quality for each position; `of_kind` tells that Home Assistant has it as a thing
    of a kind that was said; `names` the matches of each of its names, as
    (slots, positions, quality).
    """

    words: dict[int, float] = field(default_factory=dict)
    of_kind: bool = False
    names: dict[int, list[tuple[int, int, float]]] = field(default_factory=dict)

    def add(self, mask: int, quality: float) -> None:
        """Note that the words of a mask are explained this well."""
        for position in positions(mask):
            if quality > self.words.get(position, 0.0):
                self.words[position] = quality


@dataclass(frozen=True, slots=True)
class Place:
    """A named area or floor: its item number, the words that name it, how well, its area ids."""

    item: int
    positions: int
    quality: float
    areas: frozenset[str]

    @property
    def strength(self) -> float:
        """How much of the sentence names the place, and how well."""
        return self.quality * self.positions.bit_count()


@dataclass(slots=True)
class Evidence:
    """What every item explains, and the places that are named."""

    index: Index
    reading: Reading
    items: dict[int, Explained]
    places: list[Place]

    def coverage(self, item: int) -> float:
        """Return how much of the item's best matching name is said, 0 to 1."""
        explained = self.items.get(item)
        if explained is None:
            return 0.0
        return max(
            (self._covered(item, name, said)[0] for name, said in explained.names.items()),
            default=0.0,
        )

    def exactly_named(self, item: int) -> int:
        """Return the words, as bits, that are a name of the item in full and in a row, or 0."""
        explained = self.items.get(item)
        if explained is None:
            return 0
        best = 0
        for name, said in explained.names.items():
            literal = [match for match in said if match[2] >= _AS_IT_IS]
            coverage, mask = self._covered(item, name, literal)
            if coverage >= _AS_IT_IS and _in_a_row(mask) and mask.bit_count() > best.bit_count():
                best = mask
        return best

    def _covered(
        self, item: int, name: int, said: Iterable[tuple[int, int, float]]
    ) -> tuple[float, int]:
        weights = self.index.names[item][name].weights
        best = [0.0] * len(weights)
        mask = 0
        for slots, words, quality in said:
            mask |= words
            for slot in positions(slots):
                best[slot] = max(best[slot], quality)
        return sum(w * q for w, q in zip(weights, best, strict=True)) / sum(weights), mask


def _in_a_row(mask: int) -> bool:
    """Whether the bits of a mask stand side by side."""
    low = mask & -mask
    return mask & (mask + low) == 0


def relatives(evidence: Evidence, said: int, meant: Collection[str]) -> frozenset[str]:
    """Return the area ids that share the said words (bits) with the areas that are meant.

    "Kitchen" means no "Annex kitchen" where there is a kitchen.
    """
    index = evidence.index
    return frozenset(
        area.id
        for number, area in enumerate(index.house.areas, index.first_area)
        if area.id not in meant
        and (explained := evidence.items.get(number)) is not None
        and any(said >> position & 1 for position in explained.words)
    )


def gather(index: Index, reading: Reading) -> Evidence:
    """Return what the items of the house explain of a sentence."""
    items: defaultdict[int, Explained] = defaultdict(Explained)
    for match in reading.matches:
        _by_name(index, items, match)
        if match.role in (Role.KIND, Role.HINT):
            for item in index.of_kind.get(match.key.partition(":")[2], ()):
                items[item].add(match.positions, match.quality)
                items[item].of_kind = True
    evidence = Evidence(index, reading, items, [])
    evidence.places = _places(evidence)
    return evidence


def _by_name(index: Index, items: Mapping[int, Explained], match: Match) -> None:
    if match.role in (Role.HINT, Role.COMPARE):
        return
    literal = match.role is None
    for posting in index.postings.get(match.key, ()):
        explained = items[posting.item]
        quality = match.quality if literal else match.quality * _BY_NAME
        explained.add(match.positions, quality)
        explained.names.setdefault(posting.name, []).append(
            (posting.slots, match.positions, quality)
        )


def _places(evidence: Evidence) -> list[Place]:
    """Return the areas and floors that are named, the best named of those that share words."""
    index = evidence.index
    candidates = []
    for item in range(index.first_area, len(index.items)):
        coverage = evidence.coverage(item)
        if coverage >= _PLACE_COVERED:
            mask = 0
            for position in evidence.items[item].words:
                mask |= 1 << position
            place = Place(item, mask, coverage, _areas_of(index, item))
            if item < index.first_floor or not _like_other_floors(evidence, place):
                candidates.append(place)
    return [
        place
        for place in candidates
        if not any(
            other.positions & place.positions and other.strength > place.strength * _CLEARER
            for other in candidates
        )
    ]


def _like_other_floors(evidence: Evidence, place: Place) -> bool:
    """Whether only what several floors are called is said: "floor" of "Cellar floor"."""
    if evidence.exactly_named(place.item):
        return False
    return any(
        other != place.item
        and (explained := evidence.items.get(other)) is not None
        and all(position in explained.words for position in positions(place.positions))
        for other in range(evidence.index.first_floor, len(evidence.index.items))
    )


def _areas_of(index: Index, item: int) -> frozenset[str]:
    """Return the area ids that an area's or a floor's item number stands for."""
    house = index.house
    if item < index.first_floor:
        return frozenset({house.areas[item - index.first_area].id})
    floor = house.floors[item - index.first_floor].id
    return frozenset(area.id for area in house.areas if area.floor == floor)
