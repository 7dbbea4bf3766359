"""Sentences in words that are mostly not those of the names, in a house of seventy things."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from custom_components.local_assist.retrieval import Area, House, Retriever, Thing

CORPUS: Final = Path(__file__).parents[2] / "corpora" / "retrieval2"
LANGUAGES: Final = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
LEAST: Final = 0.97
"""The share of each language's sentences that must find all they need."""
MOST: Final = 15


@cache
def table(name: str) -> dict[str, Any]:
    """Return a file of the corpus."""
    return tomllib.loads((CORPUS / f"{name}.toml").read_text(encoding="utf-8"))


def retriever(language: str) -> Retriever:
    """Return a retriever for the house, named in a language."""
    things = []
    for entity_id, name in table(language)["things"].items():
        area, _, device_class = table("house")[entity_id].partition(" ")
        domain = entity_id.partition(".")[0]
        where = None if area == "-" else area
        things.append(Thing(entity_id, (name,), domain, device_class or None, where))
    areas = tuple(Area(area, (name,)) for area, name in table(language)["areas"].items())
    return Retriever(House(tuple(things), areas), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_say_finds_what_it_needs(language: str) -> None:
    """Nearly every sentence has all its things, and none has more than may be sent."""
    found_by = retriever(language)
    said = table(language)["said"]
    missed = []
    for sentence, needs, room in said:
        found = found_by.find(sentence, room=room or None)
        everything = {*found.things, *(thing for group in found.groups for thing in group.things)}
        assert len(found.things) <= MOST
        if not set(needs.split()) <= everything:
            missed.append(sentence)

    assert len(missed) <= (1 - LEAST) * len(said), missed
