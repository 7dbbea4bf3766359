"""Texts are read anew when another release filed them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from custom_components.local_assist.knowledge.chunks import Chunk
from custom_components.local_assist.knowledge.store import KnowledgeStore, KnownFile
from custom_components.local_assist.memory import analysis, tables
from tests.unit.memory.memory_facts import HOUSE, fact, opened

QUESTION = "When is the rubbish picked up?"
VECTOR = np.array((0.6, 0.8), np.float32)


def _by_another_release(path: Path, index: str, fingerprint: str) -> None:
    """Leave a file as a release would that reads texts otherwise."""
    with closing(sqlite3.connect(path)) as sql, sql:
        sql.execute(f"UPDATE {index}_words SET tokens = 'otherwise'")
        sql.execute(f"UPDATE {index}_analysis SET fingerprint = ?", (fingerprint,))


def test_facts_are_found_after_an_update(tmp_path: Path):
    """By the words of this release; what an embedding model computed stays."""
    path = tmp_path / "memory.db"
    store = opened(path)
    store.add(fact(1, "The bins go out on Tuesday"), fact(2, "The boiler is in the attic"))
    store.put_vectors("m", {"1": VECTOR, "2": VECTOR})
    store.close()
    _by_another_release(path, "fact", "another")
    store = opened(path)
    assert [found.fact.id for found in store.search(QUESTION, HOUSE, language="en")] == ["1"]
    assert store.missing_vectors("m", HOUSE) == []
    assert store.forget(["1"], HOUSE) == 1
    assert store.search(QUESTION, HOUSE, language="en") == []
    store.close()


def test_they_are_read_anew_once(tmp_path: Path):
    """Not whenever the file is opened."""
    path = tmp_path / "memory.db"
    store = opened(path)
    store.add(fact(1, "The bins go out on Tuesday"))
    store.close()
    _by_another_release(path, "fact", analysis.FINGERPRINT)
    store = opened(path)
    assert store.search(QUESTION, HOUSE, language="en") == []
    store.close()


def test_passages_are_found_after_an_update(tmp_path: Path):
    """With the headings they stand under."""
    path = tmp_path / "knowledge.db"
    store = KnowledgeStore(path)
    store.open()
    store.add("town.md", [Chunk(("Rubbish collection",), "The black one on Tuesday.")])
    store.put(KnownFile("town.md", 1, 1, chunks=1))
    store.close()
    _by_another_release(path, "passages", "another")
    store.open()
    assert [found.file for found in store.search(QUESTION, language="en")] == ["town.md"]
    store.close()


def test_a_word_more_is_another_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nobody has to raise a number."""
    shutil.copytree(tables.FOLDER, tmp_path / "words")
    monkeypatch.setattr(tables, "FOLDER", tmp_path / "words")
    assert analysis._fingerprint() == analysis.FINGERPRINT
    with (tmp_path / "words" / "en.toml").open("a") as table:
        table.write('sauna = "sauna, steam room"\n')
    assert analysis._fingerprint() != analysis.FINGERPRINT
