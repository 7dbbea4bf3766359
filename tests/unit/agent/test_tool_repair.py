"""Calls of small models become what the tools take or are refused; none acts on more than named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.tool_repair import Names, Refused, Repaired, ToolRepair
from tests.unit.agent.repair_house import HOUSE, TOOLS

REPAIR = ToolRepair(TOOLS, Names.of(HOUSE))
ON, OFF, DIM = "intent__HassTurnOn", "intent__HassTurnOff", "light__HassLightSet"


def repaired(name: str, arguments: Any) -> tuple[str, dict[str, Any]]:
    """Return the call a repair makes of one."""
    result = REPAIR.repair(name, arguments)
    assert isinstance(result, Repaired), result
    return result.name, result.arguments


def refused(name: str, arguments: Any) -> dict[str, Any]:
    """Return what the model is told of a call that is not made."""
    result = REPAIR.repair(name, arguments)
    assert isinstance(result, Refused), result
    return result.data


@pytest.mark.parametrize(
    "name",
    [
        "HassTurnOn",
        "assist__intent__HassTurnOn",
        "functions.HassTurnOn",
        "default_api.intent__HassTurnOn",
        "intent.HassTurnOn",
        "intent_HassTurnOn",
        "hass_turn_on",
        "hass-turn-on",
        "HASSTURNON",
        "turn_on",
        "TurnOn",
        "homeassistant.turn_on",
    ],
)
def test_a_tool_is_known_by_other_names(name: str) -> None:
    """Prefixes more or fewer, case and signs make no other tool."""
    assert repaired(name, {"name": "Kitchen light"}) == (ON, {"name": "Kitchen light"})


def test_a_slip_in_a_tools_name_is_mended_only_if_it_is_clear() -> None:
    """One letter off is the tool, unless it is as near to another."""
    assert repaired("HassLihgtSet", {"name": "Lamp 1", "brightness": 5})[0] == DIM
    told = refused("HassTurnOf", {"name": "Lamp 1"})
    assert {ON, OFF} <= set(told["candidates"])
    assert "HassTurnOf" in told["error"]
    assert refused("HassFly", {})["candidates"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("kitchen LIGHT", "kitchen LIGHT"),
        ("the kitchen light", "Kitchen light"),
        ("Küchen Licht", "Kitchen light"),
        ("light.kitchen", "Kitchen light"),
        ("light.kitchen_ceiling", "Kitchen ceiling light"),
        ("light.kitchen_ceiling_light", "Kitchen ceiling light"),
        ("ceiling light kitchen", "Kitchen ceiling light"),
        ("kitchen celing light", "Kitchen ceiling light"),
        ("ceiling", "Kitchen ceiling light"),
        ("Kitchen light (light, Kitchen)", "Kitchen light"),
        ("lamp two", "Lamp 2"),
        ("Lampe eins", "Lamp 1"),
        ("Jens lamp", "Jen's lamp"),
        ("television", None),
        ("frontdoor", "Front door"),
        ("bedroom blind", "Bedroom blinds"),
        ("Telvision set", "Television set"),
        ("light.ac", "light.ac"),
        ("AC", "AC"),
        (" Kitchen  light ", "Kitchen light"),
        # Not clearly one
        ("Northsude meter", None),  # as near to one as to the other
        ("Pumpstation8", None),
        ("lamp", None),
        ("Lamp 3", None),
        ("Ben's lamp", None),
        ("light", None),
        ("kitchen lights", None),
        ("garden lamp", None),
        ("light.garden", None),
        ("Kitchen", None),
        ("Upstairs", None),
        ("back door", None),
        ("all lights", None),
        ("null", None),
        ("unknown", None),
    ],
)
def test_a_name_is_matched_only_if_it_is_clearly_the_one(asked: str, name: str | None) -> None:
    """A name slightly off is the thing's own; anything else is refused, never left out."""
    if name is None:
        refused(ON, {"name": asked})
    else:
        assert repaired(ON, {"name": asked}) == (ON, {"name": name})


def test_the_kind_and_the_place_narrow_what_a_name_can_mean() -> None:
    """A thing of another kind or in another area is not meant."""
    assert refused(ON, {"name": "frnt door", "domain": ["light"]}).get("candidates", []) == []
    assert repaired(ON, {"name": "light", "area": "Kitchen"})[1]["name"] == "Kitchen light"
    assert "ceiling" not in str(refused(ON, {"name": "ceiling", "area": "Hall"}).get("candidates"))
    assert refused(DIM, {"name": "the front door", "brightness": 5})


def test_a_refusal_lists_who_could_have_been_meant() -> None:
    """The nearest names come first, those of the place if a place was named."""
    assert refused(ON, {"name": "lamp"})["candidates"][:2] == ["Lamp 1", "Lamp 2"]
    assert "Kitchen light" in refused(OFF, {"name": "Kitchen", "domain": ["light"]})["candidates"]
    assert refused(OFF, {"area": "garage"})["candidates"] == [
        "Kitchen",
        "Hall",
        "Bedroom",
        "Living Room",
    ]


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({"area": "the kitchen"}, {"area": "Kitchen"}),
        ({"area": "Küche"}, {"area": "Küche"}),
        ({"area": "kitchen"}, {"area": "kitchen"}),
        ({"area": "living-room"}, {"area": "Living Room"}),
        ({"area": "Livingroom"}, {"area": "Living Room"}),
        ({"area": "bedrooom"}, {"area": "Bedroom"}),
        ({"area": "upstairs"}, {"floor": "upstairs"}),
        ({"floor": "Kitchen"}, {"area": "Kitchen"}),
        ({"floor": "the ground floor"}, {"floor": "Ground floor"}),
        ({"room": "hall"}, {"area": "hall"}),
        ({"area_id": ["hall"]}, {"area": "hall"}),
    ],
)
def test_areas_and_floors_are_found(asked: dict[str, Any], arguments: dict[str, Any]) -> None:
    """Articles, slips and the wrong parameter are mended."""
    domain = {"domain": ["light"]}
    assert repaired(OFF, asked | domain) == (OFF, arguments | domain)


@pytest.mark.parametrize(
    ("value", "brightness"),
    [
        ("50", 50),
        ("50%", 50),
        ("50 percent", 50),
        ("fifty", 50),
        ("Fifty Percent", 50),
        ("fünfzig Prozent", 50),
        ("einundzwanzig", 21),
        ("cinquante pour cent", 50),
        ("vingt et un", 21),
        ("cincuenta por ciento", 50),
        ("veintiuno", 21),
        ("cinquanta", 50),
        ("vijftig procent", 50),
        ("half", 50),
        ("die Hälfte", 50),
        ("full", 100),
        ([50], 50),
        (49.6, 50),
        ("255", None),
        (0.5, None),
        ("bright", None),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        ("5 minutes", None),
    ],
)
def test_numbers_are_read_as_they_are_said(value: Any, brightness: int | None) -> None:
    """Numbers may be texts, words of any language or fractions of the range."""
    call = {"name": "Lamp 1", "brightness": value}
    if brightness is None:
        assert "0 to 100" in refused(DIM, call)["error"]
    else:
        found = repaired(DIM, call)[1]["brightness"]
        assert found == brightness
        assert isinstance(found, int)


@pytest.mark.parametrize(
    ("value", "temperature"),
    [
        ("21.5 °C", 21.5),
        ("21,5°", 21.5),
        ("21 degrees", 21),
        ("twenty-one point five", 21.5),
        ("twenty one and a half", 21.5),
        ("einundzwanzig Komma fünf Grad", 21.5),
        ("-3", -3),
        ("half", None),
    ],
)
def test_temperatures_are_read_as_they_are_said(value: str, temperature: float | None) -> None:
    """Units and decimals in words are understood; a fraction of no range is not."""
    call = {"area": "Kitchen", "temperature": value}
    if temperature is None:
        refused("HassClimateSetTemperature", call)
    else:
        assert repaired("HassClimateSetTemperature", call)[1]["temperature"] == temperature


@pytest.mark.parametrize(
    ("name", "asked", "arguments"),
    [
        # Arguments in a string, a level too deep, or as Home Assistant's actions have them
        (ON, '{"name": "Lamp 1"}', {"name": "Lamp 1"}),
        (ON, "{'name': 'Lamp 1',}", {"name": "Lamp 1"}),
        (ON, [{"name": "Lamp 1"}], {"name": "Lamp 1"}),
        (ON, {"arguments": {"name": "Lamp 1"}}, {"name": "Lamp 1"}),
        (ON, {"name": "HassTurnOn", "parameters": {"name": "Lamp 1"}}, {"name": "Lamp 1"}),
        (ON, {"parameters": '{"name": "Lamp 1"}'}, {"name": "Lamp 1"}),
        (ON, {"target": {"entity_id": "light.one"}, "data": {}}, {"name": "Lamp 1"}),
        ("light.turn_off", {"area_id": "hall"}, {"area": "hall", "domain": ["light"]}),
        ("light__turn_off", {"area": "Hall"}, {"area": "Hall", "domain": ["light"]}),
        # Lists and single values
        (ON, {"name": ["Lamp 1"]}, {"name": "Lamp 1"}),
        (ON, {"area": "Hall", "domain": "light"}, {"area": "Hall", "domain": ["light"]}),
        (
            OFF,
            {"area": "Hall", "domain": "light, switch"},
            {"area": "Hall", "domain": ["light", "switch"]},
        ),
        (OFF, {"area": "Hall", "domain": '["light"]'}, {"area": "Hall", "domain": ["light"]}),
        # Case, plurals, other words
        (OFF, {"area": "Hall", "domain": ["Lights"]}, {"area": "Hall", "domain": ["light"]}),
        (OFF, {"area": "Hall", "domain": ["lamp"]}, {"area": "Hall", "domain": ["light"]}),
        (
            OFF,
            {"area": "Hall", "device_class": "Blinds"},
            {"area": "Hall", "device_class": ["blind"]},
        ),
        (OFF, {"area": "Hall", "device_class": ["light"]}, {"area": "Hall", "domain": ["light"]}),
        # Empty values
        (OFF, {"name": "", "area": "Hall", "floor": None, "domain": []}, {"area": "Hall"}),
        (ON, {"name": "Lamp 1", "area": "null", "floor": "unknown"}, {"name": "Lamp 1"}),
        (
            DIM,
            {"name": "Lamp 1", "brightness": 5, "color": "none"},
            {"name": "Lamp 1", "brightness": 5},
        ),
        # Hallucinated parameters
        (ON, {"name": "Lamp 1", "state": "on", "mood": "nice"}, {"name": "Lamp 1"}),
        (ON, {"name": "Lamp 1", "entity_id": "light.one"}, {"name": "Lamp 1"}),
        (OFF, {"area": "Hall", "action": "turn_off", "brightness": 5}, {"area": "Hall"}),
        (DIM, {"name": "Lamp 1", "brightness_pct": 5}, {"name": "Lamp 1", "brightness": 5}),
        (DIM, {"Name": "Lamp 1", "Brightness": 5}, {"name": "Lamp 1", "brightness": 5}),
        ("GetDateTime", {"timezone": "UTC"}, {}),
        (
            "search_media",
            {"query": "x", "player": "the television set"},
            {"search_query": "x", "player_name": "Television set"},
        ),
        # Other tools
        (
            "HassSetVolumeRelative",
            {"volume_step": "UP", "area": "Hall"},
            {"volume_step": "up", "area": "Hall"},
        ),
        ("HassSetVolumeRelative", {"volume_step": "minus", "area": "Hall"}, None),
        (
            "HassSetVolumeRelative",
            {"volume_step": "-10", "area": "Hall", "domain": "media_player"},
            {"volume_step": -10, "area": "Hall"},
        ),
        ("HassStartTimer", {"minutes": "five", "name": "pizza"}, {"minutes": 5, "name": "pizza"}),
        ("HassStartTimer", {"minutes": "5 minutes", "name": "null"}, {"minutes": 5}),
        ("HassStartTimer", {"seconds": "5 minutes"}, None),
        ("HassStartTimer", {"name": "pizza"}, None),
        (
            "HassCancelTimer",
            {"name": "pizza", "area": "the hall"},
            {"name": "pizza", "area": "Hall"},
        ),
        (
            "HassListAddItem",
            {"item": "none", "name": "shopping"},
            {"item": "none", "name": "Shopping list"},
        ),
        ("HassListAddItem", {"item": "milk"}, None),
        ("get_items", {"list": "todo.shopping"}, {"todo_list": "Shopping list"}),
        ("get_items", {"todo_list": "the shopping list"}, {"todo_list": "Shopping list"}),
        ("get_items", {"todo_list": "work"}, None),
        (
            "movie_night",
            {"level": "half", "lamps": "Lamp 1", "loud": "yes", "mode": "cosy"},
            {"level": 50, "lamps": ["light.one"], "loud": True, "mode": "Cosy"},
        ),
        (
            "movie_night",
            {"level": 5, "lamps": ["light.hidden"], "name": "Anything"},
            {"level": 5, "lamps": ["light.hidden"], "name": "Anything"},
        ),
        ("movie_night", {"level": 5, "loud": "perhaps"}, None),
        ("movie_night", {"level": 5, "lamps": ["AC"]}, None),
        # No arguments at all
        ("GetDateTime", None, {}),
        ("GetDateTime", "", {}),
        (ON, "{no", None),
        (ON, [1], None),
        (ON, 5, None),
    ],
)
def test_arguments_become_what_the_tool_takes(
    name: str, asked: Any, arguments: dict[str, Any] | None
) -> None:
    """What can be meant in one way is made that, the rest refused."""
    if arguments is None:
        assert refused(name, asked)["error"]
    else:
        assert repaired(name, asked)[1] == arguments


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (OFF, {"name": "garden lamp", "domain": ["light"]}),
        (OFF, {"entity_id": "light.garden", "domain": ["light"]}),
        (OFF, {"name": "null", "area": "Kitchen"}),
        (OFF, {"name": "unknown", "domain": ["light"]}),
        (OFF, {"area": "unknown", "domain": ["light"]}),
        (OFF, {"area": "garage", "domain": ["light"]}),
        (OFF, {"name": "Lamp 1", "area": "garage"}),
        (OFF, {"domain": ["light"], "area": "null"}),
        (OFF, {"area": "Kitchen", "domain": "none"}),
        (OFF, {"area": "Kitchen", "device_class": ["lamp post"]}),
        (OFF, {"area": "Kitchen", "domain": ["switch"], "device_class": ["light"]}),
        (OFF, {"area": "Kitchen", "except": "Kitchen light"}),
        (OFF, {"area": "Kitchen", "exclude": ["Kitchen light"]}),
        (OFF, {"area": "Kitchen", "group": "ceiling"}),
        (OFF, {"name": ["Lamp 1", "Lamp 2"]}),
        (OFF, {"name": "Lamp 1", "entity_id": "light.two"}),
        (OFF, {"area": "Kitchen", "room": "Hall"}),
        (OFF, {"area": ["Kitchen", "Hall"]}),
        (OFF, {"target": {"area": "Kitchen"}, "area": "Hall"}),
        (ON, {"name": "Lamp 1", "state": "off"}),
        (OFF, {"area": "Kitchen", "action": "on"}),
        (DIM, {"area": "Kitchen", "device_class": ["blind"], "brightness": 5}),
        ("HassCancelAllTimers", {"name": "pizza"}),
        ("HassCancelTimer", {"name": "unknown"}),
        ("HassBroadcast", {"message": "Dinner", "area": "Kitchen"}),
        ("cover.set_volume_relative", {"volume_step": 5, "area": "Kitchen"}),
    ],
)
def test_no_call_is_widened(name: str, arguments: dict[str, Any]) -> None:
    """What narrowed a call is never left out: it is refused and the model told."""
    assert refused(name, arguments)["error"]


def test_changes_are_told_and_a_right_call_has_none() -> None:
    """The trace can say what was repaired."""
    right = {"name": "Kitchen light", "domain": ["light"]}
    assert REPAIR.repair(ON, right) == Repaired(ON, right)
    result = REPAIR.repair("HassTurnOn", {"name": "the kitchen light"})
    assert isinstance(result, Repaired)
    assert result.changes == (
        "tool HassTurnOn is intent__HassTurnOn",
        "name 'the kitchen light' is 'Kitchen light'",
    )


def test_the_models_own_arguments_are_left_as_they_were() -> None:
    """The chat log keeps what the model wrote."""
    arguments = {"arguments": {"name": ["Lamp 1"], "area": ""}}
    REPAIR.repair(ON, arguments)
    assert arguments == {"arguments": {"name": ["Lamp 1"], "area": ""}}


NARROWING = ("name", "area", "floor", "domain", "device_class", "entity_id", "room", "target")
WORDS = st.sampled_from(
    ["Lamp 1", "lamp", "Kitchen", "the hall", "light", "null", "", "garage", "light.one", "AC", "x"]
)
VALUES = WORDS | st.none() | st.integers(-5, 300) | st.booleans() | st.lists(WORDS, max_size=2)


@given(
    st.sampled_from(
        [tool["function"]["name"] for tool in TOOLS] + ["light.turn_off", "HassTurnOn"]
    ),
    st.dictionaries(st.sampled_from([*NARROWING, "brightness", "state", "y"]), VALUES, max_size=5),
)
def test_whatever_is_written_nothing_raises_and_no_target_vanishes(
    name: str, arguments: dict[str, Any]
) -> None:
    """A call that named a device, and is made, names a device; one that named a place, no less."""
    result = REPAIR.repair(name, arguments)
    if isinstance(result, Refused) or "floor" not in str(_schema(result.name)):
        return
    said = {key for key, value in arguments.items() if value not in (None, "", [])}
    made = set(result.arguments)
    if said & {"name", "entity_id"} and arguments.get("name") != "":
        assert "name" in made
    if said & {"area", "floor", "room"}:
        assert made & {"name", "area", "floor"}
    again = REPAIR.repair(result.name, result.arguments)
    assert again == Repaired(result.name, result.arguments)


def _schema(name: str) -> dict[str, Any]:
    return next(tool for tool in TOOLS if tool["function"]["name"] == name)
