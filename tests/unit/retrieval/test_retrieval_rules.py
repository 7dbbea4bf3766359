"""Rooms, floors, the last turn, whole kinds and embeddings: what retrieval makes of them."""

import pytest

from custom_components.local_assist.retrieval import Area, Floor, House, Retriever, Thing

HOUSE = House(
    things=(
        Thing("light.kitchen", ("Ceiling light",), "light", None, "kitchen"),
        Thing("light.hall", ("Ceiling light",), "light", None, "hall"),
        Thing("light.bedroom", ("Ceiling light", "Moon"), "light", None, "bedroom"),
        Thing("light.bed", ("Bed lamp",), "light", None, "bedroom"),
        Thing("switch.string", ("String lights",), "switch", None, "hall"),
        Thing("switch.socket_1", ("Socket 1",), "switch", "outlet", "kitchen"),
        Thing("switch.socket_2", ("Socket 2",), "switch", "outlet", "kitchen"),
        Thing("binary_sensor.kitchen", ("Kitchen window",), "binary_sensor", "window", "kitchen"),
        Thing("binary_sensor.bedroom", ("Bedroom window",), "binary_sensor", "window", "bedroom"),
        Thing("cover.bedroom", ("Blinds",), "cover", "shutter", "bedroom"),
        Thing("sensor.kitchen", ("Kitchen temperature",), "sensor", "temperature", "kitchen", "°C"),
        Thing("sensor.kitchen_battery", ("Ceiling light battery",), "sensor", "battery", "kitchen"),
        Thing("fan.bedroom", ("Breezy",), "fan", None, "bedroom"),
    ),
    areas=(
        Area("kitchen", ("Kitchen", "Galley"), "ground"),
        Area("hall", ("Hall",), "ground"),
        Area("bedroom", ("Bedroom",), "upper"),
    ),
    floors=(Floor("ground", ("Ground floor",)), Floor("upper", ("Upper floor",))),
)
RETRIEVER = Retriever(HOUSE, "en")


@pytest.mark.parametrize("room", ["kitchen", "hall", "bedroom"])
def test_a_name_that_many_things_have_means_the_one_in_the_room(room: str) -> None:
    """The same words mean another light in another room."""
    assert RETRIEVER.find("turn on the ceiling light", room=room).things == (f"light.{room}",)


def test_a_named_room_counts_for_more_than_the_room_one_is_in() -> None:
    """Also by its alias; the room is told."""
    found = RETRIEVER.find("turn on the ceiling light in the galley", room="bedroom")

    assert found.things == ("light.kitchen",)
    assert found.areas == ("kitchen",)


def test_all_lights_are_a_group_that_knows_no_room() -> None:
    """A switch whose name says that it is a light is one too, in a group of its own."""
    found = RETRIEVER.find("turn off all the lights", room="kitchen")

    assert [(group.domain, group.areas) for group in found.groups] == [
        ("light", ()),
        ("switch", ()),
    ]
    assert set(found.groups[0].things) == {
        "light.kitchen",
        "light.hall",
        "light.bedroom",
        "light.bed",
    }
    assert found.groups[1].things == ("switch.string",)


@pytest.mark.parametrize(
    ("sentence", "areas"),
    [
        ("turn off all the lights in the bedroom", ("bedroom",)),
        ("are any lights on downstairs", ("hall", "kitchen")),
        ("turn off all lights in the bedroom and the hall", ("bedroom", "hall")),
    ],
)
def test_a_group_is_limited_to_the_places_that_are_named(
    sentence: str, areas: tuple[str, ...]
) -> None:
    """To one room, to the rooms of a floor, or to several rooms."""
    found = RETRIEVER.find(sentence, room="kitchen")
    lights = {thing for group in found.groups if group.domain == "light" for thing in group.things}

    assert {area for group in found.groups for area in group.areas} == set(areas)
    assert lights == {
        thing.entity_id for thing in HOUSE.things if thing.domain == "light" and thing.area in areas
    }


def test_a_floor_is_told() -> None:
    """By what people call it, too."""
    assert RETRIEVER.find("is anything on upstairs").floors == ("upper",)


def test_here_limits_a_group_to_the_room() -> None:
    """Only "here" does."""
    (group,) = RETRIEVER.find("turn off all the lights in here", room="bedroom").groups

    assert group.things == ("light.bedroom", "light.bed")


def test_it_is_what_the_last_turn_acted_on() -> None:
    """Unless the sentence names a kind that this is not of."""
    assert RETRIEVER.find("turn it off again", recent=["fan.bedroom"]).things == ("fan.bedroom",)
    assert RETRIEVER.find("and now the kitchen", recent=["light.bedroom"]).things == (
        "light.kitchen",
    )
    assert "fan.bedroom" not in RETRIEVER.find("open that window", recent=["fan.bedroom"]).things


def test_what_is_gone_from_the_house_is_not_found_again() -> None:
    """The last turn may be older than the house."""
    assert RETRIEVER.find("turn it off", recent=["light.gone"]).things == ()


def test_readings_that_come_with_a_device_are_not_the_device() -> None:
    """They are found when they are asked for."""
    assert RETRIEVER.find("kitchen ceiling light on").things == ("light.kitchen",)
    assert RETRIEVER.find("what's the ceiling light's battery level").things[0] == (
        "sensor.kitchen_battery"
    )


@pytest.mark.parametrize(("number", "word"), [("1", "one"), ("2", "two")])
def test_numbers_are_found_as_digits_and_as_words(number: str, word: str) -> None:
    """A transcript writes them either way."""
    for said in (number, word):
        things = RETRIEVER.find(f"turn on socket {said} in the kitchen").things
        assert things[0] == f"switch.socket_{number}"


def test_a_sentence_about_the_house_that_names_nothing_brings_what_the_room_has() -> None:
    """One about something else brings nothing."""
    assert set(RETRIEVER.find("turn on something nice", room="bedroom").things) <= {
        thing.entity_id for thing in HOUSE.things if thing.area == "bedroom"
    }
    assert RETRIEVER.find("who painted the Mona Lisa", room="bedroom").things == ()


def test_embeddings_find_what_no_word_does() -> None:
    """And they rank what words find."""
    similar = {thing.entity_id: 0.3 for thing in HOUSE.things} | {"fan.bedroom": 0.7}

    assert RETRIEVER.find("start the wind maker", similar=similar).things[0] == "fan.bedroom"


def test_never_more_than_the_limit() -> None:
    """However little is clear."""
    assert len(RETRIEVER.find("kitchen bedroom hall", limit=3).things) <= 3


@pytest.mark.parametrize(
    "sentence", ["", "   ", "?!", "ß", "\N{GRINNING FACE}", "a" * 2000, "1 2 3"]
)
def test_any_text_is_taken(sentence: str) -> None:
    """A transcript may be anything; an empty house and odd names are no trouble either."""
    assert RETRIEVER.find(sentence).things == ()
    assert Retriever(House(()), "xx").find(sentence).things == ()
    odd = House((Thing("light.odd", ("", "!", "the"), "light"),), (Area("a", ("…",)),))
    assert Retriever(odd, "de-CH").find(sentence).areas == ()
