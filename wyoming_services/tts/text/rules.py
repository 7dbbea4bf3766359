"""What the families of rules consist of: a pattern, and what to say where it matches. Pure.

Patterns take possessive and bounded repeats only, and begin with a look behind that lets a number
or word be tried once, so that any text takes time in proportion to its length.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import regex

from wyoming_services.tts.text.languages import Language

NUMBER = r"\d{1,15}+(?:[.,]\d{1,15}+){0,5}+"
"""Digits with marks of thousands and decimals, of any language."""
ALONE = r"(?<![\p{L}\p{M}\d.,:/_-])"
"""Before a number or a word that is not part of another one."""
CLOSED = r"(?![\p{L}\p{M}\d_²³])"
"""Behind a word or a unit."""

Match = regex.Match[str]


class Rule(NamedTuple):
    """Text that is said otherwise than it is written.

    Attributes:
        pattern: what it looks like.
        say: what is said instead; the text itself where it only looked like it.
    """

    pattern: regex.Pattern[str]
    say: Callable[[Match], str]


def either(texts: Iterable[str]) -> str:
    """Return a pattern for any of the texts, the longest that fits; nothing matches without any."""
    ordered = sorted(texts, key=len, reverse=True)
    return f"(?:{'|'.join(map(regex.escape, ordered))})" if ordered else "(?!)"


def span(language: Language, kind: str, match: Match, first: str, last: str) -> str:
    """Return a range as it is said: of `numbers` or `times`."""
    ranges = language.ranges
    before = match.string[: match.start()].rsplit(maxsplit=1)
    if before and before[-1].lower() in ranges.get("short_after", ()):
        kind = "short"
    template: str = ranges.get(kind, f"{{first}} {language.words['to']} {{last}}")
    return template.format(first=first, last=last)


def stop(match: Match) -> str:
    """Return the full stop that a match ends in if it ends the text, too."""
    rest = match.string[match.end() :].strip(" \n\"')\u201d\u201c\u00bb*_")
    return "." if match[0].endswith(".") and not rest else ""
