"""Orders, and claims that they were carried out.

A model that says "Done." without having called a tool is asked once more. That costs the person a
second answer's time, so both tables know what is an order or a claim, not what is none: whatever
they do not know is neither.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from re import Pattern

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")


@dataclass(frozen=True, slots=True)
class _Language:
    """The patterns of a language; claims.toml says what they are."""

    asks: Pattern[str]
    never: Pattern[str]
    courtesy: Pattern[str]
    request: Pattern[str]
    orders: Pattern[str]
    requested: Pattern[str]
    done: Pattern[str]
    not_done: Pattern[str]


def _read() -> dict[str, _Language]:
    """Read the patterns. Done when imported, which Home Assistant does off its event loop."""
    tables = tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))
    return {
        language: _Language(**{key: _compiled(patterns) for key, patterns in table.items()})
        for language, table in tables.items()
    }


def _compiled(patterns: list[str]) -> Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_LANGUAGES = _read()
_LONGEST = 500
"""Characters that are looked at: an order or a claim is short."""

_APOSTROPHES = str.maketrans("\u2019\u02bc`", "'''")
_QUESTION = re.compile(r"[^.!?;\n]*\?")
_SIGNS = re.compile(r"[^\w\s'%?-]+")


def is_command(sentence: str, language: str) -> bool:
    """Return whether a sentence orders something done in the house; when in doubt, not."""
    words = _LANGUAGES.get(_primary(language))
    if words is None:
        return False
    text = _without(words.courtesy, _plain(sentence).replace("?", " ").strip())
    if words.never.search(text):
        return False
    if request := words.request.match(text):
        rest = _without(words.courtesy, text[request.end() :].strip())
        return bool(words.requested.search(rest))
    return not words.asks.match(text) and "?" not in sentence and bool(words.orders.match(text))


def claims_done(text: str, language: str) -> bool:
    """Return whether a reply says that something was done; when in doubt, not.

    A question back, a refusal and a report of what is so anyway are no claims.
    """
    words = _LANGUAGES.get(_primary(language))
    if words is None or words.not_done.search(_plain(text)):
        return False
    # "Done. Anything else?" claims all the same; "Shall I open it?" does not.
    told = _plain(_QUESTION.sub(" ", text))
    return bool(words.done.search(_without(words.courtesy, told)))


def _primary(language: str) -> str:
    return re.split(r"[-_]", language.casefold())[0]


def _plain(text: str) -> str:
    """Return a text in lower case without signs but those the patterns are about."""
    spaced = _SIGNS.sub(" ", text[:_LONGEST].casefold().translate(_APOSTROPHES))
    return " ".join(spaced.split())


def _without(courtesy: Pattern[str], text: str) -> str:
    """Return a text without what is said before the point of it."""
    while found := courtesy.match(text):
        text = text[found.end() :].lstrip()
    return text
