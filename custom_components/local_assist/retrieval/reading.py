"""What the words of a sentence may stand for in this house."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from .asking import SPEECH, Speech
from .index import Index
from .kinds import COUNTED
from .tables import NAMING, Lexicon, Meaning, Meanings, Role
from .text import words

_PAUSE: Final = re.compile(r"[,;:.?!](?:\s|$)")
_WEIGHTS: Final = {
    Role.WORD: 1.0,
    Role.ROOM: 0.9,
    Role.KIND: 0.8,
    Role.NUMBER: 0.5,
    Role.HINT: 0.35,
    Role.HOUSE: 0.3,
    Role.GENERIC: 0.2,
}
_ABOUT_THE_HOUSE: Final = frozenset({Role.HOUSE, Role.HINT, Role.KIND, Role.ROOM})
_SAYS_WHAT: Final = NAMING | {Role.EVERYTHING, Role.IT}
_SAYS_SOMETHING: Final = frozenset(_WEIGHTS)
_IN_NAMES: Final = NAMING | {Role.GENERIC, Role.NUMBER}
_A_NUMBER: Final = (Meaning(Role.NUMBER),)
_HEATING: Final = Meaning(Role.HINT, "heating")
_TEMPERATURE: Final = Meaning(Role.HINT, "temperature")
_SHORTEST_STRANGE: Final = 3
_OTHER_LANGUAGE: Final = 0.9
_FOR_SURE: Final = 0.8
"""How sure a word must be heard in a sentence that says nothing else about the house."""
_NEARLY: Final = 0.85
_JOINED: Final = 0.95
_JOINED_WEIGHT: Final = 0.7


@dataclass(frozen=True, slots=True)
class Match:
    """That some words (bits of their positions) may stand for a key of the index."""

    positions: int
    key: str
    quality: float
    role: Role | None = None


@dataclass(slots=True)
class Clause:
    """A part of the sentence that asks for one thing: its positions, as bits, and its roles."""

    positions: int = 0
    roles: set[Role] = field(default_factory=set)


@dataclass(slots=True)
class Reading:
    """A sentence as the house may understand it; `weights` has one weight for each word.

    `asks` tells a question; `strange` counts the words that mean nothing in any house; `speech`
    is that of the sentence's language.
    """

    words: list[str]
    weights: list[float]
    matches: list[Match]
    roles: list[set[Role]]
    clauses: list[Clause]
    speech: Speech
    asks: bool
    strange: int

    @property
    def is_talk(self) -> bool:
        """Whether the person wants to be told something that no house knows."""
        return self.speech.is_talk(self.words)

    @property
    def about_the_house(self) -> bool:
        """Whether the sentence orders something, or asks for the state of something."""
        compares = any(match.role is Role.COMPARE for match in self.matches)
        if self.is_talk or (self.asks and (self.strange or compares)):
            return False
        return any(
            roles & _ABOUT_THE_HOUSE and not (self.strange and word in self.speech.colours)
            for word, roles in zip(self.words, self.roles, strict=True)
        )


class Reader:
    """Reads one sentence; see `read`."""

    def __init__(self, index: Index, sentence: str) -> None:
        self._index = index
        self._sentence = sentence
        parts = [words(part) for part in _PAUSE.split(sentence)]
        self._lexicon = _language_of(index, [word for part in parts for word in part])
        parts = [[bit for word in part for bit in self._apart(word)] for part in parts]
        self._words = [word for part in parts for word in part]
        self._pauses = _starts(parts)
        self._weights = [0.0] * len(self._words)
        self._matches: list[Match] = []
        self._roles: list[set[Role]] = [set() for _ in self._words]
        self._guessed: set[int] = set()

    def read(self) -> Reading:
        """Return what the words may stand for."""
        unknown = self._phrases()
        speech = SPEECH[self._lexicon.language]
        asks = speech.is_question(self._words, self._sentence)
        self._settle()
        if asks:
            self._ask_how_warm()
        for mask, kind in speech.comparisons(self._words):
            self._matches.append(Match(mask, f"{Role.KIND}:{kind}", 1.0, Role.COMPARE))
        for position, word in enumerate(self._words):
            if not self._roles[position] or self._roles[position] & _SAYS_SOMETHING:
                self._name_words(position, word, unknown=position in unknown)
        self._joined(unknown)
        if not any(
            roles & _ABOUT_THE_HOUSE and position not in self._guessed
            for position, roles in enumerate(self._roles)
        ):
            self._matches = [match for match in self._matches if match.quality >= _FOR_SURE]
        return Reading(
            self._words,
            self._weights,
            self._matches,
            self._roles,
            self._clauses(),
            speech,
            asks,
            self._strange(),
        )

    def _ask_how_warm(self) -> None:
        """Let what hints at heating hint at the temperature as well: it is asked, not changed."""
        for match in [match for match in self._matches if match.key == _HEATING.key]:
            if match.role is Role.HINT:
                self._match(match.positions, _TEMPERATURE, match.quality)

    def _strange(self) -> int:
        """Return how many words mean nothing in any house."""
        known = 0
        for match in self._matches:
            if match.quality >= _FOR_SURE:
                known |= match.positions
        return sum(
            not known >> position & 1
            and (not self._roles[position] or position in self._guessed)
            and len(word) >= _SHORTEST_STRANGE
            for position, word in enumerate(self._words)
        )

    def _apart(self, word: str) -> tuple[str, ...]:
        """Return the parts of a compound, unless it is a word of its own or nearly one."""
        parts = self._index.part(word)
        if len(parts) == 1 or (word,) in self._lexicon.exact:
            return (word,)
        if word not in self._index.postings and any(
            alike.quality >= _NEARLY for alike in self._index.alike(word, self._lexicon)
        ):
            return (word,)
        return parts

    def _phrases(self) -> set[int]:
        """Note the meanings of known words; return the positions of all that may be misheard."""
        unknown = set()
        start = 0
        while start < len(self._words):
            length, meanings = self._lexicon.at(self._words, start)
            quality = 1.0
            if not meanings and not self._index.knows(self._words[start]):
                length, meanings = self._foreign(start)
                quality = _OTHER_LANGUAGE
            if self._words[start].isdigit():
                self._mean(start, 1, _A_NUMBER, 1.0)
            if meanings:
                self._mean(start, length, meanings, quality)
            if length < 2 and (self._words[start],) not in self._lexicon.exact:
                unknown.add(start)
            start += max(length, 1)
        return unknown

    def _settle(self) -> None:
        """Choose for words with two meanings: verb or kind ("switch"), again or kind ("weer")."""
        for position, roles in enumerate(self._roles):
            others = set().union(*(r for p, r in enumerate(self._roles) if p != position))
            before = set().union(*self._roles[:position])
            if Role.KIND in roles and (
                (Role.HOUSE in roles and others & _SAYS_WHAT and not before & _SAYS_SOMETHING)
                or (Role.IT in roles and Role.HOUSE in others)
            ):
                self._take_kind_from(position)
            if Role.WHICH in roles and self._counted_after(position):
                roles.add(Role.ANY)

    def _take_kind_from(self, position: int) -> None:
        self._roles[position].discard(Role.KIND)
        self._weights[position] = _WEIGHTS[Role.HOUSE]
        kind = (Role.KIND, 1 << position)
        self._matches = [match for match in self._matches if (match.role, match.positions) != kind]

    def _counted_after(self, position: int) -> bool:
        """Whether the next word names a kind of which there are many."""
        after = 1 << (position + 1)
        return any(
            match.role is Role.KIND
            and match.positions & after
            and match.key.partition(":")[2] in COUNTED
            for match in self._matches
        )

    def _foreign(self, start: int) -> tuple[int, Meanings]:
        """Return what a word of another language names, spelled as it is there."""
        word = self._words[start]
        for lexicon in self._index.lexicons:
            meanings = lexicon.exact.get((word,), ())
            if named := tuple(meaning for meaning in meanings if meaning.role in NAMING):
                return 1, named
        return 0, ()

    def _mean(self, start: int, length: int, meanings: Meanings, quality: float) -> None:
        mask = ((1 << length) - 1) << start
        for meaning in meanings:
            for position in range(start, start + length):
                self._roles[position].add(meaning.role)
                self._weigh(position, _WEIGHTS.get(meaning.role, 0.0) / length)
            self._match(mask, meaning, quality)

    def _match(self, mask: int, meaning: Meaning, quality: float) -> None:
        if meaning.role in NAMING or meaning.role is Role.HINT:
            self._matches.append(Match(mask, meaning.key, quality, meaning.role))
        elif meaning.role is Role.NUMBER and meaning.concept in self._index.postings:
            self._matches.append(Match(mask, meaning.concept, quality))

    def _weigh(self, position: int, weight: float) -> None:
        self._weights[position] = max(self._weights[position], weight)

    def _name_words(self, position: int, word: str, *, unknown: bool) -> None:
        """Note the words of names that a word is, or else may be."""
        mask = 1 << position
        found = False
        orders = self._roles[position] == {Role.HOUSE}
        for alike in self._index.words_for(word):
            found = True
            if orders and alike.word != word:
                continue
            self._house_word(mask, alike.word, alike.quality)
            if not self._roles[position] & {Role.HOUSE, Role.GENERIC}:
                rarity = self._index.rarity.get(alike.word, _JOINED_WEIGHT)
                self._weigh(position, 0.4 + 0.6 * rarity)
        if found or not unknown:
            return
        self._misheard(mask, word)

    def _misheard(self, mask: int, word: str, quality: float = 1.0) -> None:
        """Note what a word that nobody knows may be."""
        start = (mask & -mask).bit_length() - 1
        length = mask.bit_count()
        self._guessed.update(p for p in positions(mask) if not self._roles[p])
        for alike in self._index.alike(word, self._lexicon):
            likely = alike.quality * quality
            if meanings := self._lexicon.exact.get((alike.word,)):
                named = tuple(m for m in meanings if m.role in NAMING)
                self._mean(start, length, named, likely)
            if alike.word in self._index.postings:
                self._house_word(mask, alike.word, likely)
                rarity = self._index.rarity.get(alike.word, _JOINED_WEIGHT)
                for position in range(start, start + length):
                    self._weigh(position, (0.4 + 0.6 * rarity) / length)

    def _joined(self, unknown: set[int]) -> None:
        """Note what runs of words stand for when they are written as one ("bed room")."""
        for length in (2, 3):
            for start in range(len(self._words) - length + 1):
                joined = "".join(self._words[start : start + length])
                mask = ((1 << length) - 1) << start
                run = range(start, start + length)
                if self._index.postings.get(joined):
                    self._house_word(mask, joined, 1.0)
                    for position in run:
                        if not self._roles[position]:
                            self._weigh(position, _JOINED_WEIGHT)
                elif any(m.role in NAMING for m in self._lexicon.exact.get((joined,), ())):
                    self._mean(start, length, self._lexicon.exact[joined,], _JOINED)
                elif any(position in unknown for position in run) and all(
                    self._roles[position] <= _IN_NAMES for position in run
                ):
                    self._misheard(mask, joined, _JOINED)

    def _house_word(self, mask: int, word: str, quality: float) -> None:
        self._matches.append(Match(mask, word, quality))

    def _clauses(self) -> list[Clause]:
        """Part the sentence at "and" and at pauses."""
        clauses = [Clause()]
        for position, roles in enumerate(self._roles):
            if Role.AND in roles or position in self._pauses:
                clauses.append(Clause())
            clauses[-1].positions |= 1 << position
            clauses[-1].roles |= roles
        return clauses


def _starts(parts: Sequence[Sequence[str]]) -> frozenset[int]:
    starts = set()
    count = 0
    for part in parts:
        starts.add(count)
        count += len(part)
    return frozenset(starts - {0})


def _language_of(index: Index, said: Sequence[str]) -> Lexicon:
    """Return the lexicon that knows most of the words; the pipeline's own when in doubt."""
    own = index.lexicons[0]

    def known(lexicon: Lexicon) -> float:
        count = sum(bool(lexicon.word(word)) for word in said)
        return count + (0.5 if lexicon is own else 0.0)

    return max(index.lexicons, key=known)


def positions(mask: int) -> Iterator[int]:
    """Yield the positions of the bits of a mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
