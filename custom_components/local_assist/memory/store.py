"""The facts of a house in one file; every method blocks: call them in an executor."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from .database import Database, StoreError
from .facts import Fact, FactError, Scope, checked
from .index import Document, TextIndex
from .vectors import Vector

VERSION: Final = 1
"""Of the file's tables."""
MAX_FACTS: Final = 10_000
MAX_BYTES: Final = 2 * 1024 * 1024
"""Of the facts' texts in UTF-8. What is computed from them, about three times that and a byte a
dimension of each vector, comes on top."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_INDEX: Final = "fact"
_SEEN: Final = (
    "(person IN (SELECT value FROM json_each(:people)) OR (:household AND person IS NULL)) "
    "AND (expires IS NULL OR expires > :now)"
)
_COLUMNS: Final = ", ".join(field.name for field in fields(Fact))
_CREATE: Final = """
CREATE TABLE facts (
  id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, person TEXT, source TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER, used INTEGER
) WITHOUT ROWID
"""
_TRIM: Final = f"""
SELECT {_COLUMNS} FROM (
  SELECT *, row_number() OVER newest AS place, sum(octet_length(text)) OVER newest AS size
  FROM facts
  WINDOW newest AS (
    ORDER BY id IN (SELECT value FROM json_each(:new)) DESC,
      max(created, ifnull(used, created)) DESC, id
    ROWS UNBOUNDED PRECEDING
  )
) WHERE place > :facts OR size > :bytes ORDER BY place DESC
"""  # noqa: S608  the names of columns


@dataclass(frozen=True, slots=True)
class Found:
    """A fact near to a query.

    Attributes:
        fact: what was found.
        score: higher is nearer; compares facts of one query only.
        strong: surely about what was asked: may be told to a model unasked.
    """

    fact: Fact
    score: float
    strong: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """How opening went.

    Attributes:
        put_aside: where the damaged file is now; None if the file was sound, or new.
    """

    put_aside: Path | None


class MemoryStore:
    """What the house was told.

    Whatever returns or changes facts takes a scope: the people whose facts may be seen. A fact out
    of it is as good as not there; so is an expired one, for everybody.

    Args:
        path: of the file.
        max_facts: how many facts are kept.
        max_bytes: of their texts.
        clock: returns the present, in UTC.

    Every method raises StoreError by its kind: StoreNewerError, StoreFullError, StoreReadOnlyError,
    StoreBusyError, StoreDamagedError, StoreClosedError. A write that raised did nothing.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_facts: int = MAX_FACTS,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._max_facts = max_facts
        self._max_bytes = max_bytes
        self._clock = clock
        self._used: dict[str, int] = {}
        self._database = Database(path, version=VERSION, create=_create, check=_check, durable=True)
        self._index = TextIndex(self._database, _INDEX)

    def open(self) -> Opened:
        """Open the file; a damaged one is put aside and a new one begun."""
        put_aside = self._database.open()
        self.purge()
        self._index.renew(self._texts)
        return Opened(put_aside)

    def load(self) -> None:
        """Read what a search needs, so that the first one need not."""
        self._index.load(now=self._now())

    def close(self) -> None:
        """Close the file."""
        with suppress(StoreError):
            self.flush()
        self._database.close()

    def checkpoint(self, *, still: bool = False) -> None:
        """Write everything into the file itself; if it is to be still, it stays as it then is."""
        self.flush()
        self._database.checkpoint(still=still)

    def add(self, *facts: Fact) -> tuple[Fact, ...]:
        """Keep facts, all or none; one with a known id takes its place.

        Returns:
            What had to go for them, the oldest unused first. It may be anybody's: tell the house
            that there is no more room, not what was lost.

        Raises:
            FactError: one cannot be a fact; `checked` says when.
        """
        rows = [_row(fact) for fact in facts]
        with self._database.writing() as sql:
            self._flush(sql)
            self._purge(sql)
            sql.executemany(
                "INSERT OR REPLACE INTO facts VALUES "
                "(:id, :text, :person, :source, :created, :expires, :used)",
                rows,
            )
            self._index.put(
                Document(row["id"], row["text"], row["person"], row["expires"]) for row in rows
            )
            return self._trim(sql, [fact.id for fact in facts])

    def change(self, fact_id: str, scope: Scope, **changed: Any) -> Fact | None:
        """Change some of a fact: text, person, source or expires.

        Returns:
            The fact as it is now; None if there is none in the scope.

        Raises:
            FactError: it cannot be changed to that.
        """
        if unknown := changed.keys() - {"text", "person", "source", "expires"}:
            raise FactError(min(unknown), "unknown")
        with self._database.writing() as sql:
            fact = self.get(fact_id, scope)
            if fact is None:
                return None
            new = replace(fact, **changed)
            row = _row(new)
            sql.execute(
                "UPDATE facts SET text = :text, person = :person, source = :source, "
                "expires = :expires WHERE id = :id",
                row,
            )
            if new.text == fact.text:
                self._index.move(fact_id, owner=new.person, expires=row["expires"])
            else:
                self._index.put([Document(fact_id, row["text"], new.person, row["expires"])])
            return replace(new, text=row["text"])

    def forget(self, fact_ids: Collection[str], scope: Scope) -> int:
        """Forget facts in the scope; return how many there were."""
        with self._database.writing() as sql:
            there = [fact.id for fact in self._facts(sql, scope, fact_ids)]
            self._delete(sql, there)
            return len(there)

    def get(self, fact_id: str, scope: Scope) -> Fact | None:
        """Return a fact; None if there is none in the scope."""
        with self._database.reading() as sql:
            return next(iter(self._facts(sql, scope, [fact_id])), None)

    def all(self, scope: Scope) -> list[Fact]:
        """Return all facts in the scope, the newest first."""
        with self._database.reading() as sql:
            return self._facts(sql, scope)

    def people(self) -> Scope:
        """Return everybody who has facts: the scope of an administrator."""
        with self._database.reading() as sql:
            return frozenset(person for (person,) in sql.execute("SELECT person FROM facts"))

    def count(self) -> int:
        """Return how many facts there are, of everybody."""
        with self._database.reading() as sql:
            return int(sql.execute("SELECT count(*) FROM facts").fetchone()[0])

    def search(
        self,
        query: str,
        scope: Scope,
        *,
        language: str | None = None,
        vector: Vector | None = None,
        model: str | None = None,
        limit: int = 5,
    ) -> list[Found]:
        """Return the facts nearest to what was said, the nearest first.

        Args:
            query: what was said.
            scope: whose facts may be seen.
            language: it was said in, as BCP 47.
            vector: of what was said, of length one; None to go by words alone.
            model: the embedding model that computed it.
            limit: how many at most.
        """
        with self._database.reading() as sql:
            matches = self._index.search(
                query,
                scope,
                now=self._now(),
                language=language,
                vector=vector,
                model=model,
                limit=limit,
            )
            facts = {fact.id: fact for fact in self._facts(sql, scope, [m.id for m in matches])}
        return [
            Found(facts[match.id], match.score, match.strong)
            for match in matches
            if match.id in facts
        ]

    def touch(self, fact_ids: Iterable[str]) -> None:
        """Note that facts were of use just now.

        It is written down with the next fact, or when the store is closed: a turn waits for no
        disk.
        """
        with self._database.reading():
            self._used |= dict.fromkeys(fact_ids, self._now())

    def flush(self) -> None:
        """Write down what was of use."""
        if self._used:
            with self._database.writing() as sql:
                self._flush(sql)

    def purge(self) -> int:
        """Delete what has expired; return how many facts that were."""
        with self._database.writing() as sql:
            return self._purge(sql)

    def put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of facts by id, each of length one and all of one dimension."""
        self._index.put_vectors(model, vectors)

    def missing_vectors(self, model: str, scope: Scope, *, limit: int = 1000) -> list[Fact]:
        """Return facts in the scope of which a model has computed no vector yet."""
        with self._database.reading() as sql:
            return self._facts(sql, scope, self._index.missing_vectors(model, limit=limit))

    def drop_vectors(self, *, but: Collection[str]) -> None:
        """Forget the vectors of all embedding models but those in use."""
        self._index.drop_vectors(but=but)

    def _facts(
        self, sql: sqlite3.Connection, scope: Scope, ids: Iterable[str] | None = None
    ) -> list[Fact]:
        """Return the facts in the scope, or those of them with some ids, the newest first."""
        seen = {
            "people": json.dumps([person for person in scope if person is not None]),
            "household": None in scope,
            "now": self._now(),
        }
        query = f"SELECT {_COLUMNS} FROM facts WHERE {_SEEN}"  # noqa: S608
        if ids is not None:
            query += " AND id IN (SELECT value FROM json_each(:ids))"
            seen["ids"] = json.dumps(list(ids))
        return [self._fact(row) for row in sql.execute(query + " ORDER BY created DESC, id", seen)]

    def _texts(self) -> Iterable[tuple[str, str]]:
        with self._database.reading() as sql:
            return sql.execute("SELECT id, text FROM facts").fetchall()

    def _fact(self, row: tuple[Any, ...]) -> Fact:
        fact_id, text, person, source, created, expires, used = row
        used = max(used or 0, self._used.get(fact_id, 0)) or None
        return Fact(fact_id, text, person, source, _time(created), _maybe(expires), _maybe(used))

    def _trim(self, sql: sqlite3.Connection, new: list[str]) -> tuple[Fact, ...]:
        """Let go of what there is no room for: the oldest unused, and the new facts last."""
        bounds = {"new": json.dumps(new), "facts": self._max_facts, "bytes": self._max_bytes}
        gone = tuple(self._fact(row) for row in sql.execute(_TRIM, bounds))
        self._delete(sql, [fact.id for fact in gone])
        return gone

    def _purge(self, sql: sqlite3.Connection) -> int:
        expired = sql.execute("SELECT id FROM facts WHERE expires <= ?", (self._now(),))
        ids = [fact_id for (fact_id,) in expired]
        self._delete(sql, ids)
        return len(ids)

    def _delete(self, sql: sqlite3.Connection, ids: list[str]) -> None:
        if ids:
            sql.executemany("DELETE FROM facts WHERE id = ?", ((fact_id,) for fact_id in ids))
            self._index.remove(ids)

    def _flush(self, sql: sqlite3.Connection) -> None:
        used = [(moment, fact_id) for fact_id, moment in self._used.items()]
        sql.executemany("UPDATE facts SET used = ? WHERE id = ?", used)
        self._used.clear()

    def _now(self) -> int:
        return _micros(self._clock())


def _create(sql: sqlite3.Connection) -> None:
    sql.execute(_CREATE)
    TextIndex.create(sql, _INDEX)


def _check(sql: sqlite3.Connection) -> None:
    """Read every fact, as one that cannot be read must not come up in the middle of a turn."""
    for row in sql.execute(f"SELECT {_COLUMNS} FROM facts"):  # noqa: S608
        if not all(isinstance(value, str) for value in (*row[:2], row[3])):
            raise ValueError("a fact without its words")
        for value in row[4:]:
            _maybe(value)
    TextIndex.check(sql, _INDEX)


def _row(fact: Fact) -> dict[str, Any]:
    """Return a fact as the table has it.

    Raises:
        FactError: a field cannot be that.
    """
    if not fact.id:
        raise FactError("id", "empty")
    return {
        "id": fact.id,
        "text": checked(fact.text),
        "person": fact.person,
        "source": fact.source,
        "created": _moment("created", fact.created),
        "expires": None if fact.expires is None else _moment("expires", fact.expires),
        "used": None if fact.used is None else _moment("used", fact.used),
    }


def _moment(field: str, moment: datetime) -> int:
    if moment.tzinfo is None:
        raise FactError(field, "not_aware")
    return _micros(moment)


def _micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970, which an INTEGER holds exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _maybe(micros: int | None) -> datetime | None:
    return None if micros is None else _time(micros)
