"""What is kept of the knowledge folder: its files, their passages and what these are found by."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from ..memory.database import Database
from ..memory.facts import HOUSEHOLD
from ..memory.index import Document, Match, TextIndex
from ..memory.vectors import Vector
from .chunks import Chunk

# To be raised when the tables or what is read from a file change: a file of another version is put
# aside, and all files of the folder are read anew.
VERSION: Final = 1
_INDEX: Final = "passages"
_EVERYBODY: Final = frozenset({HOUSEHOLD})


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of the folder as it was when it was read last.

    Attributes:
        name: its path below the folder.
        size: in bytes.
        mtime_ns: when it had been written, in nanoseconds since 1970.
        digest: of what was in it; empty if it was not opened.
        chunks: how many passages it has.
        problem: the key of what was wrong with it; "" if nothing.
        placeholders: of the problem.
    """

    name: str
    size: int
    mtime_ns: int
    digest: bytes = b""
    chunks: int = 0
    problem: str = ""
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found.

    Attributes:
        file: the name of its file.
        headings: it stands under, from the outermost on.
        page: it begins on, counted from 1; None if the file has none.
        text: of the passage.
        strong: whether it is surely about what was asked.
    """

    file: str
    headings: tuple[str, ...]
    page: int | None
    text: str
    strong: bool

    @property
    def heading(self) -> str:
        """Return the headings as one."""
        return " / ".join(self.headings)


class KnowledgeStore:
    """The file. Everything in it can be made anew from the folder. Every method blocks.

    It is apart from what the house was told: that is irreplaceable, and trouble with one of the two
    files, or much work in it, is none with the other.

    Every method raises StoreError by its kind.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(
            path, version=VERSION, create=_create, check=_check, durable=False
        )
        self._index = TextIndex(self._database, _INDEX)

    def open(self) -> None:
        """Open the file; a damaged one is begun anew."""
        if aside := self._database.open():
            aside.unlink(missing_ok=True)
        with self._database.reading() as sql:
            unfinished = sql.execute(
                "SELECT DISTINCT file FROM chunks WHERE file NOT IN (SELECT name FROM files)"
            ).fetchall()
        self.forget(name for (name,) in unfinished)
        self._index.renew(self._texts)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def files(self) -> dict[str, KnownFile]:
        """Return what is known of the files, by name."""
        with self._database.reading() as sql:
            rows = sql.execute("SELECT * FROM files").fetchall()
        return {
            name: KnownFile(name, size, mtime_ns, digest, chunks, problem, json.loads(placeholders))
            for name, size, mtime_ns, digest, chunks, problem, placeholders in rows
        }

    def add(self, name: str, chunks: Iterable[Chunk]) -> None:
        """Add passages of a file; they last only once the file itself is `put`."""
        with self._database.writing() as sql:
            self._index.put(list(_added(sql, name, chunks)))

    def put(self, file: KnownFile) -> None:
        """Keep what is known of a file, all of whose passages were added."""
        with self._database.writing() as sql:
            sql.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    file.name,
                    file.size,
                    file.mtime_ns,
                    file.digest,
                    file.chunks,
                    file.problem,
                    json.dumps(dict(file.placeholders)),
                ),
            )

    def touch(self, name: str, mtime_ns: int) -> None:
        """Note that a file was written anew, with the same in it."""
        with self._database.writing() as sql:
            sql.execute("UPDATE files SET mtime_ns = ? WHERE name = ?", (mtime_ns, name))

    def forget(self, names: Iterable[str]) -> None:
        """Forget files and their passages."""
        with self._database.writing() as sql:
            for name in names:
                self._forget(sql, name)

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        vector: Vector | None = None,
        model: str | None = None,
        limit: int = 5,
    ) -> list[Passage]:
        """Return the passages nearest to a query, the nearest first; as `TextIndex.search`."""
        with self._database.reading() as sql:
            matches = self._index.search(
                query,
                _EVERYBODY,
                now=0,
                language=language,
                vector=vector,
                model=model,
                limit=limit,
            )
            return [_passage(sql, match) for match in matches]

    def missing_vectors(self, model: str, *, limit: int) -> dict[str, str]:
        """Return the texts of passages without a vector of a model, by id."""
        with self._database.reading() as sql:
            ids = self._index.missing_vectors(model, limit=limit)
            rows = sql.execute(
                "SELECT id, file, headings, text FROM chunks "
                "WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([int(each) for each in ids]),),
            )
            return {str(row[0]): findable(row[1], json.loads(row[2]), row[3]) for row in rows}

    def put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of passages, of length one, by id."""
        self._index.put_vectors(model, vectors)

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Yield what each passage is found by."""
        with self._database.reading() as sql:
            for row, file, headings, text in sql.execute(
                "SELECT id, file, headings, text FROM chunks"
            ):
                yield str(row), findable(file, json.loads(headings), text)

    def _forget(self, sql: sqlite3.Connection, name: str) -> None:
        ids = [str(row[0]) for row in sql.execute("SELECT id FROM chunks WHERE file = ?", (name,))]
        self._index.remove(ids)
        sql.execute("DELETE FROM chunks WHERE file = ?", (name,))
        sql.execute("DELETE FROM files WHERE name = ?", (name,))


def findable(file: str, headings: Sequence[str], text: str) -> str:
    """Return what a passage is found by: it may not say itself what it is about."""
    return "\n".join((PurePosixPath(file).stem, *headings, text))


def _added(sql: sqlite3.Connection, file: str, chunks: Iterable[Chunk]) -> Iterator[Document]:
    for chunk in chunks:
        (row,) = sql.execute(
            "INSERT INTO chunks (file, headings, page, text) VALUES (?, ?, ?, ?) RETURNING id",
            (file, json.dumps(chunk.headings), chunk.page, chunk.text),
        ).fetchone()
        yield Document(str(row), findable(file, chunk.headings, chunk.text))


def _passage(sql: sqlite3.Connection, match: Match) -> Passage:
    file, headings, page, text = sql.execute(
        "SELECT file, headings, page, text FROM chunks WHERE id = ?", (int(match.id),)
    ).fetchone()
    return Passage(file, tuple(json.loads(headings)), page, text, match.strong)


def _create(sql: sqlite3.Connection) -> None:
    sql.execute(
        "CREATE TABLE files (name TEXT PRIMARY KEY, size INTEGER NOT NULL, "
        "mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL, chunks INTEGER NOT NULL, "
        "problem TEXT NOT NULL, placeholders TEXT NOT NULL) WITHOUT ROWID"
    )
    # An id is never given again, so what is known of one can only be of this passage.
    sql.execute(
        "CREATE TABLE chunks (id INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL, "
        "headings TEXT NOT NULL, page INTEGER, text TEXT NOT NULL)"
    )
    sql.execute("CREATE INDEX chunks_of_files ON chunks (file)")
    TextIndex.create(sql, _INDEX)


def _check(sql: sqlite3.Connection) -> None:
    for table in ("files", "chunks"):
        for _ in sql.execute(f"SELECT * FROM {table}"):  # noqa: S608 - ours
            pass
    TextIndex.check(sql, _INDEX)
