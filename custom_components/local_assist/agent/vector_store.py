"""Vectors of texts on disk, by model and text, so that none is computed twice."""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from ..retrieval.vectors import Vector

# The oldest unused go first. At 1024 dimensions of 4 bytes: 80 MB.
MAX_VECTORS: Final = 20_000
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS vectors (
  model TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (model, text)
) WITHOUT ROWID
"""


class VectorStore:
    """A file of vectors. Every method blocks: call them in an executor.

    Texts are kept as digests only: what was said in the house is not written down here. A file that
    is damaged is begun anew; everything in it can be computed again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, model: str, texts: Iterable[str]) -> dict[str, Vector]:
        """Return those vectors that are known, by text."""
        try:
            return self._get(model, texts)
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return {}

    def put(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors; let go of the oldest unused if there are too many.

        Raises:
            OSError: the disk is full or read-only.
        """
        rows = [
            (model, _digest(text), vector.astype("<f4").tobytes(), int(time.time()))
            for text, vector in vectors.items()
        ]
        try:
            with closing(self._open()) as database, database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)
                database.execute(
                    "DELETE FROM vectors WHERE (model, text) IN (SELECT model, text FROM vectors "
                    "ORDER BY used DESC LIMIT -1 OFFSET ?)",
                    (MAX_VECTORS,),
                )
        except sqlite3.OperationalError as err:
            raise OSError(f"{self._path}: {err}") from err

    def _get(self, model: str, texts: Iterable[str]) -> dict[str, Vector]:
        if not self._path.exists():
            return {}
        found: dict[str, Vector] = {}
        with closing(self._open()) as database, database:
            for text in texts:
                key = (model, _digest(text))
                row = database.execute(
                    "SELECT vector FROM vectors WHERE model = ? AND text = ?", key
                ).fetchone()
                if row:
                    found[text] = np.frombuffer(row[0], dtype="<f4").astype(np.float32)
            database.executemany(
                "UPDATE vectors SET used = ? WHERE model = ? AND text = ?",
                [(int(time.time()), model, _digest(text)) for text in found],
            )
        return found

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=5)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(_TABLE)
        return database


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
