"""Keeping what is known of the knowledge folder in step with it, a file at a time."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from . import errors
from .chunks import Chunk
from .errors import (
    KnowledgeFileError,
    KnowledgeFullError,
    KnowledgeTooManyError,
    KnowledgeUnreadableError,
)
from .folder import MAX_FILES, Entry, look
from .reading import Content, async_read, check, digest
from .store import KnowledgeStore, KnownFile

MAX_CHUNKS: Final = 10_000
"""Passages of all files together: 60 manuals of 50 pages."""
BATCH: Final = 50
"""Passages filed at once: a search waits for no more than that."""
SETTLED: Final = 10.0
"""Seconds since a file was written until which it may still be being copied."""

_PROBLEMS: Final = {
    kind.key: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, KnowledgeFileError)
}


class State(StrEnum):
    """Whether a file can be looked up in."""

    INDEXED = "indexed"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileState:
    """A file of the folder, for people to see.

    Attributes:
        name: its path below the folder.
        size: in bytes.
        modified: when it was written, UTC.
        chunks: how many passages of it can be found.
        state: whether it can be looked up in.
        problem: what is wrong with it, also if it can be looked up in but not in all of it.
    """

    name: str
    size: int
    modified: datetime
    chunks: int
    state: State
    problem: KnowledgeFileError | None


class Index:
    """What is known of a folder.

    Attributes:
        changes: grows with every change of what can be found.
    """

    def __init__(self, hass: HomeAssistant, folder: Path, store: KnowledgeStore) -> None:
        self._hass = hass
        self._folder = folder
        self._store = store
        self._one_at_a_time = asyncio.Lock()
        self._entries: list[Entry] = []
        self._known: dict[str, KnownFile] = {}
        self.changes = 0

    @property
    def chunks(self) -> int:
        """Return how many passages can be found."""
        return sum(file.chunks for file in self._known.values())

    @property
    def files(self) -> list[FileState]:
        """Return the files of the folder as of the last look at it."""
        files = [_state(entry, self._known.get(entry.name)) for entry in self._entries[:MAX_FILES]]
        for entry in self._entries[MAX_FILES:]:
            problem = KnowledgeTooManyError(limit=f"{MAX_FILES:,}")
            files.append(replace(_state(entry, None), state=State.FAILED, problem=problem))
        return files

    async def async_load(self) -> None:
        """Take over what was known when Home Assistant was stopped.

        Raises:
            StoreError: it cannot be read.
        """
        self._known = await self._hass.async_add_executor_job(self._store.files)

    async def async_scan(self, *, again: bool = False) -> None:
        """Look at the folder and read what has changed.

        Args:
            again: read those files too that something was wrong with.

        Raises:
            OSError: the folder cannot be read; everything stays as it was.
            StoreError: what was read cannot be kept.
        """
        async with self._one_at_a_time:
            self._entries = await self._hass.async_add_executor_job(look, self._folder)
            entries = self._entries[:MAX_FILES]
            if gone := self._known.keys() - {entry.name for entry in entries}:
                await self._hass.async_add_executor_job(self._store.forget, gone)
                self.changes += 1
                self._known = {n: file for n, file in self._known.items() if n not in gone}
            room = MAX_CHUNKS - self.chunks
            for entry in entries:
                before = self._known.get(entry.name)
                if before and _is_current(before, entry, room, again=again):
                    continue
                room += before.chunks if before else 0
                if read := await self._read(entry, before, room):
                    self._known[entry.name] = before = read
                room -= before.chunks if before else 0

    async def _read(self, entry: Entry, before: KnownFile | None, room: int) -> KnownFile | None:
        """Read a file and keep what it says; None if it is still being written."""
        run = self._hass.async_add_executor_job
        file = KnownFile(entry.name, entry.size, entry.mtime_ns)
        chunks: Sequence[Chunk] = ()
        problem: KnowledgeFileError | None
        try:
            check(entry)
            file = replace(file, digest=await run(digest, entry.path))
            if before and before.digest == file.digest and not before.problem:
                await run(self._store.touch, entry.name, entry.mtime_ns)
                return replace(before, mtime_ns=entry.mtime_ns)
            content = await async_read(self._hass, entry.path)
            chunks, problem = _fitting(content, room)
        except KnowledgeFileError as err:
            if file.digest and time.time() - entry.mtime_ns / 1e9 < SETTLED:
                return None
            problem = err
        if problem:
            file = replace(file, problem=problem.key, placeholders=problem.placeholders)
        file = replace(file, chunks=len(chunks))
        if file != before:
            await run(self._store.forget, [file.name])
            for batch in itertools.batched(chunks, BATCH, strict=False):
                await run(self._store.add, file.name, batch)
            await run(self._store.put, file)
            self.changes += 1
        return file


def _fitting(content: Content, room: int) -> tuple[Sequence[Chunk], KnowledgeFileError | None]:
    """Return the passages to keep and what is wrong, if anything: all of them or none."""
    if (count := len(content.chunks)) > room:
        return (), KnowledgeFullError(passages=str(count), limit=f"{MAX_CHUNKS:,}")
    return content.chunks, content.problem


def _is_current(known: KnownFile, entry: Entry, room: int, *, again: bool) -> bool:
    """Return whether a file need not be read; some problems pass without a change of the file."""
    if not _is_same(known, entry):
        return False
    if known.problem == KnowledgeFullError.key:
        return int(known.placeholders["passages"]) > room
    return known.problem != KnowledgeUnreadableError.key and not (again and known.problem)


def _is_same(known: KnownFile, entry: Entry) -> bool:
    return (known.size, known.mtime_ns) == (entry.size, entry.mtime_ns)


def _state(entry: Entry, known: KnownFile | None) -> FileState:
    modified = datetime.fromtimestamp(entry.mtime_ns / 1e9, UTC)
    if known is None or not _is_same(known, entry):
        chunks = known.chunks if known else 0
        return FileState(entry.name, entry.size, modified, chunks, State.WAITING, None)
    problem = _PROBLEMS[known.problem](**known.placeholders) if known.problem else None
    state = State.INDEXED if known.chunks else State.FAILED
    return FileState(entry.name, entry.size, modified, known.chunks, state, problem)
