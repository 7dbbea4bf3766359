"""One SQLite file that always opens, tells its troubles apart and loses no more than it must.

Write-ahead logging, so that a process that is killed loses at most the write in flight.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Final

_BUSY_SECONDS: Final = 5.0
_BESIDE: Final = ("-wal", "-shm")
"""What SQLite keeps beside a file."""
_LOG_PAGES: Final = 1000
"""Of the log, as SQLite does, before they are moved into the file."""
# Of SQLite's file header: https://sqlite.org/fileformat2.html#the_database_header
_HEADER: Final = 100
_VERSION_AT: Final = slice(60, 64)


class StoreError(Exception):
    """The file of a store cannot be used.

    Attributes:
        path: of the file.
        reason: what SQLite or the system says.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class StoreNewerError(StoreError):
    """The file was written by a newer release; it has not been touched."""


class StoreFullError(StoreError):
    """The disk is full. What was there before is still there."""


class StoreReadOnlyError(StoreError):
    """The file or its folder cannot be written to."""


class StoreBusyError(StoreError):
    """Another process holds the file."""


class StoreDamagedError(StoreError):
    """The file turned out to be damaged; opening it again puts it aside."""


class StoreClosedError(StoreError):
    """The file is not open."""


_ERRORS: Final[dict[str, type[StoreError]]] = {
    "SQLITE_FULL": StoreFullError,
    "SQLITE_READONLY": StoreReadOnlyError,
    "SQLITE_CANTOPEN": StoreReadOnlyError,
    "SQLITE_PERM": StoreReadOnlyError,
    "SQLITE_BUSY": StoreBusyError,
    "SQLITE_LOCKED": StoreBusyError,
    "SQLITE_CORRUPT": StoreDamagedError,
    "SQLITE_NOTADB": StoreDamagedError,
    "SQLITE_FORMAT": StoreDamagedError,
}


class Database:
    """A file of tables. Every method blocks: call them in an executor.

    One connection behind one lock, for all threads: Home Assistant's executor has dozens of
    threads, each of which would keep a connection with a cache of its own for good; a household
    speaks one sentence at a time, and the order of writes is the order of the lock.

    Args:
        path: of the file; its folder is made if it is not there.
        version: of the tables.
        create: makes the tables in a new file.
        check: reads all there is; raises sqlite3.DatabaseError or ValueError if it makes no sense.
        durable: whether what was written survives a power cut as well. Without, it survives the
            end of the process, and the last writes before a power cut may be gone; the file is
            sound either way.
    """

    def __init__(
        self,
        path: Path,
        *,
        version: int,
        create: Callable[[sqlite3.Connection], None],
        check: Callable[[sqlite3.Connection], None],
        durable: bool,
    ) -> None:
        self.path = path
        self._version = version
        self._create = create
        self._check = check
        self._durable = durable
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._depth = 0
        self.epoch = 0
        """Changes whenever what is kept in memory of the file may be wrong."""

    def open(self) -> Path | None:
        """Open the file; if it is damaged, put it aside and begin anew.

        Returns:
            Where the damaged file is now; None if there was none.

        Raises:
            StoreNewerError: a newer release wrote it.
            StoreFullError, StoreReadOnlyError, StoreBusyError, StoreError: as the disk is.
        """
        with self._lock:
            self.close()
            self.epoch += 1
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as err:
                raise StoreReadOnlyError(self.path, str(err)) from err
            try:
                self._connection = self._opened()
                return None
            except StoreDamagedError:
                aside = self._put_aside()
                self._connection = self._opened()
                return aside

    def close(self) -> None:
        """Close the file; what is in its log is moved into it."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection, to read.

        Raises:
            StoreError: by its kind.
        """
        with self._lock, self._told():
            if self._connection is None:
                raise StoreClosedError(self.path, "not open")
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection, to write: all of the block, or nothing. Blocks may be nested.

        Raises:
            StoreError: by its kind; nothing was written.
        """
        with self.reading() as sql:
            if self._depth:
                yield sql
                return
            sql.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield sql
                sql.execute("COMMIT")
            except BaseException:
                self.epoch += 1
                if sql.in_transaction:
                    sql.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def checkpoint(self, *, still: bool = False) -> None:
        """Move what is in the log into the file, so that a copy of the file alone has all of it.

        Args:
            still: whether the file then stays as it is while it is open, and what is written goes
                into the log alone, until this is called anew.

        Raises:
            StoreError: by its kind.
        """
        with self.reading() as sql:
            sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            sql.execute(f"PRAGMA wal_autocheckpoint = {0 if still else _LOG_PAGES:d}")

    def _opened(self) -> sqlite3.Connection:
        """Return a connection to a file that is sound and ours, made if it is not there."""
        self._refuse_newer()
        with self._told():
            sql = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(sql)
            except BaseException as err:
                # Not to be touched: a damaged or newer file is kept as it is, with its log.
                sql.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
                sql.close()
                if _makes_no_sense(err):
                    raise StoreDamagedError(self.path, str(err)) from err
                raise
            return sql

    def _prepare(self, sql: sqlite3.Connection) -> None:
        version = _version(sql)
        if version > self._version:
            raise StoreNewerError(self.path, f"version {version}")
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        if version == 0 and not sql.execute("SELECT 1 FROM sqlite_schema").fetchone():
            self._make(sql)
        elif version != self._version:
            raise StoreDamagedError(self.path, f"version {version}")
        if _schema(sql) != self._schema():
            raise StoreDamagedError(self.path, "other tables")
        (found,) = sql.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise StoreDamagedError(self.path, found)
        self._check(sql)
        self._try_to_write(sql)

    def _make(self, sql: sqlite3.Connection) -> None:
        """Make the tables, all or none."""
        sql.execute("BEGIN IMMEDIATE")
        sql.execute("CREATE TABLE meta (version INTEGER NOT NULL)")
        sql.execute("INSERT INTO meta VALUES (?)", (self._version,))
        self._create(sql)
        sql.execute(f"PRAGMA user_version = {self._version:d}")
        sql.execute("COMMIT")

    def _schema(self) -> list[tuple[str, ...]]:
        """Return the tables as they should be."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as sql:
            self._make(sql)
            return _schema(sql)

    def _try_to_write(self, sql: sqlite3.Connection) -> None:
        """Raise what a write would: better now than with the first fact."""
        try:
            sql.execute("UPDATE meta SET version = version")
        except sqlite3.OperationalError as err:
            writable = os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)
            if _name(err) == "SQLITE_READONLY" and writable:
                # The header names a version of the file format that is not there.
                raise StoreDamagedError(self.path, str(err)) from err
            raise

    def _refuse_newer(self) -> None:
        """Raise if a newer release wrote the file; nothing of it is touched to find out."""
        try:
            with self.path.open("rb") as file:
                header = file.read(_HEADER)
        except FileNotFoundError:
            return
        except OSError as err:
            raise StoreReadOnlyError(self.path, str(err)) from err
        if not header and self._beside("-wal").exists():
            # SQLite would throw away the log of an empty file.
            raise StoreDamagedError(self.path, "empty beside a log")
        version = int.from_bytes(header[_VERSION_AT])
        if len(header) == _HEADER and version > self._version:
            if version == self._version_inside():
                raise StoreNewerError(self.path, f"version {version}")
            raise StoreDamagedError(self.path, f"version {version}")

    def _version_inside(self) -> int | None:
        """Return the version the file's own table tells, which a damaged header does not change."""
        address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as sql:
                (version,) = sql.execute("SELECT version FROM meta").fetchone()
        except sqlite3.Error, TypeError:
            return None
        return version if isinstance(version, int) else None

    def _put_aside(self) -> Path:
        """Rename the file and what is beside it; return its new path."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        aside = self.path.with_name(f"{self.path.name}.corrupt.{stamp}")
        count = 1
        while aside.exists():
            count += 1
            aside = self.path.with_name(f"{self.path.name}.corrupt.{stamp}.{count}")
        try:
            for end in _BESIDE:
                with suppress(FileNotFoundError):
                    self._beside(end).rename(aside.with_name(aside.name + end))
            self.path.rename(aside)
        except OSError as err:
            raise StoreReadOnlyError(self.path, str(err)) from err
        return aside

    def _beside(self, end: str) -> Path:
        return self.path.with_name(self.path.name + end)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except UnicodeDecodeError as err:  # a text that is not UTF-8 any more
            raise StoreDamagedError(self.path, str(err)) from err
        except sqlite3.DatabaseError as err:
            kind = _ERRORS.get(_name(err))
            if kind is None and "decode" in str(err):  # the same, as SQLite tells it
                kind = StoreDamagedError
            if kind is None and not isinstance(err, sqlite3.OperationalError):
                raise  # our own mistake
            raise (kind or StoreError)(self.path, str(err)) from err


def _name(err: sqlite3.Error) -> str:
    """Return the primary name of an error: "SQLITE_READONLY" of "SQLITE_READONLY_DIRECTORY"."""
    name = getattr(err, "sqlite_errorname", "")
    return "_".join(name.split("_")[:2])


def _makes_no_sense(err: BaseException) -> bool:
    """Return whether something is not what it should be: a table, a value or a text."""
    if isinstance(err, sqlite3.OperationalError):
        return _name(err) == "SQLITE_ERROR"
    return isinstance(err, (ValueError, TypeError, OverflowError))


def _schema(sql: sqlite3.Connection) -> list[tuple[str, ...]]:
    return sql.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 2").fetchall()


def _version(sql: sqlite3.Connection) -> int:
    (version,) = sql.execute("PRAGMA user_version").fetchone()
    return int(version)
