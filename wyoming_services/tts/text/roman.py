"""Roman numerals: Louis XIV, Felipe VI, XIXe siècle. Pure."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import regex

from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import ALONE, CLOSED, Match, Rule, either

_VALUES = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"(?<roman>X{0,3}+(?:IX|IV|V?I{0,3}+))"
"""Up to 39, which leaves out most abbreviations (CD, DVD, MIDI, XL) and few kings and centuries."""


def rules(language: Language) -> Iterator[Rule]:
    """Yield the rules for Roman numerals; none for a language whose voices read them well."""
    table = language.roman
    for key, names in table.get("after", {}).items():
        words = language.ordinals.get(key, ())
        pattern = rf"(?<=(?<!\p{{L}}){either(names)}\s){_NUMERAL}{CLOSED}(?!\.\s\p{{Lu}})"
        yield Rule(regex.compile(pattern), partial(_ordinal, words))
    for ending, key in table.get("endings", {}).items():
        words = language.ordinals.get(key, ())
        pattern = rf"{ALONE}{_NUMERAL}{ending}{CLOSED}"
        yield Rule(regex.compile(pattern), partial(_ordinal, words))
    if table.get("digits"):
        yield Rule(regex.compile(rf"{ALONE}(?=[IVX]{{2}}){_NUMERAL}{CLOSED}"), _digits)


def _value(roman: str) -> int:
    """Return the number a Roman numeral stands for."""
    values = [_VALUES[letter] for letter in roman]
    return sum(-this if this < after else this for this, after in pairwise([*values, 0]))


def _digits(match: Match) -> str:
    return str(_value(match["roman"]))


def _ordinal(words: Sequence[str], match: Match) -> str:
    """Return the ordinal; the text as it was where there is no word for it."""
    number = _value(match["roman"])
    return (words[number - 1] if 0 < number <= len(words) else "") or match[0]
