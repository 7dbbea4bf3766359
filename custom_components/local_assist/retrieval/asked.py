"""What it means for a wish that a sentence asks, compares or speaks of the one thing in a room."""

from collections.abc import Collection
from typing import Final

from .clauses import Wish
from .house import Thing
from .index import Index
from .kinds import KINDS
from .ranking import Evidence, Place
from .reading import Reading, positions
from .tables import Role

_NAMES: Final = 0.4
"""The weight from which on a word says which thing is meant."""
_LOCKING: Final = "lock"
_DOOR: Final = "door"
_FEW_DOORS: Final = 6
_NAMED: Final = 0.6
"""How much of a name must be said in a question that says things no house knows."""
_MANY_STRANGE: Final = 2


def settle(found: list[Wish], evidence: Evidence, here: Place | None) -> list[Wish]:
    """Return wishes that compare as one about each place, and make others about each lock.

    `here` is the room the person is in.
    """
    reading = evidence.reading
    compared = {
        match.key.partition(":")[2]: match.positions
        for match in reading.matches
        if match.role is Role.COMPARE
    }
    if compared and reading.asks and found:
        return [_comparison(found, compared, reading, here)]
    for wish in found:
        if _LOCKING in wish.kinds:
            _lock_up(wish, evidence)
    return found


def _comparison(
    found: list[Wish], compared: dict[str, int], reading: Reading, here: Place | None
) -> Wish:
    """Return a wish for what is compared in all places that are named, else in each room."""
    named = {place.item: place for wish in found for place in wish.places}
    places = [place for place in named.values() if not _is_asked_for(place, reading)]
    roles = set().union(*(wish.roles for wish in found))
    if here and places and Role.HERE in roles and here.item not in named:
        places.append(here)
    weights = {
        position: reading.weights[position]
        for mask in (*compared.values(), *(place.positions for place in places))
        for position in positions(mask)
    }
    return Wish(places, roles | {Role.ALL, Role.COMPARE}, compared, weights=weights)


def _is_asked_for(place: Place, reading: Reading) -> bool:
    """Whether a place is what is looked for: "which bedroom", or "room" in some languages."""
    after_which = bool(reading.roles[0] & {Role.WHICH, Role.ANY})
    return after_which and min(positions(place.positions), default=0) == 1


def _lock_up(wish: Wish, evidence: Evidence) -> None:
    """Let a wish for the house to be locked be about each lock, and the few doors there are."""
    index = evidence.index
    home = _home(wish, evidence.reading)
    if not home:
        return
    wish.roles.add(Role.ALL)
    for position in positions(home):
        wish.weights.pop(position, None)
    doors = [
        item for item in index.of_kind.get(_DOOR, ()) if index.domain_of(item) == "binary_sensor"
    ]
    if len(doors) <= _FEW_DOORS:
        wish.kinds[_DOOR] = wish.kinds[_LOCKING]


def _home(wish: Wish, reading: Reading) -> int:
    """Return the words, as bits, that stand for the house as a whole."""
    if wish.places:
        return 0
    return sum(
        1 << position for position, word in enumerate(reading.words) if word in reading.speech.home
    )


def the_one(wish: Wish, evidence: Evidence, room: str | None) -> str | None:
    """Return the entity id of the only thing in the room that a wish for "the lamp" may mean."""
    reading = evidence.reading
    if room is None or wish.areas - {room} or Role.COMPARE in wish.roles:
        return None
    said = {
        kind: mask
        for kind, mask in wish.kinds.items()
        if any(reading.speech.is_the_one(reading.words, p) for p in positions(mask))
        and not any(reading.roles[p] & {Role.WORD, Role.ROOM} for p in positions(mask))
    }
    mask = 0
    for words in said.values():
        mask |= words
    if not said or any(w >= _NAMES and not mask >> p & 1 for p, w in wish.weights.items()):
        return None
    there = _in_room(said, evidence.index, room)
    return evidence.index.house.things[there.pop()].entity_id if len(there) == 1 else None


def _in_room(kinds: Collection[str], index: Index, room: str) -> set[int]:
    """Return the things of some kinds in a room, by what they are or are called."""
    items = {item for kind in kinds for item in index.of_kind.get(kind, ())}
    if any(index.area_of(item) == room for item in items):
        return {item for item in items if index.area_of(item) == room}
    return {
        posting.item
        for kind in kinds
        for posting in index.postings.get(f"{Role.KIND}:{kind}", ())
        if posting.item < index.first_area and index.area_of(posting.item) == room
    }


def is_hardly_meant(wish: Wish, evidence: Evidence) -> bool:
    """Whether words of the house only happen to stand in a question about something else."""
    reading = evidence.reading
    if not (reading.asks and reading.strange) or wish.kinds or wish.places:
        return False
    if not wish.named:
        return bool(wish.hints) and reading.strange >= _MANY_STRANGE
    things = (item for item in evidence.items if item < evidence.index.first_area)
    return not wish.hints and all(evidence.coverage(item) < _NAMED for item in things)


def beside(wish: Wish, reading: Reading, thing: Thing, kept: Thing) -> bool:
    """Whether a thing tells what is asked about another that bears the same name.

    Whether a door is open is told by its contact, whether it is locked by its lock.
    """
    if not reading.asks or thing.area != kept.area:
        return False
    kinds = {*wish.kinds, *wish.hints} & {"door", "window", "garage_door", "gate", "lock"}
    return any(KINDS[kind].which(thing) for kind in kinds)
