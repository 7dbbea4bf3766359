"""Which things a wish means, best first: few when it is clear."""

from collections.abc import Iterable, Mapping
from typing import Final

from .asked import beside
from .clauses import Wish
from .families import Families, Scored
from .house import Thing
from .kinds import CONTROLLABLE, MEANT_ALONE
from .ranking import Evidence, relatives
from .tables import Role

_RATIO: Final = 0.74
"""How near to the best a thing's score must be for it to be meant as well."""
_TIE: Final = 1.03
_HOPELESS: Final = 0.5
"""A thing that explains less than this share of what the best explains is not looked at closer."""
_LEAST: Final = 0.25
_NAME_SHARE: Final = 0.2
_COMES_ALONG_SHARE: Final = 0.65
_SIMILAR_SHARE: Final = 0.4
_FULLY_NAMED: Final = 0.8
_ENOUGH_SAID: Final = 0.95
_A_NAME: Final = 0.7
_SURELY: Final = 0.75
_STATES: Final = 1
_SAYS_AS_MUCH: Final = 0.8
_NAMED_ANYWHERE: Final = 0.45
_SPREAD: Final = 0.1


class Chooser:
    """Chooses the things each wish of a sentence means."""

    def __init__(
        self, evidence: Evidence, *, room: str | None, similar: Mapping[str, float]
    ) -> None:
        self.evidence = evidence
        self._index = evidence.index
        self.room = room
        self._likeness = _likeness(similar)
        self._families = Families(evidence, room)

    def choose(self, wish: Wish) -> list[str]:
        """Return the entity ids a wish means, best first."""
        scored = self._scored(wish)
        if not scored:
            return self._in_places(wish)
        best = max(one.score for one in scored)
        kept = [one for one in scored if one.score >= best * _RATIO]
        kept = self._without_mere_kinds(wish, kept)
        kept = self._without_company(kept)
        kept = self._as_named(wish, kept)
        kept = self._families.without_relatives(kept)
        if not wish.place_positions:
            kept = self._near(wish, kept)
        kept += self._beside(wish, kept, scored)
        kept.sort(key=lambda one: (-one.score, one.item))
        things = [self._index.house.things[one.item] for one in kept]
        if not self.evidence.reading.asks and wish.warmth:
            things = self._thermostats_first(things)
        return [thing.entity_id for thing in things]

    def _thermostats_first(self, things: list[Thing]) -> list[Thing]:
        """Return what can make it warmer before what only measures, at least if it is there."""
        areas = {thing.area for thing in things if thing.domain == "sensor"}
        there = [
            self._index.house.things[item]
            for item in self._index.of_kind.get("temperature", ())
            if self._index.domain_of(item) == "climate" and self._index.area_of(item) in areas
        ]
        can = [thing for thing in things if thing.domain != "sensor"]
        if not any(thing.domain == "climate" for thing in can):
            can = [*there, *can]
        return [*can, *(thing for thing in things if thing.domain == "sensor")]

    def _beside(self, wish: Wish, kept: list[Scored], scored: list[Scored]) -> list[Scored]:
        """Return what tells more about the things that are kept: a door's contact and its lock."""
        things = self._index.house.things
        chosen = {one.item for one in kept}
        best = max((one.explains for one in kept), default=0.0) * _SAYS_AS_MUCH
        return [
            one
            for one in scored
            if one.item not in chosen
            and one.explains >= best
            and any(
                beside(wish, self.evidence.reading, things[one.item], things[item])
                for item in chosen
            )
        ]

    def most_similar(self) -> list[str]:
        """Return the few things whose embeddings are nearest to the sentence's."""
        near = sorted(self._likeness.items(), key=lambda pair: -pair[1])
        return [entity_id for entity_id, likeness in near if likeness > _FULLY_NAMED][:5]

    def _scored(self, wish: Wish) -> list[Scored]:
        """Return the things that explain more of a wish than where it is."""
        placed = wish.place_positions
        things = self._index.house.things
        counts = [roles == {Role.NUMBER} for roles in self.evidence.reading.roles]
        elsewhere = relatives(self.evidence, placed, wish.areas) if wish.places else frozenset()
        explains: dict[int, tuple[float, float]] = {}
        for item in self._candidates(wish):
            explained: Mapping[int, float] = self.evidence.items[item].words
            if things[item].area in elsewhere and not self.evidence.exactly_named(item):
                explained = {p: q for p, q in explained.items() if not placed >> p & 1}
            by_place = self._by_place(wish, item)
            said = more = 0.0
            for position, weight in wish.weights.items():
                quality = explained.get(position, 0.0)
                if not placed >> position & 1 and not counts[position]:
                    more += weight * quality
                said += weight * max(quality, by_place.get(position, 0.0))
            said += _SIMILAR_SHARE * self._likeness.get(things[item].entity_id, 0.0)
            explains[item] = said, more
        most = max((said for said, _ in explains.values()), default=0.0)
        return [
            Scored(item, said, said * self._named_share(item, covered))
            for item, (said, more) in explains.items()
            if said >= max(_LEAST, most * _HOPELESS)
            and ((covered := self.evidence.coverage(item)) >= _FULLY_NAMED or more > 0.0)
        ]

    def _named_share(self, item: int, covered: float) -> float:
        """Return what a score is worth by how much of the thing's name was said.

        It matters most for the readings that come along with a device and bear its name.
        """
        share = _COMES_ALONG_SHARE if self._comes_along(item) else _NAME_SHARE
        return 1.0 - share + share * covered

    def _candidates(self, wish: Wish) -> Iterable[int]:
        """Return the things with anything to say to a wish."""
        first_area = self._index.first_area
        mask = sum(1 << position for position in wish.weights)
        for item, explained in self.evidence.items.items():
            if item < first_area and any(mask >> position & 1 for position in explained.words):
                yield item

    def _by_place(self, wish: Wish, item: int) -> Mapping[int, float]:
        """Return the words of a wish's places that a thing explains by being there."""
        area = self._index.area_of(item)
        return wish.words_of_areas.get(area, {}) if area else {}

    def _without_mere_kinds(self, wish: Wish, kept: list[Scored]) -> list[Scored]:
        """Drop what only is of a kind that is said, where something bears a name that is said."""
        others = [
            position
            for position, weight in wish.weights.items()
            if weight >= _A_NAME and not wish.kind_positions >> position & 1
        ]
        items = self.evidence.items

        def bears_a_name(one: Scored) -> bool:
            explained = items[one.item].words
            by_place = self._by_place(wish, one.item)
            return any(max(explained.get(p, 0.0), by_place.get(p, 0.0)) >= _SURELY for p in others)

        named = [one for one in kept if bears_a_name(one)]
        return named or kept

    def _without_company(self, kept: list[Scored]) -> list[Scored]:
        """Drop readings that came along with a device and explain no more than it does."""
        alone = [one for one in kept if not self._comes_along(one.item)]
        if not alone:
            return kept
        most = max(one.explains for one in alone) * _TIE
        company = sorted(
            (one for one in kept if self._comes_along(one.item)), key=lambda one: -one.score
        )
        things = self._index.house.things
        more = [one for one in company if one.explains > most]
        states = [one for one in company if one not in more and not things[one.item].device_class]
        return [*alone, *more, *states[:_STATES]]

    def _comes_along(self, item: int) -> bool:
        of_kind = self.evidence.items[item].of_kind
        return not of_kind and self._index.domain_of(item) not in MEANT_ALONE

    def _as_named(self, wish: Wish, kept: list[Scored]) -> list[Scored]:
        """Keep only what is named word for word, if that is all the wish says."""
        said = max(one.explains for one in kept)
        exact = [
            one
            for one in kept
            if self.evidence.exactly_named(one.item) and one.explains >= said * _ENOUGH_SAID
        ]
        if not exact or not self._clear(wish, exact):
            return kept
        families = self._families
        return exact + [
            one
            for one in kept
            if one not in exact
            and families.is_here(one)
            and one.explains >= said * _ENOUGH_SAID
            and any(families.are_relatives(other, one) for other in exact)
        ]

    def _clear(self, wish: Wish, exact: list[Scored]) -> bool:
        """Whether the names say all that the wish says, but for the place."""
        needed = sum(1 << p for p, weight in wish.weights.items() if weight >= 0.4)
        needed &= ~wish.place_positions
        return any(not needed & ~self.evidence.exactly_named(one.item) for one in exact)

    def _near(self, wish: Wish, kept: list[Scored]) -> list[Scored]:
        """Prefer the room the person is in, where the words say as much elsewhere."""
        near = [one for one in kept if self._index.area_of(one.item) == self.room]
        if self.room is None or not near:
            return kept
        near += [one for one in kept if self._named_anywhere(one.item)]
        best = max(one.explains for one in near)
        if wish.wide and not wish.places:
            return [
                Scored(one.item, one.explains, one.score * (_TIE if one in near else 1.0))
                for one in kept
            ]
        return [one for one in kept if one in near or one.explains > best * _TIE]

    def _named_anywhere(self, item: int) -> bool:
        """Whether a thing that is in no room is named."""
        return self._index.area_of(item) is None and self.evidence.coverage(item) >= _NAMED_ANYWHERE

    def _in_places(self, wish: Wish) -> list[str]:
        """Return what can be controlled in the places of a wish that names nothing else."""
        things = self._index.house.things
        areas = wish.areas
        return [
            thing.entity_id
            for domain in CONTROLLABLE
            for thing in things
            if thing.area in areas and thing.domain == domain
        ]


def _likeness(similar: Mapping[str, float]) -> dict[str, float]:
    """Return cosines as likeness, 0 to 1: how far each is from the mean toward the highest.

    What a cosine says differs from model to model; only the order and the spread are compared.
    """
    if not similar:
        return {}
    mean = sum(similar.values()) / len(similar)
    spread = max(similar.values()) - mean
    if spread < _SPREAD:
        return {}
    return {
        entity_id: ((cosine - mean) / spread) ** 2
        for entity_id, cosine in similar.items()
        if cosine > mean
    }
