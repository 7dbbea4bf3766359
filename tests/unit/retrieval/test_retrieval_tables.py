"""The tables of words say the same things in every language."""

import tomllib
from pathlib import Path

import pytest

from custom_components.local_assist import retrieval
from custom_components.local_assist.retrieval.tables import LEXICONS

TABLES = Path(retrieval.__file__).parent / "words"


def _table(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LEXICONS)
def test_a_language_says_what_english_says(language: str) -> None:
    """The same sections with the same concepts."""
    assert {section: set(entries) for section, entries in _table(language).items()} == {
        section: set(entries) for section, entries in _table("en").items()
    }


@pytest.mark.parametrize("language", LEXICONS)
def test_every_kind_is_a_kind_of_home_assistant(language: str) -> None:
    """What is named or hinted at is in kinds.toml."""
    kinds = set(_table("kinds"))
    table = _table(language)

    assert set(table["kinds"]) | set(table["hints"]) <= kinds


@pytest.mark.parametrize("language", LEXICONS)
def test_every_phrase_has_words(language: str) -> None:
    """A stray comma would be a phrase of none."""
    for section, entries in _table(language).items():
        for concept, phrases in entries.items():
            parts = [phrase.strip() for phrase in phrases.split(",")]
            assert all(parts), (section, concept)
            assert len(parts) == len(set(parts)), (section, concept, phrases)
