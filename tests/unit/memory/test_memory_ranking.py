"""What is nearest: parts and forms of words, and meaning where words are even."""

from pathlib import Path

import numpy as np
import pytest

from custom_components.local_assist.memory.facts import allowed
from custom_components.local_assist.memory.store import MemoryStore
from tests.unit.memory.memory_facts import HOUSE, fact, opened


@pytest.fixture
def store(tmp_path: Path):
    """An open store."""
    store = opened(tmp_path / "memory.db")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("query", "language", "text"),
    [
        ("Wo ist die Brille zum Skifahren?", "de", "Die Skibrille liegt im Keller"),
        ("Waar is de helm voor de fiets?", "nl", "De fietshelm ligt in de garage"),
        ("Jaki kask ma Bartek?", "pl", "Kask Bartka jest czerwony"),
        ("Kiedy są urodziny Darka?", "pl", "Darek: 12 kwietnia"),
    ],
)
def test_parts_and_forms_of_words(store: MemoryStore, query: str, language: str, text: str):
    """A compound by its last part, a name in another case."""
    store.add(fact(1, "Kot ma na imię Filip"), fact(2, text), fact(3, "Die Lampe ist neu"))
    assert store.search(query, HOUSE, language=language)[0].fact.text == text


def test_short_stems_of_other_languages_match_nothing(store: MemoryStore):
    """As "las" would, which the stemmer of another language makes of "lassen"."""
    store.add(fact(1, "Diego no tolera las fresas"))
    assert store.search("Können wir es richten lassen?", HOUSE, language="de") == []


def _along(place: int) -> np.ndarray:
    """Return a vector along one of eight axes."""
    return np.eye(8, dtype=np.float32)[place]


def test_meaning_decides_among_what_is_even_by_words(store: MemoryStore):
    """All that is known of Ben is met by his name."""
    texts = ("Ben loves curry", "Ben drinks cocoa", "Ben works nearby", "Ben has a bike")
    store.add(*(fact(number, text) for number, text in enumerate(texts)))
    store.put_vectors("m", {str(number): _along(number) for number in range(4)})
    found = store.search(
        "Who is Ben's boss?", HOUSE, language="en", vector=_along(2), model="m", limit=4
    )
    assert found[0].fact.text == "Ben works nearby"
    assert len(found) == 4


def test_whoever_asks_about_themselves_means_their_own(store: MemoryStore):
    """Of two that are even in meaning, theirs."""
    store.add(fact(1, "The violin is old"), fact(2, "My violin is old", "anna"))
    store.put_vectors("m", {"1": _along(0), "2": _along(0)})
    found = store.search(
        "Where is my fiddle?", allowed("anna"), language="en", vector=_along(0), model="m"
    )
    assert [one.fact.id for one in found] == ["2", "1"]


def test_a_name_is_known_in_another_case_beside_its_own(store: MemoryStore):
    """What is told with the name as it was said does not hide the rest."""
    store.add(fact(1, "Kask Darka jest czerwony"), fact(2, "Darek: 12 kwietnia"))
    found = store.search("Co wiesz o Darka?", HOUSE, language="pl")
    assert {one.fact.id for one in found} == {"1", "2"}


def test_a_search_reads_nothing_that_was_loaded(store: MemoryStore):
    """No turn waits for vectors and words to be read."""
    store.add(fact(1, "The bins go out on Tuesday"), fact(2, "My violin is old", "anna"))
    store.put_vectors("m", {"1": _along(0), "2": _along(1)})
    store.close()
    store.open()
    store.load()
    read: list[str] = []
    with store._database.reading() as sql:
        sql.set_trace_callback(read.append)
        store.search("Which bins?", allowed("anna"), language="en", vector=_along(0), model="m")
    assert any("fact_words" in statement for statement in read)
    assert not any("fact_vectors" in each or "fact_vocabulary" in each for each in read)
