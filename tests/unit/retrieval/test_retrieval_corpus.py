"""Every sentence of the corpus finds what it needs, and not much more."""

import statistics
from functools import cache

import pytest

from custom_components.local_assist.retrieval import Found, Retriever
from tests.unit.retrieval.houses import LANGUAGES, Said, house, sentences

SAID = [said for language in LANGUAGES for said in sentences(language)]


@cache
def retriever(language: str, size: int = 200) -> Retriever:
    """Return a retriever for a language's house."""
    return Retriever(house(language, size), language)


def everything(found: Found) -> set[str]:
    """Return all entities a sentence found, by itself or in a group."""
    return {*found.things, *(thing for group in found.groups for thing in group.things)}


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    """There are 250 sentences in eight languages, no two the same."""
    assert len(LANGUAGES) == 8
    assert len({said.say.casefold() for said in SAID}) == len(SAID) >= 250


@pytest.mark.parametrize("size", [60, 200, 1000])
@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said.language}: {said.say}")
def test_a_sentence_finds_what_it_needs(said: Said, size: int) -> None:
    """All of it, in at most as many single things as the sentence is worth."""
    found = retriever(said.language, size).find(said.say, room=said.room, recent=said.recent)

    assert said.needs <= everything(found)
    assert len(found.things) <= said.most
    assert said.needs or not found.groups


def test_clear_sentences_find_few_things() -> None:
    """Every thing found is read by the model in every turn, so it has to be worth it."""
    counts = [
        len(retriever(s.language).find(s.say, room=s.room, recent=s.recent).things) for s in SAID
    ]

    assert statistics.mean(counts) < 2


@pytest.mark.parametrize("at_home", LANGUAGES)
def test_a_sentence_in_another_language_finds_what_it_needs(at_home: str) -> None:
    """Someone may speak another language than the house is named in; nearly all is understood."""
    own_names = {"vacuum.robot", "light.kids"}  # Rosie is called otherwise elsewhere
    foreign = [
        said
        for said in SAID
        if said.language != at_home and said.needs and not said.needs & own_names
    ]
    missed = [
        said.say
        for said in foreign
        if not said.needs
        <= everything(retriever(at_home).find(said.say, room=said.room, recent=said.recent))
        and not any("filler" in need for need in said.needs)
    ]

    assert len(missed) <= 0.02 * len(foreign), missed
