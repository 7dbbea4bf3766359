"""Questions, comparisons, names that contain others, and chat: what they find in a big house."""

import pytest

from custom_components.local_assist.retrieval import Area, Floor, Found, House, Retriever, Thing
from custom_components.local_assist.retrieval.asking import SPEECH
from custom_components.local_assist.retrieval.text import sound

WINGS = ("", "annex", "cottage", "lodge")
ROOMS = {"kitchen": "ground", "bedroom": "upper", "office": "upper"}
NAMES = {
    "en": {
        "kitchen": "Kitchen",
        "bedroom": "Bedroom",
        "office": "Office",
        "light": "lamp",
        "warmth": "temperature",
        "thermostat": "thermostat",
        "window": "window",
        "tv": "TV",
        "kettle": "Kettle",
        "robot": "Rosie",
        "lock": "Front door",
        "contact": "Front door contact",
        "charger": "Car charger",
        "power": "Car charger power",
        "ground": "Downstairs",
        "upper": "Upstairs",
    },
    "de": {
        "kitchen": "Küche",
        "bedroom": "Schlafzimmer",
        "office": "Büro",
        "light": "Lampe",
        "warmth": "Temperatur",
        "thermostat": "Thermostat",
        "window": "Fenster",
        "tv": "Fernseher",
        "kettle": "Wasserkocher",
        "robot": "Rosie",
        "lock": "Haustür",
        "contact": "Haustür Kontakt",
        "charger": "Wallbox",
        "power": "Wallbox Leistung",
        "ground": "Erdgeschoss",
        "upper": "Obergeschoss",
    },
}
_IN_ROOMS = {
    "light": ("light", None),
    "warmth": ("sensor", "temperature"),
    "thermostat": ("climate", None),
    "window": ("binary_sensor", "window"),
    "tv": ("media_player", "tv"),
}
_ONCE = {
    "kettle": ("switch", None, "kitchen"),
    "robot": ("vacuum", None, "kitchen"),
    "lock": ("lock", None, "kitchen"),
    "contact": ("binary_sensor", "door", "kitchen"),
    "charger": ("switch", None, "office"),
    "power": ("sensor", "power", "office"),
}


def _house(language: str) -> House:
    """Return a house with three other buildings, where everything is called after its building."""
    called = NAMES[language]
    things: list[Thing] = []
    areas: list[Area] = []
    for wing in WINGS:
        before = f"{wing.title()} " if wing else ""
        for room, floor in ROOMS.items():
            area = f"{wing}_{room}".strip("_")
            areas.append(Area(area, (before + called[room],), wing or floor))
            things += [
                Thing(f"{domain}.{area}_{kind}", (f"{before}{called[room]} {called[kind]}",),
                      domain, device_class, area)
                for kind, (domain, device_class) in _IN_ROOMS.items()
            ]  # fmt: skip
        things += [
            Thing(f"{domain}.{f'{wing}_{kind}'.strip('_')}", (before + called[kind],), domain,
                  device_class, f"{wing}_{room}".strip("_"))
            for kind, (domain, device_class, room) in _ONCE.items()
        ]  # fmt: skip
    floors = [Floor(floor, (called[floor],)) for floor in ("ground", "upper")]
    floors += [Floor(wing, (wing.title(),)) for wing in WINGS[1:]]
    return House(tuple(things), tuple(areas), tuple(floors))


RETRIEVERS = {language: Retriever(_house(language), language) for language in NAMES}


def find(language: str, sentence: str, room: str | None = None) -> Found:
    """Return what a sentence finds in the house of its language."""
    return RETRIEVERS[language].find(sentence, room=room)


def everything(found: Found) -> set[str]:
    """Return all entities that were found, by themselves or in a group."""
    return {*found.things, *(thing for group in found.groups for thing in group.things)}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Which room is the warmest?"),
        ("en", "where is it coldest"),
        ("de", "Wo ist es am wärmsten"),
        ("de", "welches Zimmer ist am kältesten"),
    ],
)
def test_a_comparison_of_no_place_is_about_each_room(language: str, sentence: str) -> None:
    """Sensors and thermostats come as groups, the sensors at least in every room."""
    found = find(language, sentence, "kitchen")
    sensors = {thing for thing in everything(found) if thing.startswith("sensor")}

    assert len(sensors) == len(WINGS) * len(ROOMS)
    assert not found.things


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "is it colder in the kitchen or in the office"),
        ("de", "ist es in der Küche kälter als im Büro"),
    ],
)
def test_a_comparison_is_about_the_places_it_names(language: str, sentence: str) -> None:
    """All their sensors, and none of other places."""
    found = everything(find(language, sentence, "bedroom"))

    assert found == {
        "sensor.kitchen_warmth",
        "sensor.office_warmth",
        "climate.kitchen_thermostat",
        "climate.office_thermostat",
    }


@pytest.mark.parametrize(
    ("language", "sentence", "first"),
    [
        ("en", "make it warmer in the office", "climate.office_thermostat"),
        ("de", "mach es im Büro wärmer", "climate.office_thermostat"),
        ("en", "how warm is it in the office", "sensor.office_warmth"),
        ("de", "wie warm ist es im Büro", "sensor.office_warmth"),
    ],
)
def test_warmth_is_ordered_from_thermostats_and_read_from_sensors(
    language: str, sentence: str, first: str
) -> None:
    """What is meant comes first, and nothing from the other buildings."""
    found = find(language, sentence, "kitchen").things

    assert found[0] == first
    assert {thing.partition(".")[2].partition("_")[0] for thing in found} == {"office"}


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("en", "turn on the lamp in the kitchen", "light.kitchen_light"),
        ("de", "mach die Lampe in der Küche an", "light.kitchen_light"),
        ("en", "switch the kettle on", "switch.kettle"),
        ("de", "schalte den Wasserkocher ein", "switch.kettle"),
        ("en", "start rosy", "vacuum.robot"),
        ("de", "starte Rosi", "vacuum.robot"),
    ],
)
def test_a_name_is_not_what_only_contains_it(language: str, sentence: str, expected: str) -> None:
    """However many buildings have the same under a longer name."""
    assert find(language, sentence, "bedroom").things == (expected,)


@pytest.mark.parametrize("language", NAMES)
def test_the_longer_name_is_found_by_all_its_words(language: str) -> None:
    """And by the short one for somebody who is there."""
    room = NAMES[language]["kitchen"]

    assert find(language, f"annex {room} {NAMES[language]['light']}").things[0] == (
        "light.annex_kitchen_light"
    )
    assert (
        "switch.annex_kettle" in find(language, NAMES[language]["kettle"], "annex_kitchen").things
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "is anything still on the TV"),
        ("de", "läuft noch etwas auf dem Fernseher"),
    ],
)
def test_the_one_thing_is_that_of_the_room(language: str, sentence: str) -> None:
    """Where there is one; elsewhere, any may be meant."""
    assert everything(find(language, sentence, "bedroom")) == {"media_player.bedroom_tv"}


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "are any TVs on"), ("de", "sind alle Fernseher aus")]
)
def test_a_question_for_the_whole_house_brings_each_thing(language: str, sentence: str) -> None:
    """Also in a room that has one."""
    found = everything(find(language, sentence, "bedroom"))

    assert len([thing for thing in found if thing.endswith("_tv")]) == len(WINGS) * len(ROOMS)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "did somebody leave the front door open"),
        ("de", "hat jemand die Haustür offen gelassen"),
    ],
)
def test_whether_a_door_is_open_is_told_by_its_contact(language: str, sentence: str) -> None:
    """Though its lock bears the name that is said."""
    assert set(find(language, sentence, "bedroom").things) >= {
        "lock.lock",
        "binary_sensor.contact",
    }


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "is the house locked up"), ("de", "ist das Haus abgeschlossen")],
)
def test_the_house_is_locked_when_every_lock_is(language: str, sentence: str) -> None:
    """No other thing that is called after the house is meant."""
    found = everything(find(language, sentence, "bedroom"))

    assert {thing for thing in found if thing.startswith("lock")} == {
        f"lock.{f'{wing}_lock'.strip('_')}" for wing in WINGS
    }


def test_how_fast_something_charges_is_told_by_its_power() -> None:
    """Of the one charger that is called so."""
    found = find("en", "how fast is the car charging", "bedroom").things

    assert "sensor.power" in found
    assert not any("annex" in thing for thing in found)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Why are sunsets so orange"),
        ("en", "who invented the blue jeans"),
        ("en", "should I warm the milk before baking"),
        ("de", "warum sind Tomaten rot"),
        ("de", "wer hat die gelben Seiten erfunden"),
        ("de", "erzähl mir einen Witz"),
    ],
)
def test_chat_finds_nothing(language: str, sentence: str) -> None:
    """A colour, or warmth, is no reason to send what the room has."""
    assert not everything(find(language, sentence, "kitchen"))


@pytest.mark.parametrize(("language", "sentence"), [("en", "make it blue"), ("de", "mach es blau")])
def test_an_order_that_names_nothing_brings_what_the_room_has(language: str, sentence: str) -> None:
    """A colour is one with a verb."""
    assert "light.kitchen_light" in find(language, sentence, "kitchen").things


@pytest.mark.parametrize(
    ("one", "other"),
    [("rosie", "rosy"), ("philipp", "filip"), ("kathy", "katie"), ("becky", "bekki")],
)
def test_names_that_sound_the_same_are_the_same(one: str, other: str) -> None:
    """However they are spelled."""
    assert sound(one) == sound(other)
    assert sound(one) != sound("shed")


@pytest.mark.parametrize("language", SPEECH)
def test_every_language_tells_questions(language: str) -> None:
    """And knows words that compare, for chat and for the house."""
    speech = SPEECH[language]

    assert speech.asks
    assert speech.talk
    assert speech.home
    assert set(speech.compared.values()) == {"temperature", "humidity", "brightness"}


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "which room is the dampest"), ("de", "wo ist es am hellsten")]
)
def test_what_nothing_measures_cannot_be_compared(language: str, sentence: str) -> None:
    """There is no sense in sending what the room has instead."""
    found = everything(find(language, sentence, "kitchen"))

    assert not {thing for thing in found if not thing.startswith("light")}
