"""Which things of the house a sentence is about."""

from collections.abc import Mapping, Sequence
from typing import Final

from .asked import is_hardly_meant, settle, the_one
from .choosing import Chooser
from .clauses import Wish, kinds_of, wishes
from .groups import groups_for
from .house import Found, Group, House
from .index import Index
from .kinds import CONTROLLABLE, IN_NO_ROOM
from .ranking import Evidence, Place, gather
from .reading import Reader
from .tables import Role

_FEW: Final = 8
"""More things of one kind than this are better sent as a group."""
_ROOM_AT_MOST: Final = 8
_TALKED_OF: Final = 2
"""How many things a sentence is worth that wants a joke or a story."""


class Retriever:
    """Ranks the things of one house for sentences in one language.

    The index is built once, some milliseconds per thousand things; a retriever is for one state
    of the house, so a changed house gets a new one. A sentence in another language that the
    tables know is understood as well.
    """

    def __init__(self, house: House, language: str) -> None:
        self._index = Index(house, language)
        self._things = {thing.entity_id: thing for thing in house.things}

    def find(
        self,
        sentence: str,
        *,
        room: str | None = None,
        recent: Sequence[str] = (),
        similar: Mapping[str, float] | None = None,
        limit: int = 15,
    ) -> Found:
        """Return what a sentence is about.

        `room` is the area id of the room the person is in, `recent` holds the entity ids the last
        turn acted on, `similar` the cosine of each entity's embedding with the sentence's.
        """
        reading = Reader(self._index, sentence).read()
        evidence = gather(self._index, reading)
        recent = [entity_id for entity_id in recent if entity_id in self._things]
        chooser = Chooser(evidence, room=room, similar=similar or {})
        ranked: list[list[str]] = []
        groups: list[Group] = []
        here = self._here(room)
        for wish in settle(wishes(evidence, here), evidence, here):
            if is_hardly_meant(wish, evidence):
                continue
            things, kinds = self._answer(wish, chooser, recent)
            ranked.append(things)
            groups.extend(group for group in kinds if group not in groups)
        things = _merged(ranked)
        if reading.is_talk and not evidence.places:
            things, groups = things[:_TALKED_OF], []
        if not things and not groups:
            things = self._otherwise(chooser, room, recent, about=reading.about_the_house)
        grouped = {entity_id for group in groups for entity_id in group.things}
        return Found(
            things=tuple(entity_id for entity_id in things if entity_id not in grouped)[:limit],
            groups=tuple(groups),
            areas=self._named_areas(evidence),
            floors=self._named_floors(evidence),
        )

    def _answer(
        self, wish: Wish, chooser: Chooser, recent: Sequence[str]
    ) -> tuple[list[str], list[Group]]:
        """Return the things and groups one wish is about."""
        says_it = Role.IT in wish.roles
        if recent and not (wish.kinds or wish.named) and (says_it or wish.places):
            if not wish.places:
                return self._again(wish, recent), []
            wish.kinds = kinds_of(self._things, recent)
            groups = groups_for(chooser.evidence, wish) if wish.kinds else []
            return [entity_id for group in groups for entity_id in group.things], []
        if only := the_one(wish, chooser.evidence, chooser.room):
            return [only], []
        if wish.quantified and (groups := groups_for(chooser.evidence, wish)):
            return [], groups
        things = chooser.choose(wish)
        if len(things) > _FEW and (wish.kinds or wish.hints):
            wanted = set(things)
            groups = groups_for(chooser.evidence, wish)
            if wanted <= {entity_id for group in groups for entity_id in group.things}:
                return [], groups
        if recent and says_it and not wish.named and not wish.places:
            things = [*self._again(wish, recent), *things]
        return things, []

    def _again(self, wish: Wish, recent: Sequence[str]) -> list[str]:
        """Return the last turn's targets that "it" may stand for beside the kinds named."""
        if not wish.kinds:
            return list(recent)
        numbers = self._index.numbers
        of_kind = {item for kind in wish.kinds for item in self._index.of_kind.get(kind, ())}
        return [entity_id for entity_id in recent if numbers[entity_id] in of_kind]

    def _otherwise(
        self, chooser: Chooser, room: str | None, recent: Sequence[str], *, about: bool
    ) -> list[str]:
        """Return what a sentence that names nothing may be about."""
        if recent and chooser.evidence.reading.words:
            return list(recent)
        if alike := chooser.most_similar():
            return alike
        if not about or self._elsewhere(chooser.evidence):
            return []
        things = self._index.house.things
        return [
            thing.entity_id
            for domain in CONTROLLABLE
            for thing in things
            if room is not None and thing.area == room and thing.domain == domain
        ][:_ROOM_AT_MOST]

    @staticmethod
    def _elsewhere(evidence: Evidence) -> bool:
        """Whether the sentence is about what no room has, such as the weather or a timer."""
        kinds = {
            match.key.partition(":")[2]
            for match in evidence.reading.matches
            if match.role is Role.KIND
        }
        return bool(kinds) and kinds <= IN_NO_ROOM

    def _here(self, room: str | None) -> Place | None:
        if room is None:
            return None
        for number, area in enumerate(self._index.house.areas):
            if area.id == room:
                return Place(self._index.first_area + number, 0, 1.0, frozenset({room}))
        return None

    def _named_areas(self, evidence: Evidence) -> tuple[str, ...]:
        index = self._index
        areas = index.house.areas
        return tuple(
            areas[place.item - index.first_area].id
            for place in evidence.places
            if place.item < index.first_floor
        )

    def _named_floors(self, evidence: Evidence) -> tuple[str, ...]:
        index = self._index
        floors = index.house.floors
        return tuple(
            floors[place.item - index.first_floor].id
            for place in evidence.places
            if place.item >= index.first_floor
        )


def _merged(ranked: Sequence[Sequence[str]]) -> list[str]:
    """Return the rankings as one, their firsts first."""
    longest = max(map(len, ranked), default=0)
    return list(
        dict.fromkeys(
            ranking[place] for place in range(longest) for ranking in ranked if place < len(ranking)
        )
    )
