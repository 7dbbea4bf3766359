"""The houses the agents are measured in, and what is said there."""

import pytest

from bench.agent import houses, recall
from bench.agent.houses import ROOMS, SIZES, house
from bench.agent.recall import Recalled, Sentence, sentences, share


@pytest.mark.parametrize("size", SIZES)
def test_a_house_has_as_many_things_as_it_is_said_to(size: int):
    """Each once, in a room that has a name, on a floor that has one."""
    built = house(size)
    assert len({thing.entity_id for thing in built.things}) == size
    assert {thing.area for thing in built.things} - {None} == set(built.areas)
    assert {built.floor_of[area] for area in built.areas} == set(built.floors)
    assert set(ROOMS) <= set(built.areas)
    assert house(size) == built


def test_there_is_something_of_everything():
    """Twelve kinds in the smallest house, and nothing the biggest has not."""
    assert len({thing.kind for thing in house(20).things}) >= 12
    assert {thing.kind for thing in house(1000).things} == set(houses.KINDS.values())


def test_a_smaller_house_is_part_of_a_bigger_one():
    """So that what is said is about the same things."""
    small, *_, big = (set(house(size).by_id) for size in SIZES)
    assert small <= big


def test_what_people_say_is_about_what_their_house_has():
    """At least 300 sentences, in several languages, none twice."""
    said = list(sentences())
    assert len(said) >= 300
    assert len({(one.language, one.text) for one in said}) == len(said)
    assert len({one.language for one in said}) >= 6
    for one in said:
        built = house(recall.size_of(one.language), one.language)
        assert one.needs <= set(built.by_id), one.text
        assert one.room in built.areas, one.text


@pytest.mark.parametrize(
    ("things", "grouped", "good"),
    [
        (("light.a", "light.b"), (), True),
        (("light.a",), ("light.b",), True),
        (("light.a",), (), False),
        (("light.a", "light.b", *(f"light.{i}" for i in range(14))), (), False),
    ],
)
def test_everything_must_be_found_and_not_too_much(
    things: tuple[str, ...], grouped: tuple[str, ...], good: bool
):
    """A sentence counts if all it needs is there, and no more than fifteen things."""
    sentence = Sentence("en", "rooms", "Both on", frozenset({"light.a", "light.b"}), "kitchen")
    found = Recalled(sentence, things, frozenset(grouped))
    assert found.good is good
    assert share([found]) == good
