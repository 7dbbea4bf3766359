"""Whether a name that is slightly off clearly means one of the names there are.

Right is: the same words in another order or with another small word; one letter off in a word of
six letters, two in one of nine. Shorter words, and numbers, have to be the same: "Anna" is not
"Hanna", "left" not "right", "lamp 1" not "lamp 2". If two names are as near, none is meant.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from .numbers import WORDS
from .tables import TABLES

NEAREST = 5
"""How many names a refusal lists."""

_ARTICLES = frozenset(TABLES["names"]["articles"])
_WORD = re.compile(r"\w+")
_LONG, _VERY_LONG = 6, 9
_WORST_LISTED = 45.0


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: without case, accents and articles, numbers as digits."""
    found = _WORD.findall(unicodedata.normalize("NFC", name.casefold()))
    return tuple(
        _unaccented(str(WORDS.get(word, word)))
        for place, word in enumerate(found)
        # "Lamp A" is not "a lamp".
        if word not in _ARTICLES or (len(word) == 1 and place)
    )


def _unaccented(word: str) -> str:
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", word)
        if not unicodedata.combining(letter)
    )


def difference(
    asked: str, name: str, *, place: Collection[str] = (), kind: Collection[str] = ()
) -> int | None:
    """Return how many letters a name asked for is off, None if it is another name.

    `place` holds the words for where the named thing is, `kind` those for what it is: either name
    may leave them out or say them otherwise ("kitchen lamp" for the light "Kitchen").
    """
    wanted, given = words(asked), words(name)
    wanted_rest = [word for word in wanted if word not in given]
    given_rest = [word for word in given if word not in wanted]
    if not wanted_rest and not given_rest:
        return 0 if wanted else None
    wanted_main = [word for word in wanted_rest if word not in kind and word not in place]
    given_main = [word for word in given_rest if word not in kind and word not in place]
    if not wanted_main and not given_main:
        return 0 if len(wanted_rest) < len(wanted) else None
    found = _letters("".join(wanted_main), "".join(given_main))
    return _letters("".join(wanted_rest), "".join(given_rest)) if found is None else found


def _letters(wanted: str, given: str) -> int | None:
    """Return how many letters two words are apart, None if more than a slip."""
    if wanted == given:  # written apart, or as one
        return 0
    if abs(len(wanted) - len(given)) > 2:
        return None
    if any(map(str.isdigit, wanted + given)):
        return None
    shorter = min(len(wanted), len(given))
    allowed = 2 if shorter >= _VERY_LONG else 1 if shorter >= _LONG else 0
    apart = OSA.distance(wanted, given, score_cutoff=allowed)
    return apart if apart <= allowed else None


def clearly_one[ItemT](
    items: Iterable[tuple[ItemT, Sequence[str]]], apart: Callable[[ItemT, str], int | None]
) -> ItemT | None:
    """Return the item one of whose names is meant, None if there is none or several could be.

    A name that is not a letter off wins over others; among names that are, there must be one alone.
    """
    near: dict[int, list[ItemT]] = {}
    for item, names in items:
        differences = [found for name in names if (found := apart(item, name)) is not None]
        if differences:
            near.setdefault(min(differences), []).append(item)
    exact = near.pop(0, [])
    if exact:
        return exact[0] if len(exact) == 1 else None
    slips = [item for items_so_far in near.values() for item in items_so_far]
    return slips[0] if len(slips) == 1 else None


def nearest(asked: str, names: Iterable[str]) -> list[str]:
    """Return the names nearest to one, best first, for a model to choose from."""
    found = process.extract(
        asked,
        list(dict.fromkeys(names)),
        scorer=fuzz.WRatio,
        processor=lambda name: " ".join(words(name)),
        limit=NEAREST,
        score_cutoff=_WORST_LISTED,
    )
    return [name for name, _, _ in found]
