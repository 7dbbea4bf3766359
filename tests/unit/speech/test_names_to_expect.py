"""Which names are sent, and in what order."""

import json

from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.speech.vocabulary import (
    MAX_BYTES,
    MAX_NAME_LENGTH,
    MAX_NAMES,
    names_to_expect,
)

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), max_size=30)


def test_places_then_controls_then_readings() -> None:
    """What most sentences have goes first, what can only be asked for goes last."""
    assert names_to_expect(["Upstairs", "Attic"], ["Chandelier"], ["Hum", "Attic hum"]) == [
        "Attic",
        "Upstairs",
        "Chandelier",
        "Hum",
        "Attic hum",
    ]


def test_new_words_before_names_put_together_of_old_ones() -> None:
    """A name whose words are all there already waits for those that bring a word, but is sent."""
    names = names_to_expect(
        ["Kitchen", "Bedroom"],
        ["Kitchen light", "Bedroom light", "Light", "Sonos Beam of the parents"],
        [],
    )

    assert names == [
        "Bedroom",
        "Kitchen",
        "Light",
        "Sonos Beam of the parents",
        "Bedroom light",
        "Kitchen light",
    ]


def test_shorter_names_first() -> None:
    """Names that people say are shorter than those an integration makes up."""
    assert names_to_expect([], ["Gradient lightstrip", "TV", "Oven"], []) == [
        "TV",
        "Oven",
        "Gradient lightstrip",
    ]


def test_each_name_once_and_tidy() -> None:
    """Case and white space make no other name; what is empty or endless is none."""
    assert names_to_expect(
        ["Hall", " hall "], ["HALL", "Desk\n lamp", "", " \t"], ["x" * 61, "desk lamp"]
    ) == ["Hall", "Desk lamp"]


def test_a_great_house_is_cut() -> None:
    """There is a longest list."""
    names = names_to_expect(["Hall"], (f"L{number}" for number in range(1000)), ["Hum"])

    assert len(names) == MAX_NAMES
    assert names[0] == "Hall"
    assert "Hum" not in names


def test_long_names_are_cut_by_their_bytes() -> None:
    """The event stays small also where a character takes many bytes."""
    names = names_to_expect([], (f"{number:04}{'語' * 50}" for number in range(1000)), [])

    size = len(json.dumps(names, ensure_ascii=False).encode())
    assert MAX_BYTES - 200 < size <= MAX_BYTES


@given(NAMES, NAMES, NAMES)
def test_nothing_is_made_up_or_sent_twice(
    places: list[str], controls: list[str], readings: list[str]
) -> None:
    """Whatever things are called, each sayable name is sent once, in the same order each time."""
    names = names_to_expect(places, controls, readings)

    said = {" ".join(name.split()) for name in (*places, *controls, *readings)}
    assert set(names) <= said
    assert len({name.casefold() for name in names}) == len(names)
    sayable = {name.casefold() for name in said if 0 < len(name) <= MAX_NAME_LENGTH}
    assert {name.casefold() for name in names} == sayable
    assert names == names_to_expect(places[::-1], controls[::-1], readings[::-1])
