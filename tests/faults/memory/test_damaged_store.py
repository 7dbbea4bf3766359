"""However a file is damaged, the store opens: with its facts, or anew and the file put aside."""

import errno
import os
import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custom_components.local_assist.memory.database import (
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreNewerError,
    StoreReadOnlyError,
)
from custom_components.local_assist.memory.facts import Fact
from custom_components.local_assist.memory.store import MemoryStore

DAMAGES = 1000
HOUSE = frozenset({None})


def _fact(number: int) -> Fact:
    text = f"Fact {number}: the bins of house {number} go out on Tuesday"
    return Fact(f"{number}", text, None, "voice", datetime(2026, 11, 21, tzinfo=UTC))


def _filled(path: Path, facts: int = 60) -> bytes:
    """Return the bytes of a store with some facts."""
    store = MemoryStore(path)
    store.open()
    store.add(*map(_fact, range(facts)))
    store.close()
    return path.read_bytes()


def _damaged(sound: bytes, chosen: random.Random) -> bytes:
    """Return a file that was cut off, or has bits turned or a block overwritten."""
    what = chosen.choice(("cut", "bits", "block"))
    if what == "cut":
        return sound[: chosen.randrange(len(sound))]
    damaged = bytearray(sound)
    if what == "block":
        begin = chosen.randrange(len(damaged))
        size = min(chosen.choice((16, 512, 4096)), len(damaged) - begin)
        damaged[begin : begin + size] = chosen.choice((bytes(size), chosen.randbytes(size)))
    else:
        # Half of them in the first page, where one bit changes most.
        end = chosen.choice((100, 4096, len(damaged)))
        for _ in range(chosen.choice((1, 1, 8))):
            damaged[chosen.randrange(end)] ^= 1 << chosen.randrange(8)
    return bytes(damaged)


def test_a_damaged_file_is_kept_or_put_aside(tmp_path: Path):
    """In 1000 damages it opens, works, and nothing of the old file is lost."""
    sound = _filled(tmp_path / "sound.db")
    chosen = random.Random(6)
    aside = 0
    for number in range(DAMAGES):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        path = folder / "memory.db"
        damaged = _damaged(sound, chosen)
        path.write_bytes(damaged)
        store = MemoryStore(path)
        opened = store.open()
        if opened.put_aside:
            aside += 1
            assert opened.put_aside.read_bytes() == damaged
            assert opened.put_aside.name.startswith("memory.db.corrupt.")
        elif damaged:
            assert store.count() > 0
        store.add(_fact(1000))
        assert store.get("1000", HOUSE) is not None
        store.search("When do the bins go out?", HOUSE)
        store.close()
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()
    assert DAMAGES // 4 < aside < DAMAGES


def test_a_damaged_log_costs_its_end_at_most(tmp_path: Path):
    """What is in the file itself stays; the log is read as far as it is sound."""
    path, copy = tmp_path / "memory.db", tmp_path / "copy" / "memory.db"
    _filled(path, 20)
    store = MemoryStore(path)
    store.open()
    store.add(*map(_fact, range(20, 40)))
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    log = bytearray(path.with_name("memory.db-wal").read_bytes())
    store.close()
    log[len(log) // 2] ^= 1
    copy.with_name("memory.db-wal").write_bytes(log)
    store = MemoryStore(copy)
    assert store.open().put_aside is None
    assert store.count() == 20
    store.close()


def test_a_newer_file_is_refused_and_not_touched(tmp_path: Path):
    """Not a byte of it changes, and nothing is put beside it."""
    path = tmp_path / "memory.db"
    _filled(path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")
        database.execute("UPDATE meta SET version = 2")
    database.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StoreNewerError):
        MemoryStore(path).open()
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", [b"not a database", b"\x00" * 8192, b"SQLite format 3\x00"])
def test_another_file_is_put_aside(tmp_path: Path, content: bytes):
    """Whatever it is, it is still there."""
    path = tmp_path / "memory.db"
    path.write_bytes(content)
    store = MemoryStore(path)
    put_aside = store.open().put_aside
    assert put_aside is not None
    assert put_aside.read_bytes() == content
    store.close()


def test_another_programs_database_is_put_aside(tmp_path: Path):
    """It is sound, but has none of our tables."""
    path = tmp_path / "memory.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    store = MemoryStore(path)
    assert store.open().put_aside is not None
    store.close()


def test_a_full_disk_is_told_and_costs_nothing(tmp_path: Path):
    """The write that did not fit did nothing; reading goes on, and so does writing later."""
    path = tmp_path / "memory.db"
    _filled(path, 5)
    store = MemoryStore(path)
    store.open()
    sql = store._database._connection
    (pages,) = sql.execute("PRAGMA page_count").fetchone()
    sql.execute(f"PRAGMA max_page_count = {pages}")  # as far as SQLite knows, the disk ends here
    with pytest.raises(StoreFullError):
        store.add(*map(_fact, range(100, 400)))
    assert store.count() == 5
    assert len(store.search("bins", HOUSE, limit=99)) == 5
    sql.execute("PRAGMA max_page_count = 1000000")
    store.add(_fact(100))
    assert store.count() == 6
    store.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    """A file is where the folder should be."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreReadOnlyError):
        MemoryStore(tmp_path / "file" / "memory.db").open()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_file_is_told_and_kept(tmp_path: Path):
    """It is not taken for damaged."""
    path = tmp_path / "memory.db"
    before = _filled(path)
    path.chmod(0o444)
    with pytest.raises(StoreReadOnlyError):
        MemoryStore(path).open()
    assert path.read_bytes() == before


def test_a_file_another_process_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is not taken for damaged either."""
    path = tmp_path / "memory.db"
    _filled(path)
    monkeypatch.setattr("custom_components.local_assist.memory.database._BUSY_SECONDS", 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError):
        MemoryStore(path).open()
    other.execute("ROLLBACK")
    other.close()
    assert not list(tmp_path.glob("*.corrupt.*"))


def test_what_the_system_says_is_in_the_error(tmp_path: Path):
    """With the file, for whoever has to mend it."""
    (tmp_path / "memory.db").mkdir()
    with pytest.raises(StoreError) as err:
        MemoryStore(tmp_path / "memory.db").open()
    assert str(tmp_path / "memory.db") in str(err.value)
    assert os.strerror(errno.EISDIR) in str(err.value)
