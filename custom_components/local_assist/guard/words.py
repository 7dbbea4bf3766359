"""Yes, no and PINs, as they are said in each language. Pure, and never a matter for a model.

Only a whole utterance counts: "yes please" is a yes, "yes, and turn on the light" is not, since
nobody can tell what all of it means. When in doubt the answer is none, and nothing is done.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ..retrieval.text import fold


class Answer(StrEnum):
    """What was said to a question that wants a yes or a no."""

    YES = "yes"
    NO = "no"


class _Role(StrEnum):
    """What a phrase does in an answer; spoken/*.toml has the phrases of each."""

    YES = "yes"
    # A yes by itself, but it may come before a no as well: "okay, leave it".
    AGREED = "agreed"
    NO = "no"
    # Takes a yes back, but not a no.
    DOUBT = "doubt"
    # Means nothing.
    FILLER = "filler"
    # Comes before a PIN.
    PIN = "pin"


type _Phrase = tuple[str, ...]

_AROUND_PINS: Final = frozenset({_Role.YES, _Role.AGREED, _Role.FILLER, _Role.PIN})

_FOLDER: Final = Path(__file__).parent / "spoken"
_LONGEST: Final = 200
"""Characters of an utterance: an answer is short."""

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc`]")
_WORD: Final = re.compile(r"[^\W_]+")
_SIGNS: Final = re.compile('[\\s.,;:!?\u00a1\u00bf"\u00ab\u00bb\u201c\u201d\u201e\u2013\u2014-]*')
"""What speech-to-text writes beside words, without a meaning of its own."""


@dataclass(frozen=True, slots=True)
class _Language:
    """The phrases of one language: what they do in an answer, and which digits they are."""

    roles: Mapping[_Phrase, _Role]
    digits: Mapping[_Phrase, str]

    def role(self, phrase: _Phrase) -> _Role | None:
        """Return what a phrase does in an answer, None if it is not known."""
        return self.roles.get(phrase)

    def in_pin(self, phrase: _Phrase) -> str | None:
        """Return the digits of a phrase that may be part of telling a PIN.

        Empty for what is said around the digits, None for what does not belong there.
        """
        if len(phrase) == 1 and phrase[0].isascii() and phrase[0].isdecimal():
            return phrase[0]
        if found := self.digits.get(phrase):
            return found
        return "" if self.roles.get(phrase) in _AROUND_PINS else None


def understood(text: str, language: str) -> Answer | None:
    """Return whether an utterance is a yes or a no as a whole.

    Args:
        text: what was heard, as speech-to-text or a person wrote it.
        language: its language, a tag such as "pt-BR". English is understood as well, as far as
            the language itself has no meaning for what was said.
    """
    said = _words(text)
    for spoken in _spoken(language):
        if (roles := _parts(said, spoken.role)) is not None:
            answer = _answer(set(roles))
            # "Yes?" is no yes.
            return None if answer is Answer.YES and "?" in text else answer
    return None


def digits(text: str, language: str) -> str | None:
    """Return the digits of an utterance that tells a PIN and nothing else, however many.

    "1234", "one two three four", "the PIN is twelve thirty-four". The language is as above.
    """
    said = _words(text)
    for spoken in _spoken(language):
        if (parts := _parts(said, spoken.in_pin)) is not None:
            return "".join(parts) or None
    return None


def _answer(roles: set[_Role]) -> Answer | None:
    """Return what phrases mean together."""
    if _Role.NO in roles:
        return None if _Role.YES in roles else Answer.NO
    if _Role.DOUBT in roles or roles.isdisjoint({_Role.YES, _Role.AGREED}):
        return None
    return Answer.YES


def _parts[Meaning](
    said: list[str], meaning_of: Callable[[_Phrase], Meaning | None]
) -> list[Meaning] | None:
    """Return the meanings of the phrases of an utterance, the longest first; None if one has none.

    Nothing said is nothing known, too.
    """
    found: list[Meaning] = []
    at = 0
    while at < len(said):
        for end in range(min(len(said), at + _LONGEST_PHRASE), at, -1):
            if (meaning := meaning_of(tuple(said[at:end]))) is not None:
                found.append(meaning)
                at = end
                break
        else:
            return None
    return found or None


def _words(text: str) -> list[str]:
    """Return the words of an utterance; none if it is too long, or has signs nobody says."""
    plain = fold(_APOSTROPHES.sub("", text))
    if len(text) > _LONGEST or not _SIGNS.fullmatch(_WORD.sub("", plain)):
        return []
    return _WORD.findall(plain)


def _phrases(listed: str) -> Iterator[_Phrase]:
    """Yield the phrases of a list with commas."""
    for phrase in listed.split(","):
        if words := _words(phrase):
            yield tuple(words)


def _read(language: str, numbers: str) -> _Language:
    table = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return _Language(
        roles={phrase: role for role in _Role for phrase in _phrases(table[role])},
        digits={
            **{phrase: str(number) for number, phrase in enumerate(_phrases(numbers))},
            **{
                phrase: found
                for found, listed in table["digits"].items()
                for phrase in _phrases(listed)
            },
        },
    )


def _read_all() -> dict[str, _Language]:
    """Read the tables. Done when imported, which Home Assistant does off its event loop."""
    numbers = tomllib.loads((_FOLDER / "numbers.toml").read_text(encoding="utf-8"))
    return {language: _read(language, listed) for language, listed in numbers.items()}


_SPOKEN: Final = _read_all()
_LONGEST_PHRASE: Final = max(
    len(phrase) for spoken in _SPOKEN.values() for phrase in (*spoken.roles, *spoken.digits)
)


def _spoken(language: str) -> Iterator[_Language]:
    """Yield the language of a tag, if there is a table, and English."""
    own = re.split("[-_]", language.casefold())[0]
    for name in dict.fromkeys((own, "en")):
        if spoken := _SPOKEN.get(name):
            yield spoken
