"""Which names a speech-to-text server is told to expect, and in what order. Pure."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

# A server takes what fits its model's prompt, some dozens of names, from the front; the rest is for
# servers with more room.
MAX_NAMES: Final = 500
# Keeps the event that carries the names below 16 KiB.
MAX_BYTES: Final = 15_000
# Characters. Nobody says a longer name; an integration made it up.
MAX_NAME_LENGTH: Final = 60


def names_to_expect(
    places: Iterable[str], controls: Iterable[str], readings: Iterable[str]
) -> list[str]:
    """Return the names of a house, those that help a recognizer most first, each once.

    Places come first: they are few, and in most sentences. Then what can be commanded, then what
    can only be asked for. Among what can be commanded a name with a word that no name before it
    has goes ahead of one that is put together of words already there, as "Kitchen light" is after
    "Kitchen" and "Light". Such a name is still sent, whole, for it is what people say; but a
    recognizer with little room is better served with the words it has not been told. Shorter names
    go first in each group: more of them fit, and they are more likely to be said.

    Args:
        places: names and aliases of areas and floors.
        controls: names and aliases of the entities that do something.
        readings: names and aliases of the entities that only have a state.
    """
    first = _shortest_first(places)
    known = {word for name in first for word in _words(name)}
    new: list[str] = []
    composed: list[str] = []
    for name in _shortest_first(controls):
        words = _words(name)
        (composed if words <= known else new).append(name)
        known |= words
    return list(_within_limits((*first, *new, *composed, *_shortest_first(readings))))


def _shortest_first(names: Iterable[str]) -> list[str]:
    plain = {" ".join(name.split()) for name in names}
    sayable = (name for name in plain if 0 < len(name) <= MAX_NAME_LENGTH)
    return sorted(sayable, key=lambda name: (len(name), name.casefold(), name))


def _words(name: str) -> set[str]:
    return set(name.casefold().split())


def _within_limits(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    left = MAX_BYTES
    for name in names:
        key = name.casefold()
        if key in seen:
            continue
        seen.add(key)
        # On the wire: quoted, escaped, with a separator.
        left -= len(json.dumps(name, ensure_ascii=False).encode()) + len(", ")
        if left < 0 or len(seen) > MAX_NAMES:
            return
        yield name
