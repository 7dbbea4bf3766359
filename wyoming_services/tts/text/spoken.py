"""Signs, units, times, money, dates and abbreviations in the words of a language. Pure."""

from functools import cache

import regex

from wyoming_services.tts.text import (
    abbreviations,
    addresses,
    clock,
    dates,
    money,
    numbers,
    roman,
    signs,
    units,
)
from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import language
from wyoming_services.tts.text.rules import Rule

_PLAIN = regex.compile(r"[\p{L}\p{M}\s,;:!?'\"’“”„«»()-]*(?:[.…]\s*)?")
"""Words with nothing between them but what may be an abbreviation."""
_GROUPED = regex.compile(r"(?<=\d)['’\u00A0\u2009\u202F](?=\d{3}(?!\d))")
"""Marks of thousands that nothing else can be."""


def spoken(text: str, tag: str) -> str:
    """Return a text as it is said; what is in words already stays as it is.

    Args:
        text: without markup.
        tag: the language, like `en_US`.
    """
    if _PLAIN.fullmatch(text):
        rules = _word_rules(tag)
    else:
        rules, text = _rules(tag), _GROUPED.sub("", text)
    for rule in rules:
        text = rule.pattern.sub(rule.say, text)
    return text


@cache
def _word_rules(tag: str) -> tuple[Rule, ...]:
    """Return the rules of a language for words, which take nothing of CLDR."""
    words = language(tag)
    return (*roman.rules(words), *abbreviations.rules(words))


@cache
def _rules(tag: str) -> tuple[Rule, ...]:
    """Return the rules of a language in the order they apply: earlier ones take what they know."""
    words, cldr = language(tag), Cldr.of(tag)
    if cldr is None:
        return tuple(addresses.rules(words))
    measures = units.Units(words, cldr)
    found = [
        *dates.rules(words, cldr),
        *addresses.rules(words),
        *clock.rules(words, measures),
        *numbers.marks(words, cldr),
        *numbers.signs(words),
        *money.rules(words, cldr, measures),
        *numbers.ranges(words, cldr, measures),
        *numbers.values(words, measures),
        *units.rules(words, cldr, measures),
        *roman.rules(words),
        *numbers.ordinals(words),
        *abbreviations.rules(words),
        *numbers.ones(words),
        *abbreviations.joined(words),
        *signs.rules(words),
    ]
    return tuple(found)
