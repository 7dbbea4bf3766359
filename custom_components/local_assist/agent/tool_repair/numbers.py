"""Numbers as models write them: with units, in words, in any of several languages.

The words come from Unicode's spell-out rules in `unicode-rbnf`, which Home Assistant's own sentence
matcher installs. They are read once, when this module is imported.
"""

import re
from collections.abc import Iterable

from unicode_rbnf import RbnfEngine

from .tables import TABLES

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)")
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015]+")


def spread(text: str) -> str:
    """Return a text in lower case with single spaces for white space and hyphens."""
    return _SEPARATORS.sub(" ", text.casefold()).strip()


def _spelled(highest: int) -> dict[str, int]:
    """Return numbers by their words; words that mean two numbers are left out."""
    meanings: dict[str, set[int]] = {}
    for language in LANGUAGES:
        engine = RbnfEngine.for_language(language)
        for number in range(highest + 1):
            for words in engine.format_number(number).text_by_ruleset.values():
                if not any(map(str.isdigit, words)):
                    meanings.setdefault(spread(words), set()).add(number)
    return {words: min(numbers) for words, numbers in meanings.items() if len(numbers) == 1}


WORDS = _spelled(100)
_FRACTIONS: dict[str, float] = TABLES["fractions"]
_DECIMAL = re.compile(rf" (?:{'|'.join(TABLES['numbers']['decimal'])}) ")
_HALVES: list[str] = TABLES["numbers"]["and_a_half"]
_TIME_UNITS = ("hours", "minutes", "seconds")


def number(text: str, key: str = "", maximum: float | None = None) -> float | None:
    """Return the number a text says, None if it says none or more than one.

    Args:
        text: such as "21,5 °C", "fünfzig Prozent", "half".
        key: the parameter it is for, which says what unit may follow.
        maximum: what fractions are of; without it they are no numbers.
    """
    text = spread(text) if not text.strip().startswith("-") else text.strip().casefold()
    if maximum is not None and text in _FRACTIONS:
        return _FRACTIONS[text] * maximum
    for unit in _units(key):
        if text.endswith(unit) and (value := _bare(text.removesuffix(unit).strip())) is not None:
            return value
    return _bare(text)


def _units(key: str) -> Iterable[str]:
    """Return the units that may follow, longest first."""
    units: dict[str, list[str]] = TABLES["numbers"]
    own = key.removeprefix("start_")
    kinds = (own,) if own in _TIME_UNITS else ("percent", "degrees", "kelvin")
    return sorted((unit for kind in kinds for unit in units[kind]), key=len, reverse=True)


def _bare(text: str) -> float | None:
    """Return the number a text without a unit says."""
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if text in WORDS:
        return float(WORDS[text])
    for half in _HALVES:
        whole = text.removesuffix(half).strip()
        if whole != text and whole in WORDS:
            return WORDS[whole] + 0.5
    match _DECIMAL.split(text):
        case [whole, part] if whole in WORDS and (digits := WORDS.get(part, 100)) < 100:
            return float(f"{WORDS[whole]}.{digits}")
    return None
