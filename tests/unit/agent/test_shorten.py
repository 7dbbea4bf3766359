"""Making tool results shorter."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.shorten import shorten
from custom_components.local_assist.agent.tokens import TokenEstimate

COUNT = TokenEstimate().count
EVENTS = [{"summary": f"Appointment {number}", "start": "2026-11-21"} for number in range(60)]
PROSE = " ".join(f"Sentence number {number} says something." for number in range(80))


def test_what_is_short_stays() -> None:
    """To the byte, whatever it is."""
    for text in ('{ "a":  1 }', "Hello.  World", "", "[1, 2"):
        assert shorten(text, 100, COUNT) == text


def test_lists_lose_whole_items() -> None:
    """The rest is the first items, untouched, and how many are missing."""
    text = shorten(json.dumps({"success": True, "result": EVENTS}), 200, COUNT)
    assert COUNT(text) <= 200
    value = json.loads(text)
    *items, note = value["result"]
    assert value["success"] is True
    assert items == EVENTS[: len(items)]
    assert len(items) > 3
    assert note == f"[{60 - len(items)} more left out]"


def test_the_first_item_may_be_too_long() -> None:
    """Then it is shortened itself."""
    items = json.loads(shorten(json.dumps([PROSE, PROSE]), 120, COUNT))
    assert len(items) == 2
    assert re.fullmatch(r"(Sentence number \d+ says something\. )+\[\d+ more char.*]", items[0])
    assert items[1] == "[1 more left out]"


def test_objects_keep_what_is_short() -> None:
    """A long part gives way to the short ones, wherever it stands."""
    value = {"log": PROSE, "name": "Kitchen", "events": EVENTS, "count": 60}
    text = shorten(json.dumps(value), 200, COUNT)
    kept = json.loads(text)
    assert COUNT(text) <= 200
    assert list(kept) == list(value)
    assert (kept["name"], kept["count"]) == ("Kitchen", 60)
    assert kept["log"].startswith("Sentence number 0 says something. ")
    assert kept["events"][0] == EVENTS[0]


def test_notes_count_as_well() -> None:
    """Many lists, each with a note, still fit: with fewer lists."""
    value = {f"room {room}": {"lights": ["Lamp", "Spot"] * 20} for room in range(9)}
    text = shorten(json.dumps(value), 160, COUNT)
    assert COUNT(text) <= 160
    assert 3 <= len(json.loads(text)) < 9


def test_objects_of_many_fields_lose_fields() -> None:
    """The first ones stay."""
    text = shorten(json.dumps({f"sensor_{number}": number for number in range(300)}), 150, COUNT)
    assert COUNT(text) <= 150
    kept = json.loads(text)
    note = kept.pop("left_out")
    assert list(kept) == [f"sensor_{number}" for number in range(len(kept))]
    assert len(kept) >= 4
    assert note == f"[{300 - len(kept)} more left out]"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (PROSE, r"(Sentence number \d+ says something\. )+"),
        ("- names: Light\n  state: on\n" * 60, r"(- names: Light\n  state: on\s)+"),
        ("Er sagte „Ja.“ Dann ging er! " * 40, r"(Er sagte „Ja.“ |Dann ging er! )+"),
        ("厨房的灯开着。浴室的窗户也开着！" * 40, r"(厨房的灯开着。|浴室的窗户也开着！)+ "),  # noqa: RUF001
        ("word " * 400, r"(word )+"),
    ],
    ids=["sentences", "items", "quotes", "Chinese", "words"],
)
def test_text_ends_with_a_sentence_or_line(text: str, kept: str) -> None:
    """Where there is none within reach, with a word; and it says how much is missing."""
    short = shorten(text, 100, COUNT)
    assert COUNT(short) <= 100
    assert (found := re.fullmatch(rf"({kept})\[(\d+) more characters left out]", short)), short
    assert len(found[1].rstrip()) + int(found[found.lastindex]) in range(
        len(text) - 2, len(text) + 1
    )


def test_a_single_endless_word() -> None:
    """Nothing of it is worth keeping; the note says how long it was."""
    assert shorten("." * 50_000, 100, COUNT) == "[50000 more characters left out]"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda below: st.lists(below) | st.dictionaries(st.text(max_size=20), below),
    max_leaves=60,
)


@given(value=JSON_VALUES, limit=st.integers(0, 400))
def test_json_stays_json(value: Any, limit: int) -> None:
    """And never becomes longer, whatever is in it."""
    text = json.dumps(value, ensure_ascii=False)
    short = shorten(text, limit, COUNT)
    assert type(json.loads(short)) is type(value)
    assert COUNT(short) <= max(limit, COUNT(text))


@given(text=st.text(max_size=3000), limit=st.integers(24, 400))
def test_text_fits(text: str, limit: int) -> None:
    """Whatever it is made of."""
    assert COUNT(shorten(f"x{text}", limit, COUNT)) <= limit
