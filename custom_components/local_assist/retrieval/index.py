"""The names of a house, filed under everything that may be said for them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from .house import Area, Floor, House, Thing
from .kinds import KINDS
from .tables import (
    KIND_WORDS,
    LEXICONS,
    NAMING,
    NAMING_STEMS,
    NAMING_WORDS,
    Lexicon,
    Role,
    lexicons_for,
    naming_meanings,
)
from .text import sound, splits, stem, words

_CLOSE: Final = {3: 85.0, 4: 74.0, 5: 78.0}
"""How alike (0 to 100) a misheard word of so many letters must be."""
_SHORT: Final = 5
_CLOSE_LONG: Final = 76.0
_SHORTEST_MISHEARD: Final = 3
_MARGIN: Final = 10.0
"""How much less alike than the likest a word may be and still be meant."""
_SHORTEST_COMPOUND: Final = 7
_LEAST_WEIGHT: Final = 0.15
_GENERIC_WEIGHT: Final = 0.25
_STEM_QUALITY: Final = 0.84
"""Of a word with another ending: less than misheard, for a plural means others than the one."""
_SOUND_QUALITY: Final = 0.83
"""Of a word that sounds the same and is written otherwise."""


@dataclass(frozen=True, slots=True)
class Posting:
    """That a key stands in a name: the item's number, the name's, and the bits of its slots."""

    item: int
    name: int
    slots: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name, taken apart into slots: the folded words, compounds parted, with their weights."""

    slots: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """A word of the house or of a language like one that was said; `quality` is 0 to 1."""

    word: str
    quality: float


class Index:
    """The things, areas and floors of a house by the words and concepts of their names.

    Items are numbered: things first, in the house's order, then areas, then floors.
    """

    def __init__(self, house: House, language: str) -> None:
        self.house = house
        self.lexicons = lexicons_for(language)
        self.items: tuple[Thing | Area | Floor, ...] = (*house.things, *house.areas, *house.floors)
        self.first_area = len(house.things)
        self.first_floor = self.first_area + len(house.areas)
        self.numbers = {thing.entity_id: number for number, thing in enumerate(house.things)}
        self._parter = _Parter(n for item in self.items for n in item.names)
        taken_apart = [[self._slots(name) for name in item.names] for item in self.items]
        self.rarity = _rarity(taken_apart, self.lexicons)
        self.names = [
            [Name(slots, tuple(map(self.rarity.__getitem__, slots))) for slots in names]
            for names in taken_apart
        ]
        self.postings = self._file()
        self.by_stem = self._stems()
        self.of_kind = self._kinds()
        self._heard = sorted(word for word in self.postings if _may_be_misheard(word))
        self._by_sound = self._sounds()
        self._heard_in = lru_cache(maxsize=len(LEXICONS))(self._find_heard_in)
        self._alike = lru_cache(maxsize=2048)(self._find_alike)

    def area_of(self, item: int) -> str | None:
        """Return the area id of a thing."""
        return self.house.things[item].area

    def domain_of(self, item: int) -> str:
        """Return the domain of a thing."""
        return self.house.things[item].domain

    def part(self, word: str) -> tuple[str, ...]:
        """Return the parts of a compound, or the word alone."""
        return self._parter.part(word)

    def knows(self, word: str) -> bool:
        """Whether a word stands in a name, as it is or with another ending."""
        return word in self.postings or stem(word) in self.by_stem

    def words_for(self, word: str) -> Iterator[Alike]:
        """Yield the words of names that are this word, or this word with another ending."""
        if word in self.postings:
            yield Alike(word, 1.0)
        for other in self.by_stem.get(stem(word), ()):
            if other != word:
                yield Alike(other, _STEM_QUALITY)

    def _slots(self, name: str) -> tuple[str, ...]:
        """Return the words of a name that count; little ones do within a phrase of the tables."""
        said = words(name)
        slots: list[str] = []
        start = 0
        while start < len(said):
            length, _ = naming_meanings(self.lexicons, said, start)
            if length > 1:
                slots.extend(said[start : start + length])
            elif length or not _is_little(self.lexicons[0], said[start]):
                slots.extend(self._digits(said[start]) or self._parter.part(said[start]))
            start += max(length, 1)
        return tuple(slots or said or [name])

    def _digits(self, word: str) -> tuple[str, ...]:
        meanings = self.lexicons[0].exact.get((word,), ())
        return tuple(m.concept for m in meanings if m.role is Role.NUMBER)

    def _file(self) -> dict[str, list[Posting]]:
        postings: defaultdict[str, list[Posting]] = defaultdict(list)
        for item, names in enumerate(self.names):
            for number, name in enumerate(names):
                for key, slots in self._keys(name.slots):
                    postings[key].append(Posting(item, number, slots))
                whole = "".join(words(self.items[item].names[number]))
                if whole and whole != "".join(name.slots):
                    postings[whole].append(Posting(item, number, (1 << len(name.slots)) - 1))
        return dict(postings)

    def _keys(self, slots: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield what a name is filed under: its words, runs of them joined, and concepts."""
        count = len(slots)
        for start, word in enumerate(slots):
            yield word, 1 << start
            for end in range(start + 2, count + 1):
                if end - start <= 3 or (start == 0 and end == count):
                    yield "".join(slots[start:end]), (1 << end) - (1 << start)
        start = 0
        while start < count:
            length, meanings = naming_meanings(self.lexicons, slots, start)
            mask = (1 << (start + length)) - (1 << start)
            for meaning in meanings:
                yield meaning.key, mask
            if length > 1:
                yield from self._kinds_within(slots, range(start, start + length))
            start += max(length, 1)

    def _kinds_within(self, slots: Sequence[str], run: range) -> Iterator[tuple[str, int]]:
        """Yield the kinds that words of a phrase name by themselves: string lights are lights."""
        for slot in run:
            for meaning in self.lexicons[0].exact.get((slots[slot],), ()):
                if meaning.role is Role.KIND:
                    yield meaning.key, 1 << slot

    def _stems(self) -> dict[str, tuple[str, ...]]:
        by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.postings:
            if ":" not in word:
                by_stem[stem(word)].append(word)
        return {stemmed: tuple(group) for stemmed, group in by_stem.items()}

    def _sounds(self) -> dict[str, tuple[str, ...]]:
        by_sound: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._heard:
            by_sound[sound(word)].append(word)
        return {heard: tuple(group) for heard, group in by_sound.items()}

    def _kinds(self) -> dict[str, list[int]]:
        of_kind: defaultdict[str, list[int]] = defaultdict(list)
        for number, thing in enumerate(self.house.things):
            for kind in _kinds_of(thing.domain, thing.device_class):
                of_kind[kind].append(number)
        return dict(of_kind)

    def _find_heard_in(self, language: str) -> list[str]:
        """Return what a misheard word may have been: words of names, and of a language."""
        own = {phrase[0] for phrase in LEXICONS[language].exact if len(phrase) == 1}
        return [*self._heard, *sorted(filter(_may_be_misheard, own.difference(self.postings)))]

    def alike(self, word: str, lexicon: Lexicon) -> tuple[Alike, ...]:
        """Return what a misheard word may be in the house or the language, the likest first."""
        return self._alike(word, lexicon.language)

    def _find_alike(self, word: str, language: str) -> tuple[Alike, ...]:
        if len(word) < _SHORTEST_MISHEARD:
            return ()
        if same := self._by_sound.get(sound(word)):
            return tuple(Alike(other, _SOUND_QUALITY) for other in same)
        near = process.extract(
            word,
            self._heard_in(language),
            scorer=fuzz.ratio,
            score_cutoff=_CLOSE.get(len(word), _CLOSE_LONG),
            limit=8,
        )
        if len(word) <= _SHORT:
            near = [one for one in near if _short_alike(word, one[0])]
        least = max((score for _, score, _ in near), default=0.0) - _MARGIN
        return tuple(
            Alike(other, _quality(word, other, score)) for other, score, _ in near if score >= least
        )


@lru_cache(maxsize=512)
def _kinds_of(domain: str, device_class: str | None) -> tuple[str, ...]:
    return tuple(kind.name for kind in KINDS.values() if kind.takes(domain, device_class))


class _Parter:
    """Takes compounds apart where the parts are words of the house or of a language."""

    def __init__(self, names: Iterator[str]) -> None:
        self._house = frozenset(word for name in names for word in words(name) if len(word) > 3)
        self.part = lru_cache(maxsize=8192)(self._part)

    def _part(self, word: str) -> tuple[str, ...]:
        if len(word) < _SHORTEST_COMPOUND or word.isdigit() or word in NAMING_WORDS:
            return (word,)
        for head, tail in splits(word):
            if self._is_word(head) and (parts := self._tail(tail)):
                return head, *parts
        for head, tail in splits(word, shortest=4):
            if tail in KIND_WORDS or (len(head) > 4 and head in NAMING_WORDS):
                return head, tail
        return (word,)

    def _tail(self, tail: str) -> tuple[str, ...]:
        if self._is_word(tail):
            return (tail,)
        parts = self.part(tail)
        return parts if len(parts) > 1 else ()

    def _is_word(self, word: str) -> bool:
        return word in NAMING_WORDS or word in self._house or stem(word) in NAMING_STEMS


def _quality(word: str, other: str, score: float) -> float:
    """Return how sure a likeness (0 to 100) is, 0 to 1."""
    sure: float = (score / 100) ** 1.5
    return min(sure, _STEM_QUALITY) if stem(word) == stem(other) else sure


def _may_be_misheard(word: str) -> bool:
    return ":" not in word and len(word) >= _SHORTEST_MISHEARD


def _short_alike(word: str, other: str) -> bool:
    """Whether short words are alike enough: few letters are easily shared by chance."""
    return word[0] == other[0] and abs(len(word) - len(other)) <= 1


def _is_little(lexicon: Lexicon, word: str) -> bool:
    meanings = lexicon.exact.get((word,), ())
    return any(m.role in (Role.STOP, Role.AND) for m in meanings) and not any(
        m.role in NAMING for m in meanings
    )


def _rarity(
    taken_apart: Sequence[Sequence[tuple[str, ...]]], lexicons: Sequence[Lexicon]
) -> dict[str, float]:
    """Return the weight of each word of the house, 0 to 1, by its inverse document frequency."""
    found_in = Counter(
        word for names in taken_apart for word in {word for slots in names for word in slots}
    )
    most = math.log1p(len(taken_apart))
    weights = {}
    for word, count in found_in.items():
        weight = max(math.log1p(len(taken_apart) / count) / most, _LEAST_WEIGHT)
        generic = _is_little(lexicons[0], word) or any(
            meaning.role is Role.GENERIC for meaning in lexicons[0].word(word)
        )
        weights[word] = weight * (_GENERIC_WEIGHT if generic else 1.0)
    return weights
