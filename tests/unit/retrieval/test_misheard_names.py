"""Names are found although a letter is wrong, words are joined or split, or stand elsewhere."""

import random
from collections.abc import Callable

import pytest

from custom_components.local_assist.retrieval import Retriever
from tests.unit.retrieval.houses import LANGUAGES, house

_REQUESTS = {
    "de": "schalte {} ein",
    "en": "turn on the {}",
    "es": "enciende {}",
    "fr": "allume {}",
    "it": "accendi {}",
    "nl": "zet {} aan",
    "pl": "włącz {}",
    "pt": "liga {}",
}
_SHORTEST_MISHEARD = 4


def _as_it_is(name: str, _dice: random.Random) -> str:
    return name


def _a_letter_wrong(name: str, dice: random.Random) -> str:
    """Drop, double, change or swap a letter inside the longest word."""
    longest = max(name.split(), key=len)
    if len(longest) < _SHORTEST_MISHEARD:
        return name
    at = dice.randrange(1, len(longest) - 1)
    before, letter, after = longest[:at], longest[at], longest[at + 1 :]
    other = dice.choice("aeioutdkgsm")
    wrong = dice.choice((after, letter * 2 + after, other + after, after[0] + letter + after[1:]))
    return name.replace(longest, before + wrong, 1)


def _backwards(name: str, _dice: random.Random) -> str:
    return " ".join(reversed(name.split()))


def _joined(name: str, _dice: random.Random) -> str:
    return name.replace(" ", "")


def _split(name: str, _dice: random.Random) -> str:
    return " ".join(
        f"{word[: len(word) // 2]} {word[len(word) // 2 :]}" if len(word) > 6 else word
        for word in name.split()
    )


@pytest.mark.parametrize("change", [_as_it_is, _a_letter_wrong, _backwards, _joined, _split])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_found(language: str, change: Callable[[str, random.Random], str]) -> None:
    """At least 97 of 100 things are among the five found for what was made of their names."""
    dice = random.Random(7)
    things = [thing for thing in house(language).things if "filler" not in thing.entity_id]
    retriever = Retriever(house(language), language)
    said = {
        thing.entity_id: _REQUESTS[language].format(change(thing.names[0], dice))
        for thing in things
    }
    missed = [say for needed, say in said.items() if needed not in retriever.find(say).things[:5]]

    assert len(missed) <= 0.03 * len(things), missed
