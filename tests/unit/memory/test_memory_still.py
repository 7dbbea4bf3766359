"""A file that is being copied stays as it is, however much is written meanwhile."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from custom_components.local_assist.memory.database import Database

MEGABYTE = 1 << 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an open database with one table."""

    def create(sql: sqlite3.Connection) -> None:
        sql.execute("CREATE TABLE blobs (blob BLOB)")

    database = Database(
        tmp_path / "a.db", version=1, create=create, check=lambda _: None, durable=False
    )
    database.open()
    yield database
    database.close()


def write(database: Database, megabytes: int) -> None:
    """Write far more than SQLite leaves in the log by itself."""
    for _ in range(megabytes):
        with database.writing() as sql:
            sql.execute("INSERT INTO blobs VALUES (zeroblob(?))", (MEGABYTE,))


def test_it_stays_as_it_is_until_it_is_let_go(database: Database) -> None:
    """And has everything then."""
    database.checkpoint(still=True)
    before = database.path.read_bytes()
    write(database, 8)
    assert database.path.read_bytes() == before
    database.checkpoint()
    assert database.path.stat().st_size > 8 * MEGABYTE
    size = database.path.stat().st_size
    write(database, 8)
    assert database.path.stat().st_size > size
