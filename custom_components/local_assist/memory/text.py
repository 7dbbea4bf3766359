"""Texts as full-text search compares them: stems, and what words mean.

A text is filed under tokens of letters and digits: the stem of each word, and the concepts its
words stand for ("0waste" for rubbish, Müll, poubelle). A query asks for terms, each of which is
met by any of several tokens.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..retrieval.text import fold
from .tables import NUMBER, TABLES, TIME, Meant, Table, language_of, meanings, spoken_words, stem

_CLOCK: Final = re.compile(r"\b\d{1,2}\s?[:.h]\s?\d{2}\b|\b(?:19|20)\d\d\b")
_DIGIT: Final = re.compile(r"\d")
# How well a token tells what was said, against the word itself.
_MEANT: Final = 0.85
_OTHER_LANGUAGE: Final = 0.9
_PART: Final = 0.6
_SHORTEST_OTHER: Final = 4


@dataclass(frozen=True, slots=True)
class Term:
    """Something a query asks for.

    Attributes:
        word: as it was said, folded; "" if it is no word but what a question word asks for.
        forms: tokens that tell it, and how well each does, 0 to 1.
    """

    word: str
    forms: Mapping[str, float]


def document_tokens(text: str) -> list[str]:
    """Return the tokens a text is filed under: letters and digits only."""
    said = spoken_words(text)
    language = language_of(said)
    tokens = [_stem(word, language) for word in said]
    tokens += [f"0{meant.concept}" for meant in _meant(said, language)]
    if _CLOCK.search(text) or (language and _tells(said, TABLES[language])):
        tokens.append(f"0{TIME}")
    if _DIGIT.search(text):
        tokens.append(f"0{NUMBER}")
    return tokens


def query_terms(query: str, language: str | None) -> tuple[Term, ...]:
    """Return what a query asks for; its little words are left out.

    Args:
        query: what was said.
        language: it was said in, as BCP 47; None if nobody knows.
    """
    said = spoken_words(query)
    code = (language or "").partition("-")[0].lower()
    spoken = code if code in TABLES else language_of(said)
    stop = TABLES[spoken].stop if spoken else frozenset()
    terms: dict[str, Term] = {}
    covered: set[int] = set()
    for meant in _meant(said, spoken):
        place = range(meant.begin, meant.end)
        words = [said[number] for number in place if fold(said[number]) not in stop]
        if meant.end - meant.begin == 1 and not words:
            continue
        forms = {form: weight for word in words for form, weight in _forms(word, spoken).items()}
        if len(place) > 1:
            forms = {form: weight * _PART for form, weight in forms.items()}
        key = " ".join(words)
        known = terms.get(key)
        terms[key] = Term(key, (known.forms if known else forms) | {f"0{meant.concept}": _MEANT})
        covered.update(place)
    for number, word in enumerate(said):
        folded = fold(word)
        if number not in covered and folded not in stop:
            terms.setdefault(folded, Term(folded, _forms(word, spoken)))
    asked = _asks(said, TABLES[spoken]) if spoken else ()
    return *terms.values(), *(Term("", {f"0{what}": 1.0}) for what in asked)


def _stem(word: str, language: str | None) -> str:
    return stem(word, language) if language else fold(word)


def _forms(word: str, language: str | None) -> dict[str, float]:
    """Return the stems of a word in the language it was said in and in all others."""
    forms = {}
    if len(word) >= _SHORTEST_OTHER:
        forms = {stem(word, other): _OTHER_LANGUAGE for other in TABLES}
    return forms | {fold(word): 1.0, _stem(word, language): 1.0}


def _meant(said: Sequence[str], language: str | None) -> list[Meant]:
    """Return what words mean; in every language, if nobody knows which it is."""
    found: dict[Meant, None] = {}
    for code in (language,) if language else TABLES:
        stems = [stem(word, code) for word in said]
        found |= dict.fromkeys(meanings(stems, TABLES[code].same))
    return list(found)


def _tells(said: Sequence[str], table: Table) -> bool:
    return any(True for _ in meanings([stem(w, table.language) for w in said], table.tells))


def _asks(said: Sequence[str], table: Table) -> list[str]:
    stems = [stem(word, table.language) for word in said]
    return list(dict.fromkeys(meant.concept for meant in meanings(stems, table.asks)))
