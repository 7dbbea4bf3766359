"""What the words of a language tell about where its sentences end. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from importlib import resources
from typing import Any

from wyoming_services.tts.text import languages


class Abbreviation(Enum):
    """What an abbreviation says about the full stop behind it."""

    INSIDE = auto()
    """It belongs to what follows: Dr., e.g."""
    BEFORE_NUMBER = auto()
    """It is one only before a number: No. 5."""
    ENDING = auto()
    """A sentence may end with it: a.m., etc."""
    NAME = auto()
    """A sentence may end with it, and a name may follow: St. Only a word like "The" tells."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is known of a language; `words.toml` says what each of it means.

    Attributes:
        abbreviations: by how they are written, without spaces and the last full stop.
        compounds: abbreviations that are the ends of words (Hauptstr.).
        sentences: abbreviations that are a sentence of their own at the beginning of a text (No.).
        before_ordinal: words that make a number behind them an ordinal (am 3. Oktober).
    """

    abbreviations: Mapping[str, Abbreviation]
    compounds: Mapping[str, Abbreviation]
    sentences: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    lettered: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    ordinals: bool = False
    ordinal_nouns: frozenset[str] = frozenset()
    before_ordinal: frozenset[str] = frozenset()

    def kind(self, written: str) -> Abbreviation | None:
        """Return what an abbreviation says; its first letter may be a capital, unless it is all."""
        decapitalised = written[:1].lower() + written[1:] if len(written) > 1 else written
        return (
            self.abbreviations.get(written)
            or self.abbreviations.get(decapitalised)
            or next((kind for end, kind in self.compounds.items() if written.endswith(end)), None)
        )


@cache
def words(tag: str) -> Words:
    """Return the words of a language, given by its tag (`en_US`); general ones if it has none."""
    code = tag.replace("_", "-").partition("-")[0].lower()
    known = _tables()
    code = _SAME.get(code, code)
    table = known.get(code, known["general"])
    spoken = languages.language(code)
    abbreviations = {
        _key(short): kind
        for kind, shorts in (
            (Abbreviation.INSIDE, spoken.abbreviations),
            (Abbreviation.ENDING, spoken.abbreviations_after_name),
            (Abbreviation.INSIDE, spoken.abbreviations_before_name),
            (Abbreviation.BEFORE_NUMBER, spoken.abbreviations_before_number),
            (Abbreviation.INSIDE, _split(table, "inside")),
            (Abbreviation.BEFORE_NUMBER, _split(table, "before_number")),
            (Abbreviation.ENDING, _split(table, "ending")),
            (Abbreviation.NAME, _split(table, "before_name")),
            (
                Abbreviation.NAME,
                {*spoken.abbreviations_before_name} & {*spoken.abbreviations_after_name},
            ),
        )
        for short in shorts
        if short.endswith(".")
    }
    return Words(
        abbreviations=abbreviations,
        compounds={short[1:]: abbreviations[short] for short in abbreviations if short[0] == "-"},
        sentences=frozenset(map(_key, spoken.sentences.get("words", ()))),
        openers=_split(table, "openers"),
        lettered=_split(table, "lettered"),
        conjunctions=_split(table, "conjunctions"),
        ordinals=table.get("ordinals", False),
        ordinal_nouns=_split(table, "ordinal_nouns"),
        before_ordinal=_split(table, "before_ordinal"),
    )


_SAME = {"no": "nb", "nn": "nb", "bs": "hr", "lb": "de", "gl": "pt", "ms": "id", "fa": "ar"}
"""Languages that are near enough to another's words."""


@cache
def _tables() -> dict[str, dict[str, Any]]:
    """Read what is known of all languages."""
    return tomllib.loads((resources.files(__package__) / "words.toml").read_text("utf-8"))


def _split(table: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(table.get(name, "").split())


def _key(short: str) -> str:
    """Reduce an abbreviation to what it is looked up by."""
    return "".join(short.split()).removesuffix(".")
