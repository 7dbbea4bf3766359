"""Facts as JSON: an import takes what an export holds, and names all that it cannot take."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.local_assist.memory.errors import MemoryImportError
from custom_components.local_assist.memory.exchange import export, parse
from custom_components.local_assist.memory.facts import Fact

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, 30, 15, 250, tzinfo=UTC)
PEOPLE = frozenset({None, "anna"})
GOOD: dict[str, Any] = {"id": "a", "text": "The bins go out on Tuesday"}


def problems(content: object, limit: int = 10) -> str:
    """Return what is wrong with an export."""
    with pytest.raises(MemoryImportError) as raised:
        parse(content, people=PEOPLE, limit=limit, now=NOW)
    assert raised.value.placeholders["field"] == "content"
    return raised.value.placeholders["problems"]


def wrong(**fields: Any) -> str:
    """Return what is wrong with a fact that is otherwise good."""
    return problems({"version": 1, "facts": [GOOD | fields]})


def test_an_import_takes_what_an_export_holds() -> None:
    """All of it, also through a file."""
    facts = (
        Fact("a", "One", None, "voice", NOW),
        Fact("b", "Zwölf und drei", "anna", "tool:x", NOW, expires=LATER, used=LATER),
    )
    content = json.loads(json.dumps(export(facts)))
    assert parse(content, people=PEOPLE, limit=2, now=LATER) == facts


def test_an_id_and_a_text_are_enough() -> None:
    """For what somebody wrote by hand."""
    content = {"version": 1, "facts": [{"id": "a", "text": " One \n"}]}
    assert parse(content, people=PEOPLE, limit=1, now=NOW) == (
        Fact("a", "One", None, "import", NOW),
    )


def test_times_are_in_utc() -> None:
    """Whatever zone they are written in."""
    content = {"version": 1, "facts": [GOOD | {"expires": "2026-04-01T14:30:15.000250+02:00"}]}
    (fact,) = parse(content, people=PEOPLE, limit=1, now=NOW)
    assert fact.expires == LATER
    assert fact.expires
    assert fact.expires.tzinfo is UTC


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "it is not an object"),
        ([], "it is not an object"),
        ({"facts": []}, "version must be 1, not None"),
        ({"version": 2, "facts": []}, "version must be 1, not 2"),
        ({"version": 1}, "facts must be a list"),
        ({"version": 1, "facts": {}}, "facts must be a list"),
        ({"version": 1, "facts": [GOOD] * 11}, "facts are 11, and there is room for 10"),
        ({"version": 1, "facts": ["x"]}, "facts[0] is not an object"),
        ({"version": 1, "facts": [{"id": "a"}]}, "facts[0].text is missing"),
        ({"version": 1, "facts": [{"text": "x"}]}, "facts[0].id is missing"),
        ({"version": 1, "facts": [GOOD, GOOD]}, "facts[1].id is that of facts[0] as well"),
    ],
)
def test_what_is_no_export(content: object, expected: str) -> None:
    """It says what it should have been."""
    assert problems(content) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": ""}, "facts[0].text must not be empty"),
        ({"text": "x" * 501}, "facts[0].text is too long"),
        ({"text": 3}, "facts[0].text is not a text"),
        ({"id": ""}, "facts[0].id is not a text, or empty"),
        ({"id": 3}, "facts[0].id is not a text, or empty"),
        ({"id": "x" * 65}, "facts[0].id is longer than 64 characters"),
        ({"source": None}, "facts[0].source is not a text, or empty"),
        ({"person": "ben"}, "facts[0].person is nobody whose facts you may write: 'ben'"),
        ({"person": ["anna"]}, "facts[0].person is not a text"),
        ({"created": "yesterday"}, "facts[0].created is not a time as ISO 8601 has it"),
        ({"expires": 5}, "facts[0].expires is not a time as ISO 8601 has it"),
        ({"used": "2026-04-01T12:30:15"}, "facts[0].used has no time zone"),
        ({"colour": "red"}, "facts[0].colour is no field of a fact"),
    ],
)
def test_what_is_wrong_with_a_field(fields: dict[str, Any], expected: str) -> None:
    """Item and field are named."""
    assert wrong(**fields) == expected


def test_every_problem_is_told_up_to_a_point() -> None:
    """Of a long file nobody wants to read of each line."""
    facts = [{"id": str(number), "text": "", "created": "x"} for number in range(4)]
    told = problems({"version": 1, "facts": facts}).split("; ")
    assert told[:2] == [
        "facts[0].text must not be empty",
        "facts[0].created is not a time as ISO 8601 has it",
    ]
    assert told[5:] == ["and 3 more"]
