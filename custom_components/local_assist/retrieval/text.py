"""Words as retrieval compares them: no case, no accents, no endings."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_ENDINGS = ("er", "s", "n", "e", "a", "o", "i", "u", "y")
_SHORTEST_STEM = 4
_LONGEST_ENDING = 3
_SOUNDS = (
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("qu", "k"),
    ("c", "k"),
    ("ie", "i"),
    ("ey", "i"),
    ("ee", "i"),
    ("y", "i"),
    ("z", "s"),
)
"""Letters that sound alike in most of the languages, in the order they are replaced."""
_DOUBLED = re.compile(r"(.)\1+")
_LINKS = ("", "s", "n", "en", "es", "e")


def fold(text: str) -> str:
    """Return a text in small letters without accents: "Küche" is "kuche"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """Return the folded words of a text; an apostrophe parts words ("l'atelier")."""
    return _WORD.findall(fold(text))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a folded word without plural and case endings.

    The endings are those of all languages at once; up to three letters are taken off as long as
    four stay: coarse, but the same for both sides of a comparison.
    """
    shortest = max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING)
    while True:
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= shortest:
                word = word.removesuffix(ending)
                break
        else:
            return word


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """Return a folded word as it sounds, roughly: "rosy" and "Rosie" are "rosi"."""
    for written, heard in _SOUNDS:
        if written in word:
            word = word.replace(written, heard)
    word = _DOUBLED.sub(r"\1", word)
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    return word


def splits(word: str, *, shortest: int = 3) -> Iterator[tuple[str, str]]:
    """Yield the ways to take a compound apart in two, the longest head first.

    The letters that join German and Dutch compounds ("Küche-n-licht") are taken out.
    """
    for cut in range(len(word) - shortest, shortest - 1, -1):
        head, tail = word[:cut], word[cut:]
        for link in _LINKS:
            if head.endswith(link) and len(head) - len(link) >= shortest:
                yield head.removesuffix(link) if link else head, tail
