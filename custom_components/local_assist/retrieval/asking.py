"""How a question is told from an order, and chat from both."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .text import words

_FOLDER: Final = Path(__file__).parent / "words"
_COMPARED: Final = {"warmer": "temperature", "damper": "humidity", "brighter": "brightness"}
"""What the words of an entry compare."""
_LATEST_START: Final = 2
"""How many words ("and", "hey") may stand before what makes a question of a sentence."""
_LONGEST_PHRASE: Final = 3
_PLURALS: Final = {"the": ("s",), "die": ("n", "s", "er"), "de": ("en", "s", "er")}
"""Endings by which a noun is known as plural after articles that stand before both."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What tells questions, orders and chat apart in one language; see `questions.toml`."""

    asks: frozenset[tuple[str, ...]]
    the: frozenset[str]
    home: frozenset[str]
    talk: frozenset[str]
    colours: frozenset[str]
    compared: Mapping[tuple[str, ...], str]

    def is_question(self, said: Sequence[str], sentence: str) -> bool:
        """Whether a sentence, of these words, asks."""
        return "?" in sentence or any(
            tuple(said[start : start + length]) in self.asks
            for start in range(_LATEST_START)
            for length in range(1, _LONGEST_PHRASE + 1)
        )

    def comparisons(self, said: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield the words, as bits, that compare, and the kind of what they compare."""
        for start in range(len(said)):
            for length in range(1, min(_LONGEST_PHRASE, len(said) - start) + 1):
                if kind := self.compared.get(tuple(said[start : start + length])):
                    yield (1 << (start + length)) - (1 << start), kind

    def is_talk(self, said: Collection[str]) -> bool:
        """Whether the person wants to be told something that no house knows."""
        return not self.talk.isdisjoint(said)

    def is_the_one(self, said: Sequence[str], position: int) -> bool:
        """Whether the word at a position is one known thing: "the lamp", not "the lamps"."""
        if not position or (article := said[position - 1]) not in self.the:
            return False
        return not said[position].endswith(_PLURALS.get(article, ()))


def _tables() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = tomllib.loads(
        (_FOLDER / "questions.toml").read_text(encoding="utf-8")
    )
    return tables


def phrases_of(table: Mapping[str, str], entry: str) -> frozenset[tuple[str, ...]]:
    """Return the phrases of an entry, each as its folded words."""
    parted = (tuple(words(phrase)) for phrase in table[entry].split(","))
    return frozenset(phrase for phrase in parted if phrase)


def _single(table: Mapping[str, str], entry: str) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in phrases_of(table, entry))


QUESTIONS: Final = _tables()
"""The entries of `questions.toml` by language."""


def _speech(table: Mapping[str, str]) -> Speech:
    compared = {
        phrase: kind for entry, kind in _COMPARED.items() for phrase in phrases_of(table, entry)
    }
    return Speech(
        phrases_of(table, "asks"),
        the=_single(table, "the"),
        home=_single(table, "home"),
        talk=_single(table, "talk"),
        colours=_single(table, "colours"),
        compared=compared,
    )


SPEECH: Final = {language: _speech(table) for language, table in QUESTIONS.items()}
"""What tells questions from orders, by language."""
