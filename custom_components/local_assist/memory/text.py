"""Texts as full-text search compares them: stems, and what words mean.

A text is filed under tokens of letters and digits: the stem of each word, and what its words stand
for ("0waste" for rubbish, Müll, poubelle). A query asks for terms, each of which is met by any of
several tokens.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..retrieval.text import fold, splits
from .tables import (
    COMPOUNDING,
    NUMBER,
    TABLES,
    TIME,
    Meant,
    Phrases,
    language_of,
    meanings,
    spoken_words,
    stem,
)

_CLOCK: Final = re.compile(r"\b\d{1,2}\s?[:.h]\s?\d{2}\b|\b(?:19|20)\d\d\b")
_DIGIT: Final = re.compile(r"\d")
# How well a token tells what was said, against the word itself.
_MEANT: Final = 0.85
_OTHER_LANGUAGE: Final = 0.9
_PART: Final = 0.6
_SHORTEST_OTHER: Final = 4
_SHORTEST_PART: Final = 4


@dataclass(frozen=True, slots=True)
class Term:
    """Something a query asks for.

    Attributes:
        words: each as it was said, folded, and its stem; none if it follows from other words.
        forms: tokens that tell it, and how well each does, 0 to 1.
        particular: whether it is a word that is in none of our tables.
    """

    words: tuple[tuple[str, str], ...]
    forms: dict[str, float]
    particular: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a query asks for.

    Attributes:
        terms: all of it.
        own: whether the speaker asks about themselves ("my", "me").
    """

    terms: tuple[Term, ...]
    own: bool


def document_tokens(text: str) -> list[str]:
    """Return the tokens a text is filed under: letters and digits only."""
    said = spoken_words(text)
    language = language_of(said)
    tokens = [_stem(word, language) for word in said]
    tokens += [f"0{meant.concept}" for meant in _meant(said, language)]
    if language:
        tokens.append(f"0{language}")
    if _CLOCK.search(text) or (language and _any(said, language, TABLES[language].tells)):
        tokens.append(f"0{TIME}")
    if _DIGIT.search(text):
        tokens.append(f"0{NUMBER}")
    return tokens


def read_query(query: str, language: str | None) -> Query:
    """Return what a query asks for; its little words are left out.

    Args:
        query: what was said.
        language: it was said in, as BCP 47; None if nobody knows.
    """
    said = spoken_words(query)
    code = (language or "").partition("-")[0].lower()
    spoken = code if code in TABLES else language_of(said)
    terms = list(_terms(said, spoken))
    if spoken is None:
        return Query(tuple(terms), own=False)
    table = TABLES[spoken]
    stems = [stem(word, spoken) for word in said]
    asked = dict.fromkeys(meant.concept for meant in meanings(stems, table.asks))
    terms += [Term((), {f"0{what}": 1.0}) for what in (*asked, spoken)]
    return Query(tuple(terms), own=any(fold(word) in table.own for word in said))


def _terms(said: Sequence[str], language: str | None) -> Iterator[Term]:
    """Yield a term for each phrase that means something, and for each other word."""
    stop = TABLES[language].stop if language else frozenset()
    meant: dict[tuple[int, ...], list[str]] = {}
    for one in _meant(said, language):
        if len(one.places) > 1 or fold(said[one.places[0]]) not in stop:
            meant.setdefault(one.places, []).append(f"0{one.concept}")
    for places, concepts in meant.items():
        words = [said[place] for place in places if fold(said[place]) not in stop]
        share = 1.0 if len(places) == 1 else _PART
        forms = {
            form: weight * share
            for word in words
            for form, weight in _forms(word, language).items()
        }
        yield Term(_said(words, language), forms | dict.fromkeys(concepts, _MEANT))
    covered = {place for places in meant for place in places}
    particular = {
        fold(word): word
        for place, word in enumerate(said)
        if place not in covered and fold(word) not in stop
    }
    for word in particular.values():
        yield Term(_said([word], language), _forms(word, language), particular=True)


def _said(words: Sequence[str], language: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((fold(word), _stem(word, language)) for word in words)


def _stem(word: str, language: str | None) -> str:
    return stem(word, language) if language else fold(word)


def _forms(word: str, language: str | None) -> dict[str, float]:
    """Return the stems of a word in the language it was said in and in all others."""
    forms = {}
    if len(word) >= _SHORTEST_OTHER:
        stems = (stem(word, other) for other in TABLES)
        forms = {form: _OTHER_LANGUAGE for form in stems if len(form) >= _SHORTEST_OTHER}
    return forms | {fold(word): 1.0, _stem(word, language): 1.0}


def _meant(said: Sequence[str], language: str | None) -> list[Meant]:
    """Return what words mean; in every language, if nobody knows which it is."""
    found: dict[Meant, None] = {}
    for code in (language,) if language else TABLES:
        stems = [stem(word, code) for word in said]
        found |= dict.fromkeys(meanings(stems, TABLES[code].same))
        if code in COMPOUNDING:
            known = {place for meant in found for place in meant.places}
            found |= dict.fromkeys(
                Meant(concept, (place,))
                for place, word in enumerate(said)
                if place not in known
                for concept in _parts(word, code)
            )
    return list(found)


def _parts(word: str, language: str) -> tuple[str, ...]:
    """Return what the parts of a compound mean: "müllabfuhr" is waste that is collected."""
    same = TABLES[language].same.concepts
    for head, tail in splits(fold(word), shortest=_SHORTEST_PART):
        concepts = [same.get((stem(part, language),), ()) for part in (head, tail)]
        if any(concepts):
            return tuple(concept for some in concepts for concept in some)
    return ()


def _any(said: Sequence[str], language: str, phrases: Phrases) -> bool:
    return any(True for _ in meanings([stem(word, language) for word in said], phrases))
