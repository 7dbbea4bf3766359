"""Texts as full-text search compares them; the same for what is kept and for what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..retrieval.text import stem, words


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query.

    Attributes:
        word: as it was said, folded.
        forms: tokens that mean it, and how well each does, 0 to 1.
    """

    word: str
    forms: Mapping[str, float]


def document_tokens(text: str) -> list[str]:
    """Return the tokens a text is filed under: letters and digits only, in its order."""
    return [stem(word) for word in words(text)]


def query_terms(query: str, language: str | None) -> tuple[Term, ...]:
    """Return what a query asks for; its little words are left out.

    Args:
        query: what was said.
        language: it was said in, as BCP 47; None if nobody knows.
    """
    del language
    return tuple(Term(word, {stem(word): 1.0}) for word in dict.fromkeys(words(query)))
