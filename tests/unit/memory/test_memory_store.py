"""Facts are kept, found, changed, trimmed and forgotten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from custom_components.local_assist.memory.database import StoreClosedError, StoreDamagedError
from custom_components.local_assist.memory.facts import FactError, allowed, checked
from custom_components.local_assist.memory.store import MemoryStore
from tests.unit.memory.memory_facts import HOUSE, NOW, Clock, fact, opened

ANNA = allowed("anna")


@pytest.fixture
def store(tmp_path: Path):
    """An open store in a folder that was not there."""
    store = opened(tmp_path / "deep" / "memory.db")
    yield store
    store.close()


def _vector(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


def test_a_fact_comes_back_as_it_was(store: MemoryStore):
    """Every field, to the microsecond."""
    told = replace(
        fact(1, "The bins go out on Tuesday", "anna", expires=NOW + timedelta(days=1)),
        created=NOW.replace(microsecond=123457),
    )
    assert store.add(told) == ()
    assert store.get("1", ANNA) == told
    assert store.all(ANNA) == [told]
    assert store.count() == 1
    assert store.people() == {"anna"}


def test_it_is_still_there_after_closing(store: MemoryStore):
    """So is when it was of use."""
    store.add(fact(1, "The bins go out on Tuesday"))
    store.touch(["1"])
    store.close()
    assert store.open().put_aside is None
    (found,) = store.search("When are the rubbish bins collected?", HOUSE)
    assert found.fact.text == "The bins go out on Tuesday"
    assert found.fact.used == NOW


@pytest.mark.parametrize(
    ("query", "language", "expected"),
    [
        ("When is the rubbish picked up?", "en", "1"),
        ("Wann wird der Müll abgeholt?", "de-DE", "1"),
        ("Quel jour sort-on la poubelle ?", "fr", "1"),
        ("where did we put the passprt", "en", "2"),
        ("Wo ist der Gartenschlüssel?", "de", "3"),
        ("der Schlüssel vom Garten", "de", "3"),
        ("Kiedy Anna ma urodziny?", "pl", "4"),
        ("when's anna's birthday", None, "4"),
    ],
)
def test_other_words_find_the_same_fact(
    store: MemoryStore, query: str, language: str | None, expected: str
):
    """Synonyms, other languages, compounds, endings and a misspelling."""
    store.add(
        fact(1, "The bins go out on Tuesday"),
        fact(2, "The passports are in the second drawer of the desk"),
        fact(3, "Der Gartenschlüssel hängt hinter der Tür"),
        fact(4, "Urodziny Anny są 7 marca"),
        fact(5, "Ben likes his coffee black"),
    )
    found = store.search(query, HOUSE, language=language)
    assert found[0].fact.id == expected


def test_speakers_who_ask_about_themselves_find_their_own(store: MemoryStore):
    """Whoever asks is meant by "I"."""
    store.add(fact(1, "Ben is allergic to eggs"), fact(2, "I am allergic to nuts", "anna"))
    assert store.search("What am I allergic to?", ANNA)[0].fact.id == "2"


def test_what_nobody_asked_about_is_not_strong(store: MemoryStore):
    """A room alone makes no answer; a name and a thing do."""
    store.add(
        fact(1, "The kitchen walls are painted in Arctic White"),
        fact(2, "Anna's passport is in the safe"),
    )
    assert not any(found.strong for found in store.search("turn on the kitchen light", HOUSE))
    (best, *_) = store.search("where is Anna's passport?", HOUSE)
    assert best.fact.id == "2"
    assert best.strong


def test_vectors_find_what_words_do_not(store: MemoryStore):
    """By the model they are of, and by no other."""
    store.add(fact(1, "The cat sleeps upstairs"), fact(2, "Ben drives a Volvo"))
    store.put_vectors("m", {"1": _vector(1, 0, 0), "2": _vector(0, 1, 0), "gone": _vector(1, 1, 1)})
    found = store.search("zzz", HOUSE, vector=_vector(0.1, 1, 0), model="m")
    assert found[0].fact.id == "2"
    assert store.missing_vectors("m", HOUSE) == []
    assert store.search("zzz", HOUSE, vector=_vector(0.1, 1, 0), model="other") == []


def test_a_changed_text_has_no_vector_and_a_moved_fact_keeps_its_own(store: MemoryStore):
    """Its vector goes where the fact goes."""
    store.add(fact(1, "The cat sleeps upstairs"), fact(2, "Ben drives a Volvo"))
    store.put_vectors("m", {"1": _vector(1, 0), "2": _vector(0, 1)})
    store.search("x", HOUSE, vector=_vector(1, 0), model="m")
    changed = store.change("1", HOUSE, text="  The cat\nsleeps downstairs ")
    assert changed is not None
    assert changed.text == "The cat sleeps downstairs"
    store.change("2", HOUSE, person="anna")
    assert [found.id for found in store.missing_vectors("m", ANNA)] == ["1"]
    assert store.search("x", HOUSE, vector=_vector(0, 1), model="m") == []
    assert store.search("x", ANNA, vector=_vector(0, 1), model="m")[0].fact.id == "2"


def test_vectors_of_another_size_take_the_place_of_the_old(store: MemoryStore):
    """A model that was exchanged under its name."""
    store.add(fact(1, "The cat sleeps upstairs"), fact(2, "Ben drives a Volvo"))
    store.put_vectors("m", {"1": _vector(1, 0), "2": _vector(0, 1)})
    store.search("x", HOUSE, vector=_vector(1, 0), model="m")
    store.put_vectors("m", {"1": _vector(1, 0, 0)})
    assert [found.id for found in store.missing_vectors("m", HOUSE)] == ["2"]
    assert store.search("x", HOUSE, vector=_vector(1, 0), model="m") == []
    assert store.search("x", HOUSE, vector=_vector(1, 0, 0), model="m")[0].fact.id == "1"


def test_vectors_of_models_no_longer_used_go(store: MemoryStore):
    """Those in use stay."""
    store.add(fact(1, "The cat sleeps upstairs"))
    store.put_vectors("old", {"1": _vector(1, 0)})
    store.put_vectors("new", {"1": _vector(1, 0)})
    store.drop_vectors(but=["new"])
    assert [found.id for found in store.missing_vectors("old", HOUSE)] == ["1"]
    assert store.missing_vectors("new", HOUSE) == []


def test_what_expired_is_gone(tmp_path: Path):
    """From every method at once, from the file when it is purged."""
    clock = Clock()
    store = opened(tmp_path / "memory.db", clock)
    store.add(fact(1, "The guests leave on Sunday", expires=NOW + timedelta(hours=1)))
    store.put_vectors("m", {"1": _vector(1, 0)})
    clock.move(hours=1)
    assert store.get("1", HOUSE) is None
    assert store.all(HOUSE) == []
    assert store.search("guests Sunday", HOUSE, vector=_vector(1, 0), model="m") == []
    assert store.count() == 1
    assert store.purge() == 1
    assert store.count() == 0
    store.close()


def test_the_oldest_unused_make_room(tmp_path: Path):
    """What was of use stays."""
    store = opened(tmp_path / "memory.db", max_facts=3)
    store.add(*(fact(number, f"Fact {number}") for number in (1, 2, 3)))
    store.touch(["1"])
    assert [gone.id for gone in store.add(fact(4, "Fact 4"))] == ["2"]
    assert {kept.id for kept in store.all(HOUSE)} == {"1", "3", "4"}
    assert store.search("Fact 2", HOUSE, limit=9)[0].fact.id != "2"
    store.close()


def test_an_old_fact_brought_in_is_not_the_one_to_go(tmp_path: Path):
    """An import is not lost as it comes in."""
    store = opened(tmp_path / "memory.db", max_facts=1)
    store.add(fact(5, "Fact 5"))
    assert [gone.id for gone in store.add(fact(1, "Fact 1"))] == ["5"]
    store.close()


def test_texts_are_bounded_in_bytes(tmp_path: Path):
    """Bytes, not letters."""
    store = opened(tmp_path / "memory.db", max_bytes=100)
    store.add(fact(1, "ä" * 30))
    assert [gone.id for gone in store.add(fact(2, "ö" * 30))] == ["1"]
    store.close()


def test_forgetting_counts_what_was_there(store: MemoryStore):
    """And leaves what is another's."""
    store.add(fact(1, "The cat sleeps upstairs"), fact(2, "Ben drives a Volvo", "ben"))
    assert store.forget(["1", "2", "3"], HOUSE) == 1
    assert store.search("cat", HOUSE) == []
    assert store.get("2", allowed("ben")) is not None


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"text": " \n"}, "text", "empty"),
        ({"text": "x" * 501}, "text", "too_long"),
        ({"expires": datetime(2027, 1, 1)}, "expires", "not_aware"),  # noqa: DTZ001
        ({"created": NOW}, "created", "unknown"),
    ],
)
def test_what_cannot_be_is_refused(store: MemoryStore, changed: dict, field: str, problem: str):
    """With the field and what is wrong with it; nothing changes."""
    store.add(fact(1, "The cat sleeps upstairs"))
    with pytest.raises(FactError) as err:
        store.change("1", HOUSE, **changed)
    assert (err.value.field, err.value.problem) == (field, problem)
    assert store.all(HOUSE) == [fact(1, "The cat sleeps upstairs")]


def test_all_facts_are_added_or_none(store: MemoryStore):
    """One that cannot be stops all."""
    with pytest.raises(FactError):
        store.add(fact(1, "The cat sleeps upstairs"), fact(2, ""))
    assert store.count() == 0
    assert store.search("cat", HOUSE) == []


def test_a_write_that_fails_leaves_nothing_in_memory(store: MemoryStore):
    """What is kept in memory goes with what is in the file."""
    store.add(fact(1, "The cat sleeps upstairs"))
    store.search("cat", HOUSE)

    def fail_halfway() -> None:
        with store._database.writing():
            store.add(fact(2, "Ben drives a Volvo"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert store.search("Volvo", HOUSE) == []
    assert store._index._vocabulary.holding["volvo"] == 0


def test_checked_makes_one_line_of_what_can_be_seen():
    """Nothing unseen in it, composed letters."""
    assert checked(" a\n b\x00\x07c\u202e d\ud800\U000e0041 ") == "a bc d"
    assert checked("e\u0301") == "é"


def test_a_closed_store_says_so(store: MemoryStore):
    """Instead of an error of SQLite."""
    store.close()
    with pytest.raises(StoreClosedError):
        store.all(HOUSE)


def test_a_file_damaged_under_our_feet_is_told(store: MemoryStore, tmp_path: Path):
    """And opening again puts it aside."""
    store.add(*(fact(number, f"Fact {number} of the house") for number in range(400)))
    store.checkpoint()
    path = tmp_path / "deep" / "memory.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))
    store._database._connection.execute("PRAGMA shrink_memory")
    with pytest.raises(StoreDamagedError):
        store.all(HOUSE)
    assert store.open().put_aside is not None
    store.add(fact(1, "The cat sleeps upstairs"))


def test_many_threads_share_a_store(store: MemoryStore):
    """Nothing is lost, and nothing hangs."""

    def work(number: int) -> int:
        store.add(fact(number, f"Person {number} likes tea"))
        store.search(f"what does person {number} like", HOUSE)
        store.touch([str(number)])
        return store.count()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(100)))
    assert store.count() == 100
