"""What a fact is; knows neither Home Assistant nor the file the facts are in."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MAX_TEXT: Final = 500
"""Characters of a fact: about three spoken sentences."""

HOUSEHOLD: Final = None
"""The person of a fact that is everybody's."""

type Person = str | None
"""The id of a user of Home Assistant, or `HOUSEHOLD`."""

type Scope = frozenset[Person]
"""Whose facts may be seen. An empty scope sees nothing."""

_SPACES = re.compile(r"\s+")
# Zero-width joiners belong to the spelling of some scripts; all else that cannot be seen goes.
_JOINERS = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class FactError(ValueError):
    """A fact cannot be what it was to be.

    Attributes:
        field: of `Fact`, e.g. "text".
        problem: what is wrong with it: "empty", "too_long", "not_aware" (a time without a zone) or
            "unknown".
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the house was told.

    Attributes:
        id: of this fact, never given again.
        text: one line, as `checked` returns it.
        person: whose fact it is; `HOUSEHOLD` if everybody's.
        source: who wrote it: "voice", "action", "page", "import", "tool:<agent>".
        created: when it was told, UTC.
        expires: from when on it is forgotten, UTC; None is never.
        used: when it was last found for a turn, UTC; None is never yet.
    """

    id: str
    text: str
    person: Person
    source: str
    created: datetime
    expires: datetime | None = None
    used: datetime | None = None


def checked(text: str) -> str:
    """Return a text as a fact may have it: one line, nothing unseen in it, 1 to `MAX_TEXT` long.

    Raises:
        FactError: it is empty or too long.
    """
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN
    )
    line = _SPACES.sub(" ", seen).strip()
    if not line.strip(_JOINERS):
        raise FactError("text", "empty")
    if len(line) > MAX_TEXT:
        raise FactError("text", "too_long")
    return line


def allowed(person: Person) -> Scope:
    """Return whose facts a person may see: their own and the household's."""
    return frozenset({person, HOUSEHOLD})
