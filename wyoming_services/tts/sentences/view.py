"""Text being looked at, of which more may come. Pure."""

from dataclasses import dataclass
from enum import Enum, auto

import regex

_WORD_LENGTH = 24
"""Characters of the next word that are waited for at most."""
_BEFORE_WORD = regex.compile(r"(?:[^\S\n\r]|[\p{Ps}\p{Pi}\p{Pf}\"'¿¡*_~`])*+")
_WORD = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}'’]{{1,{_WORD_LENGTH}}}+")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_FENCE = regex.compile(r"\s*+(?:```|~~~)")
_TABLE_ROW = regex.compile(r"\s*+\|")
_BLANK_LINES = regex.compile(r"\s*[\n\r]")


class Undecided(Exception):  # noqa: N818 - an answer, not an error
    """What follows has to be known first."""


class Next(Enum):
    """What comes next on the line, spaces and opening marks apart."""

    NOTHING = auto()
    LOWER = auto()
    UPPER = auto()
    CASELESS = auto()
    DIGIT = auto()
    """Or the sign of a currency."""
    PUNCTUATION = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class View:
    """A text from the beginning of a piece on.

    Attributes:
        text: as far as it is looked at.
        whole: decide with what is here, there is no more to wait for.
        at_line_start: a line begins here.
        in_code: within a fenced code block.
    """

    text: str
    whole: bool
    at_line_start: bool = True
    in_code: bool = False

    @property
    def is_fence(self) -> bool:
        """Whether this is a line around a code block."""
        return self._line_starts_with(_FENCE)

    @property
    def as_is(self) -> bool:
        """Whether this is a line of code or of a table, in which no mark ends a sentence."""
        return self.in_code or self.is_fence or self._line_starts_with(_TABLE_ROW)

    def known(self, position: int) -> str:
        """Return the character at a position, nothing behind the end.

        Raises:
            Undecided: it is not here yet.
        """
        if position < len(self.text):
            return self.text[position]
        if self.whole:
            return ""
        raise Undecided

    def next(self, position: int) -> Next:
        """Tell what comes next after a position.

        Raises:
            Undecided: it is not here yet.
        """
        return self.at(_end(_BEFORE_WORD.match(self.text, position)))

    def at(self, position: int) -> Next:
        """Tell what is at a position.

        Raises:
            Undecided: it is not here yet.
        """
        return _class(self.known(position))

    def word(self, position: int) -> str:
        """Return the next word after a position, apostrophes straightened.

        Raises:
            Undecided: it is not here yet, or may go on.
        """
        start = _end(_BEFORE_WORD.match(self.text, position))
        self.known(start)
        found = _WORD.match(self.text, start)
        if found is None:
            return ""
        if len(found[0]) < _WORD_LENGTH:
            self.known(found.end())
        return found[0].replace("’", "'")

    def begins(self, position: int) -> bool:
        """Tell whether nothing is said before a position."""
        return _LETTER.search(self.text, 0, position) is None

    def _line_starts_with(self, pattern: "regex.Pattern[str]") -> bool:
        """Tell whether a line begins here, and like this."""
        begins = self.at_line_start or _BLANK_LINES.match(self.text) is not None
        return begins and pattern.match(self.text) is not None


def _end(match: "regex.Match[str] | None") -> int:
    """Return where a match ends that may be empty, but is one."""
    assert match is not None  # noqa: S101
    return match.end()


def _class(character: str) -> Next:
    """Return what a character is."""
    for pattern, found in _CLASSES:
        if pattern.match(character):
            return found
    return Next.OTHER


_CLASSES = tuple(
    (regex.compile(pattern), found)
    for pattern, found in (
        (r"[\n\r]|$", Next.NOTHING),
        (r"\p{Ll}", Next.LOWER),
        (r"[\p{Lu}\p{Lt}]", Next.UPPER),
        (r"\p{L}", Next.CASELESS),
        (r"[\p{N}\p{Sc}]", Next.DIGIT),
        (r"\p{P}", Next.PUNCTUATION),
    )
)
