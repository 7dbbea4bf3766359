"""The knowledge of a house, for turns, tools and the page."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..memory.database import StoreError
from ..memory.vectors import Vector
from ..retrieval.text import words
from . import notices
from .chunks import CHARACTERS_PER_TOKEN
from .index import FileState, Index
from .store import KnowledgeStore, Passage

DATA_KNOWLEDGE: HassKey[Knowledge] = HassKey(f"{DOMAIN}.knowledge")
FOLDER: Final = "knowledge"
FILE: Final = "knowledge.db"
LOOK_INTERVAL: Final = timedelta(seconds=30)
"""How often the folder is looked at: names, sizes and times of at most 1,000 files."""

# What may be told unasked, at most: a turn reads it before it answers.
_UNASKED: Final = 3
# One word that a passage happens to have is no question about it: "Thanks".
_MIN_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Health:
    """How the knowledge is.

    Attributes:
        folder: where its files are.
        chunks: how many passages can be found.
        error: why the folder or what is known of it cannot be used; None if it can.
    """

    folder: Path
    chunks: int
    error: str | None


class Knowledge:
    """The files of the folder, looked after as long as a config entry is loaded.

    Whatever goes wrong, a turn goes on without it: a search then finds nothing.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.folder: Final = Path(hass.config.path(DOMAIN, FOLDER))
        self._store = KnowledgeStore(Path(hass.config.path(DOMAIN, FILE)))
        self._index = Index(hass, self.folder, self._store)
        self._opening = asyncio.Lock()
        self._is_open = False
        self._followed = 0
        self._stops: list[CALLBACK_TYPE] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: str | None = None

    @property
    def health(self) -> Health:
        """Return how it is."""
        return Health(self.folder, self._index.chunks, self._error)

    @property
    def changes(self) -> int:
        """Return a number that grows with every change of what can be found."""
        return self._index.changes

    @property
    def files(self) -> list[FileState]:
        """Return the files of the folder as of the last look at it."""
        return self._index.files

    async def async_follow(self, entry: ConfigEntry) -> None:
        """Look after the folder until this entry, and all others that asked, are unloaded."""
        self._followed += 1
        entry.async_on_unload(self._unfollow)
        if self._stops:
            return
        self._stops = [
            async_track_time_interval(
                self._hass, self._look, LOOK_INTERVAL, cancel_on_shutdown=True
            ),
        ]
        await self._try(self._open())
        self._stops.append(async_at_started(self._hass, self._look))

    @callback
    def async_rescan(self) -> asyncio.Task[None]:
        """Begin to look at the folder, also at the files that something was wrong with."""
        return self._begin(again=True)

    async def async_search(
        self,
        query: str,
        *,
        language: str | None = None,
        vector: Vector | None = None,
        model: str | None = None,
        limit: int = 5,
    ) -> list[Passage]:
        """Return the passages nearest to a query, the nearest first.

        Args:
            query: what was said.
            language: of the query.
            vector: of the query; None to go by words alone.
            model: that computed it.
            limit: how many at most.
        """
        search = partial(
            self._store.search, query, language=language, vector=vector, model=model, limit=limit
        )
        try:
            return await self._hass.async_add_executor_job(search) if self._index.chunks else []
        except (StoreError, sqlite3.Error) as err:
            self._failed(err)
            return []

    async def async_missing_vectors(self, model: str, *, limit: int) -> dict[str, str]:
        """Return the texts of some passages without a vector of a model, by id."""
        missing = partial(self._store.missing_vectors, model, limit=limit)
        try:
            return await self._hass.async_add_executor_job(missing) if self._index.chunks else {}
        except (StoreError, sqlite3.Error) as err:
            self._failed(err)
            return {}

    async def async_put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of passages, by id."""
        try:
            await self._hass.async_add_executor_job(self._store.put_vectors, model, vectors)
        except (StoreError, sqlite3.Error) as err:
            self._failed(err)

    @callback
    def _look(self, _: HomeAssistant | datetime) -> None:
        """Look at the folder in the background, unless that is being done."""
        if not self._tasks:
            self._begin()

    def _begin(self, *, again: bool = False) -> asyncio.Task[None]:
        task = self._hass.async_create_background_task(
            self._try(self._scan(again=again)), "look at the knowledge folder"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _scan(self, *, again: bool = False) -> None:
        await self._open()
        await self._index.async_scan(again=again)
        await notices.async_tell(self._hass, self.folder, self._index.files)

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            run = self._hass.async_add_executor_job
            await run(partial(self.folder.mkdir, parents=True, exist_ok=True))
            await run(self._store.open)
            await self._index.async_load()
            self._is_open = True

    async def _try(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it; what goes wrong with the disk is told once and tried again with the next look."""
        try:
            await work
        except (StoreError, sqlite3.Error, OSError) as err:
            self._failed(err)
        else:
            if self._error:
                LOGGER.info("The knowledge folder can be used again")
            self._error = None

    def _failed(self, err: Exception) -> None:
        # Opened anew with the next look: a damaged file is then begun anew.
        self._is_open = False
        if self._error is None:
            LOGGER.error("The knowledge folder %s cannot be used: %s", self.folder, err)
        self._error = str(err)

    @callback
    def _unfollow(self) -> Coroutine[Any, Any, None] | None:
        self._followed -= 1
        if self._followed:
            return None
        stops, self._stops = self._stops, []
        for stop in stops:
            stop()
        return self.async_close()

    async def async_close(self) -> None:
        """Stop looking and close the file; it is opened again when an entry is loaded."""
        for task in self._tasks:
            task.cancel()
        async with self._opening:
            self._is_open = False
            await self._hass.async_add_executor_job(self._store.close)


async def async_passages(
    hass: HomeAssistant,
    sentence: str,
    *,
    language: str | None,
    vector: Vector | None = None,
    model: str | None = None,
    max_tokens: int,
) -> list[Passage]:
    """Return the passages a sentence is surely about, short enough to be told unasked."""
    knowledge = hass.data.get(DATA_KNOWLEDGE)
    if knowledge is None or len(words(sentence)) < _MIN_WORDS:
        return []
    found = await knowledge.async_search(
        sentence, language=language, vector=vector, model=model, limit=_UNASKED
    )
    room = max_tokens * CHARACTERS_PER_TOKEN
    fitting: list[Passage] = []
    for passage in found:
        if passage.strong and (len(passage.text) <= room or not fitting):
            fitting.append(replace(passage, text=passage.text[:room]))
            room -= len(passage.text)
    return fitting
