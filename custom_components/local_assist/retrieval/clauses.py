"""What each clause of a sentence asks for, and what it leaves to its neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .house import Thing
from .kinds import CONTROLLABLE, KINDS
from .ranking import Evidence, Place
from .reading import Reading, positions
from .tables import NAMING, Role

_QUANTIFIERS: Final = frozenset({Role.ALL, Role.ANY, Role.EVERYTHING})
_WARMTH: Final = frozenset({"temperature", "heating"})
_HINT_BESIDE_A_NAME: Final = 0.1


@dataclass(slots=True)
class Wish:
    """What one clause asks for.

    `kinds` are what is named ("lamp"), `hints` what words only suggest ("too dark"), both with the
    words that say so, as bits; `weights` holds the weight of each word that counts.
    """

    places: list[Place]
    roles: set[Role]
    kinds: dict[str, int] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)
    named: bool = False
    _by_area: dict[str, dict[int, float]] | None = None

    @property
    def quantified(self) -> bool:
        """Whether the clause is about each thing of a kind."""
        says_what = self.kinds or self.hints or Role.EVERYTHING in self.roles
        return bool(says_what and self.roles & _QUANTIFIERS)

    @property
    def wide(self) -> bool:
        """Whether the kinds are asked for about the whole house rather than one room."""
        kinds = self.kinds or self.hints
        return bool(kinds) and all(KINDS[kind].wide for kind in kinds)

    @property
    def warmth(self) -> bool:
        """Whether the clause is about how warm it is, or is to be."""
        return not _WARMTH.isdisjoint(self.kinds or self.hints)

    @property
    def empty(self) -> bool:
        """Whether the clause says neither what nor where."""
        return not (self.kinds or self.hints or self.named or self.places)

    @property
    def areas(self) -> frozenset[str]:
        """The area ids of all places of the wish."""
        return frozenset(area for place in self.places for area in place.areas)

    @property
    def words_of_areas(self) -> Mapping[str, Mapping[int, float]]:
        """How well being in each area of the wish's places explains the words that name them."""
        if self._by_area is None:
            self._by_area = {}
            for place in self.places:
                for area in place.areas:
                    words = self._by_area.setdefault(area, {})
                    for position in positions(place.positions):
                        words[position] = max(place.quality, words.get(position, 0.0))
        return self._by_area

    @property
    def kind_positions(self) -> int:
        """The words that name or suggest kinds, as bits."""
        mask = 0
        for words in (*self.kinds.values(), *self.hints.values()):
            mask |= words
        return mask

    @property
    def place_positions(self) -> int:
        """The words that name places, as bits."""
        mask = 0
        for place in self.places:
            mask |= place.positions
        return mask


def wishes(evidence: Evidence, here: Place | None) -> list[Wish]:
    """Return what the clauses ask for; each gets from its neighbours what it leaves out.

    `here` is the room the person is in, meant where a clause says "here".
    """
    found = [wish for wish in _own(evidence, here) if not wish.empty or _says_it(wish)]
    for number, wish in enumerate(found):
        before, after = found[:number][::-1], found[number + 1 :]
        _complete(wish, before, after)
    return found


def _says_it(wish: Wish) -> bool:
    return bool(wish.roles & {Role.IT, Role.EVERYTHING, Role.HERE})


def _own(evidence: Evidence, here: Place | None) -> list[Wish]:
    reading = evidence.reading
    found = []
    for clause in reading.clauses:
        inside = clause.positions
        places = [place for place in evidence.places if place.positions & inside]
        wish = Wish(places, set(clause.roles))
        if Role.HERE in clause.roles and here and not places:
            wish.places = [here]
        for position, weight in enumerate(reading.weights):
            if inside >> position & 1 and weight:
                wish.weights[position] = weight
        for match in reading.matches:
            if match.positions & inside and match.role in (Role.KIND, Role.HINT):
                kinds = wish.kinds if match.role is Role.KIND else wish.hints
                name = match.key.partition(":")[2]
                kinds[name] = kinds.get(name, 0) | match.positions
        wish.named = _names_more(evidence, wish)
        _weaken_hints(reading, wish)
        found.append(wish)
    return found


def _names_more(evidence: Evidence, wish: Wish) -> bool:
    """Whether a word of the clause stands in a thing's name and is no place or kind."""
    known = wish.place_positions | wish.kind_positions
    mine = {position for position in wish.weights if not known >> position & 1}
    postings = evidence.index.postings
    return any(
        1 << position & match.positions
        and any(p.item < evidence.index.first_area for p in postings.get(match.key, ()))
        for match in evidence.reading.matches
        for position in mine
    )


def _weaken_hints(reading: Reading, wish: Wish) -> None:
    """Let a hint count for little where a kind is named."""
    if not wish.kinds:
        return
    for mask in wish.hints.values():
        for position in wish.weights:
            only_hints = not reading.roles[position] & NAMING
            if mask >> position & 1 and only_hints:
                wish.weights[position] = min(wish.weights[position], _HINT_BESIDE_A_NAME)


def _complete(wish: Wish, before: Sequence[Wish], after: Sequence[Wish]) -> None:
    """Fill in what a clause leaves to another: "the lights in the hall and the kitchen"."""
    if not (wish.kinds or wish.hints or wish.named) and Role.IT not in wish.roles:
        for other in (*before, *after):
            if other.kinds or other.hints or other.named:
                theirs = other.place_positions
                wish.kinds, wish.hints = dict(other.kinds), dict(other.hints)
                wish.roles |= other.roles & _QUANTIFIERS
                wish.named = other.named
                for position, weight in other.weights.items():
                    if not theirs >> position & 1:
                        wish.weights.setdefault(position, weight)
                break
    if not wish.places:
        for other in (*before, *after):
            if other.places:
                wish.places = other.places
                for place in other.places:
                    for position, weight in other.weights.items():
                        if place.positions >> position & 1:
                            wish.weights[position] = weight
                break


def kinds_of(things: Mapping[str, Thing], recent: Sequence[str]) -> dict[str, int]:
    """Return the kinds the last turn's targets were of, as a wish holds kinds."""
    kinds = {}
    for entity_id in recent:
        if (thing := things.get(entity_id)) and thing.domain in CONTROLLABLE:
            for kind in KINDS.values():
                if kind.which(thing):
                    kinds[kind.name] = 0
                    break
    return kinds
