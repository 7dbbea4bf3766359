"""Words that mean much the same, by language; read from the tables once, at import.

Home Assistant imports integrations off its event loop, so that is where the files are read.
"""

import re
import threading
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import snowballstemmer  # type: ignore[import-untyped]

from ..retrieval.text import fold

_WORD: Final = re.compile(r"[^\W_]+")
FOLDER: Final = Path(__file__).parent / "words"
"""Of the tables, one file for each language."""
_SNOWBALL: Final = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
}
_STEMMERS: Final = {language: snowballstemmer.stemmer(name) for language, name in _SNOWBALL.items()}
# A stemmer keeps the word it is at in itself.
_STEMMING: Final = threading.Lock()
_DAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("daily", "weekly", "monthly", "yearly"),
)
COMPOUNDING: Final = frozenset({"de", "nl"})
"""Languages that write compounds as one word."""
_GAP: Final = 2
"""How many other words there may be between two of a phrase."""
TIME: Final = "time"
NUMBER: Final = "number"


@dataclass(frozen=True, slots=True)
class Meant:
    """Something some words of a text mean.

    Attributes:
        concept: what they mean.
        places: of the words in the text, in their order.
    """

    concept: str
    places: tuple[int, ...]


class Phrases:
    """What phrases mean.

    Args:
        concepts: by the stems of the words of each phrase.
    """

    def __init__(self, concepts: Mapping[tuple[str, ...], tuple[str, ...]]) -> None:
        self.concepts = concepts
        self.by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for phrase in sorted(concepts, key=len, reverse=True):
            self.by_first[phrase[0]].append(phrase)


@dataclass(frozen=True, slots=True)
class Table:
    """The words of a language.

    Attributes:
        language: its ISO 639-1 code.
        stop: little words, folded.
        own: words by which speakers mean themselves, folded.
        same: concepts by the stems of the words that mean them.
        asks: what a question asks for ("time", "number"), by the stems of how it asks.
        tells: what a text tells ("time"), by the stems of the words that tell it.
    """

    language: str
    stop: frozenset[str]
    own: frozenset[str]
    same: Phrases
    asks: Phrases
    tells: Phrases


@lru_cache(maxsize=32768)
def stem(word: str, language: str) -> str:
    """Return the stem of a word in a language, folded.

    Args:
        word: in small letters, with its accents: the stemmers go by them.
        language: one of `TABLES`.
    """
    with _STEMMING:
        return fold(_STEMMERS[language].stemWord(word))


def spoken_words(text: str) -> list[str]:
    """Return the words of a text in small letters, with their accents."""
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()))


def meanings(stems: Sequence[str], phrases: Phrases) -> Iterator[Meant]:
    """Yield what the words of a text mean; a word is part of one phrase, the longest.

    Between the words of a phrase there may be others: "can't Ben eat" has "can't eat" in it.
    """
    taken: set[int] = set()
    for place, first in enumerate(stems):
        if place in taken:
            continue
        for phrase in phrases.by_first.get(first, ()):
            if places := _places(stems, place, phrase):
                yield from (Meant(concept, places) for concept in phrases.concepts[phrase])
                taken.update(places)
                break


def _places(stems: Sequence[str], start: int, phrase: tuple[str, ...]) -> tuple[int, ...]:
    """Return where the words of a phrase are, from a place on; nothing if it is not there."""
    places = [start]
    for wanted in phrase[1:]:
        ahead = range(places[-1] + 1, min(places[-1] + 2 + _GAP, len(stems)))
        place = next((place for place in ahead if stems[place] == wanted), None)
        if place is None:
            return ()
        places.append(place)
    return tuple(places)


def language_of(said: Sequence[str]) -> str | None:
    """Return the language a text has most words of; None if no language has any.

    A word that several languages have counts as much less.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for word in said:
        languages = [
            code
            for code, table in TABLES.items()
            if fold(word) in table.stop or (stem(word, code),) in table.same.concepts
        ]
        for language in languages:
            scores[language] += 1 / len(languages)
    return max(scores, key=lambda language: scores[language], default=None)


def _read(language: str) -> Table:
    with (FOLDER / f"{language}.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    same = _by_phrase(table["same"], language)
    times = {phrase: (TIME,) for phrase, concepts in same.items() if set(concepts) & set(_DAYS)}
    return Table(
        language,
        _folded(table["stop"]),
        _folded(table["own"]),
        Phrases(same),
        Phrases(_by_phrase(table["asks"], language)),
        Phrases(times | _by_phrase(table["tells"], language)),
    )


def _folded(listed: str) -> frozenset[str]:
    return frozenset(fold(word.strip()) for word in listed.split(","))


def _by_phrase(lists: Mapping[str, str], language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for concept, phrases in lists.items():
        for phrase in phrases.split(","):
            found[tuple(stem(word, language) for word in spoken_words(phrase))][concept] = None
    return {stems: tuple(concepts) for stems, concepts in found.items()}


TABLES: Final = {language: _read(language) for language in _SNOWBALL}
