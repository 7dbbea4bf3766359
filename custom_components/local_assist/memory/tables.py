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
_FOLDER: Final = Path(__file__).parent / "words"
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
TIME: Final = "time"
NUMBER: Final = "number"


@dataclass(frozen=True, slots=True)
class Meant:
    """Something some words of a text mean.

    Attributes:
        concept: what they mean.
        begin: the first of the words.
        end: the one after the last.
    """

    concept: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """The words of a language.

    Attributes:
        language: its ISO 639-1 code.
        stop: little words, folded.
        same: concepts by the stems of the words that mean them.
        asks: what a question asks for ("time", "number"), by the stems of how it asks.
        tells: what a text tells ("time"), by the stems of the words that tell it.
    """

    language: str
    stop: frozenset[str]
    same: Mapping[tuple[str, ...], tuple[str, ...]]
    asks: Mapping[tuple[str, ...], tuple[str, ...]]
    tells: Mapping[tuple[str, ...], tuple[str, ...]]


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


def meanings(
    stems: Sequence[str], phrases: Mapping[tuple[str, ...], tuple[str, ...]]
) -> Iterator[Meant]:
    """Yield what the words of a text mean; of phrases that overlap, the longest."""
    longest = max(map(len, phrases), default=0)
    place = 0
    while place < len(stems):
        step = 1
        for size in range(min(longest, len(stems) - place), 0, -1):
            if concepts := phrases.get(tuple(stems[place : place + size])):
                yield from (Meant(concept, place, place + size) for concept in concepts)
                step = size
                break
        place += step


def language_of(text_words: Sequence[str]) -> str | None:
    """Return the language whose little words a text has most of; None if it has none.

    A word that several languages have counts as much less.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for word in text_words:
        languages = _STOPS.get(fold(word), ())
        for language in languages:
            scores[language] += 1 / len(languages)
    return max(scores, key=lambda language: scores[language], default=None)


def _read(language: str) -> Table:
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    same = _by_phrase(table["same"], language)
    times = {phrase: (TIME,) for phrase, concepts in same.items() if set(concepts) & set(_DAYS)}
    return Table(
        language,
        frozenset(fold(word.strip()) for word in table["stop"].split(",")),
        same,
        _by_phrase(table["asks"], language),
        times | _by_phrase(table["tells"], language),
    )


def _by_phrase(lists: Mapping[str, str], language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for concept, phrases in lists.items():
        for phrase in phrases.split(","):
            stems = tuple(stem(word, language) for word in spoken_words(phrase))
            if concept not in found[stems]:
                found[stems].append(concept)
    return {stems: tuple(concepts) for stems, concepts in found.items()}


TABLES: Final = {language: _read(language) for language in _SNOWBALL}
_STOPS: Final[dict[str, list[str]]] = defaultdict(list)
for _table in TABLES.values():
    for _word in _table.stop:
        _STOPS[_word].append(_table.language)
