"""What words mean, by language; read from the tables once, at import.

Home Assistant imports integrations off its event loop, so that is where the files are read.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final

from .asking import QUESTIONS, phrases_of
from .text import stem, words

_FOLDER: Final = Path(__file__).parent / "words"
_LONGEST_PHRASE: Final = 5
_SHORTEST_STEM: Final = 4


class Role(StrEnum):
    """What a word does in a sentence."""

    STOP = "stop"
    GENERIC = "generic"
    AND = "and"
    ALL = "all"
    ANY = "any"
    WHICH = "which"
    EVERYTHING = "everything"
    IT = "it"
    HERE = "here"
    HOUSE = "house"
    NUMBER = "number"
    HINT = "hint"
    COMPARE = "compare"
    KIND = "kind"
    ROOM = "room"
    WORD = "word"


NAMING: Final = frozenset({Role.KIND, Role.ROOM, Role.WORD})
"""The roles of words that names are made of."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a word: its role, and for kinds, rooms, words and numbers which one."""

    role: Role
    concept: str = ""

    @property
    def key(self) -> str:
        """What the index files this meaning under; a hint is filed as its kind."""
        return f"{Role.KIND if self.role is Role.HINT else self.role}:{self.concept}"


_COMPARED: Final = {
    "warmer": ("temperature", "heating"),
    "damper": ("humidity",),
    "brighter": ("brightness", "light"),
}
"""What words that compare hint at."""

type Meanings = tuple[Meaning, ...]
_NOTHING: Final[Meanings] = ()


@dataclass(slots=True)
class Lexicon:
    """The meanings of one language's words and phrases, as written and by their stems."""

    language: str
    exact: dict[tuple[str, ...], Meanings] = field(default_factory=dict)
    stems: dict[tuple[str, ...], Meanings] = field(default_factory=dict)

    def at(self, sentence: Sequence[str], start: int) -> tuple[int, Meanings]:
        """Return how many words the longest known phrase at `start` has, and its meanings."""
        for length in range(min(_LONGEST_PHRASE, len(sentence) - start), 0, -1):
            phrase = tuple(sentence[start : start + length])
            if meanings := self.exact.get(phrase):
                return length, meanings
            if meanings := self.stems.get(tuple(map(stem, phrase))):
                return length, meanings
        return self._short_plural(sentence[start])

    def _short_plural(self, word: str) -> tuple[int, Meanings]:
        """Return what words mean that are too short for their endings to be taken off: "TVs"."""
        if not (word.endswith("s") and len(word) - 1 < _SHORTEST_STEM):
            return 0, _NOTHING
        meanings = self.exact.get((word[:-1],), ())
        named = tuple(m for m in meanings if m.role in (Role.KIND, Role.WORD))
        return int(bool(named)), named

    def word(self, word: str) -> Meanings:
        """Return the meanings of a single word."""
        return self.exact.get((word,)) or self.stems.get((stem(word),), _NOTHING)


def _entries(table: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[tuple[str, ...], Meaning]]:
    sections = {"hints": Role.HINT, "kinds": Role.KIND, "rooms": Role.ROOM, "words": Role.WORD}
    for section, role in sections.items():
        for concept, phrases in table[section].items():
            for phrase in phrases.split(","):
                yield tuple(words(phrase)), Meaning(role, concept)
    for role_name, phrases in table["speech"].items():
        for position, phrase in enumerate(phrases.split(","), 1):
            if role_name == "numbers":
                yield tuple(words(phrase)), Meaning(Role.NUMBER, str(position))
            else:
                yield tuple(words(phrase)), Meaning(Role(role_name))


def _comparing(language: str) -> Iterable[tuple[tuple[str, ...], Meaning]]:
    table = QUESTIONS[language]
    for entry, kinds in _COMPARED.items():
        for phrase in phrases_of(table, entry):
            yield from ((phrase, Meaning(Role.HINT, kind)) for kind in kinds)
    yield from ((phrase, Meaning(Role.HINT, "power")) for phrase in phrases_of(table, "rate"))


def _read(language: str) -> Lexicon:
    exact: defaultdict[tuple[str, ...], dict[Meaning, None]] = defaultdict(dict)
    stems: defaultdict[tuple[str, ...], dict[Meaning, None]] = defaultdict(dict)
    text = (_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    for phrase, meaning in chain(_entries(tomllib.loads(text)), _comparing(language)):
        if not phrase:
            continue
        exact[phrase][meaning] = None
        if meaning.role in NAMING or meaning.role in (Role.HINT, Role.HOUSE):
            stems[tuple(map(stem, phrase))][meaning] = None
    for phrase in phrases_of(QUESTIONS[language], "talk"):
        exact[phrase] = {Meaning(Role.STOP): None}
    return Lexicon(
        language,
        {phrase: tuple(meanings) for phrase, meanings in exact.items()},
        {phrase: tuple(meanings) for phrase, meanings in stems.items()},
    )


LEXICONS: Final[Mapping[str, Lexicon]] = {
    language: _read(language) for language in ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
}


def _words_of(*roles: Role) -> frozenset[str]:
    return frozenset(
        phrase[0]
        for lexicon in LEXICONS.values()
        for phrase, meanings in lexicon.exact.items()
        if len(phrase) == 1 and any(meaning.role in roles for meaning in meanings)
    )


NAMING_WORDS: Final = _words_of(*NAMING)
"""The single words of all languages that names are made of."""
NAMING_STEMS: Final = frozenset(map(stem, NAMING_WORDS))
KIND_WORDS: Final = _words_of(Role.KIND)
"""The single words of all languages for kinds of things."""


_FIRST_STEMS: Final = frozenset(
    stem(phrase[0])
    for lexicon in LEXICONS.values()
    for phrase, meanings in lexicon.exact.items()
    if any(meaning.role in NAMING for meaning in meanings)
)


def lexicons_for(language: str) -> tuple[Lexicon, ...]:
    """Return all lexicons, that of `language` (a tag such as "pt-BR") first, English otherwise."""
    own = language.casefold().replace("_", "-").partition("-")[0]
    own = own if own in LEXICONS else "en"
    return LEXICONS[own], *(lexicon for name, lexicon in LEXICONS.items() if name != own)


def naming_meanings(
    lexicons: Sequence[Lexicon], name: Sequence[str], start: int
) -> tuple[int, Meanings]:
    """Return the longest phrase of a name at `start` in the first language that knows one."""
    if stem(name[start]) not in _FIRST_STEMS:
        return 0, _NOTHING
    for lexicon in lexicons:
        length, meanings = lexicon.at(name, start)
        if found := tuple(meaning for meaning in meanings if meaning.role in NAMING):
            return length, found
    return 0, _NOTHING
