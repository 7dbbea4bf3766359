"""Meaning beside spelling: how near a sentence is to the things of the house, and what it means.

No turn waits for it. Vectors are computed in the background and kept; a sentence whose vector is
not there in time is understood by its words alone.
"""

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Protocol

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..errors import LocalAssistError
from ..retrieval import House, Thing
from ..retrieval.vectors import Vector, VectorIndex, unit
from .vector_store import VectorStore
from .warmup import Start

# Texts in one request: a small server answers other requests in between.
BATCH: Final = 64
# Sentences whose vectors are in memory.
REMEMBERED: Final = 64
# Seconds that a tool's query waits for its vector.
PATIENCE: Final = 1.0

type Embed = Callable[[Sequence[str]], Awaitable[list[list[float]]]]


class Texts(Protocol):
    """Texts kept elsewhere, with their vectors."""

    async def async_missing_vectors(self, model: str, *, limit: int) -> dict[str, str]:
        """Return some texts without a vector of a model, by id."""

    async def async_put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of texts, by id."""


class Embeddings:
    """The vectors of one embedding model.

    Args:
        hass: Home Assistant.
        model: its name.
        embed: computes the vectors of texts.
        store: where they are kept.
        start: starts a task in the background that ends with the config entry.

    Attributes:
        model: its name.
    """

    def __init__(
        self, hass: HomeAssistant, model: str, embed: Embed, store: VectorStore, start: Start
    ) -> None:
        self._hass = hass
        self.model = model
        self._embed = embed
        self._store = store
        self._start = start
        self._sentences: OrderedDict[str, Vector] = OrderedDict()
        self._house: House | None = None
        self._index: VectorIndex | None = None
        self._learned: dict[str, object] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def hear(self, sentence: str, house: House) -> None:
        """Begin with what `near` will need, without waiting for it; "" is the house alone."""
        if house is not self._house:
            self._begin("house", self._learn(house))
        if sentence and sentence not in self._sentences:
            self._begin(f"sentence: {sentence}", self._listen(sentence))

    def learn(self, name: str, texts: Texts, state: object) -> None:
        """Begin to give texts their vectors, without waiting for it.

        Args:
            name: of the texts.
            texts: those that have none are looked for.
            state: what they are now; nothing is done while it is what it was.
        """
        if self._learned.get(name) != state:
            self._begin(name, self._learn_texts(name, texts, state))

    def vector(self, sentence: str) -> Vector | None:
        """Return the vector of a sentence that was heard; None if it is not there yet."""
        return self._sentences.get(sentence)

    async def look_up(self, query: str) -> tuple[Vector, str] | None:
        """Return the vector of a query and the model, or None if it does not come soon."""
        try:
            async with asyncio.timeout(PATIENCE):
                vectors = await self._vectors((query,))
        except (LocalAssistError, OSError, TimeoutError) as err:
            LOGGER.debug("A query goes by words alone: %r", err)
            return None
        return vectors[query], self.model

    def near(self, sentence: str, house: House) -> dict[str, float] | None:
        """Return the cosines of the nearest things; None if they are not there yet."""
        vector = self._sentences.get(sentence)
        if vector is None or self._index is None or house is not self._house:
            return None
        return self._index.near(vector)

    def _begin(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Do it in the background, unless it is being done."""
        if what in self._tasks:
            work.close()
            return
        task = self._start(self._quietly(work), f"embed a {what.partition(':')[0]}")
        if not task.done():
            self._tasks[what] = task
            task.add_done_callback(lambda _: self._tasks.pop(what, None))

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (LocalAssistError, OSError) as err:
            # Words alone do as well; the server's health is told of elsewhere.
            LOGGER.debug("Cannot embed with %s: %s", self.model, err)

    async def _learn(self, house: House) -> None:
        texts = {thing.entity_id: _text(thing, house) for thing in house.things}
        vectors = await self._vectors(tuple(dict.fromkeys(texts.values())))
        by_thing = {entity_id: vectors[text] for entity_id, text in texts.items()}
        self._index = await self._hass.async_add_executor_job(VectorIndex, by_thing)
        self._house = house

    async def _learn_texts(self, name: str, texts: Texts, state: object) -> None:
        done: set[str] = set()
        while missing := await texts.async_missing_vectors(self.model, limit=BATCH):
            # What is not taken will not be taken the next time either.
            if missing.keys() <= done:
                break
            vectors = map(unit, await self._embed(tuple(missing.values())))
            await texts.async_put_vectors(self.model, dict(zip(missing, vectors, strict=True)))
            done |= missing.keys()
        self._learned[name] = state

    async def _listen(self, sentence: str) -> None:
        vectors = await self._vectors((sentence,))
        self._sentences[sentence] = vectors[sentence]
        while len(self._sentences) > REMEMBERED:
            self._sentences.popitem(last=False)

    async def _vectors(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of all texts, from the store or new."""
        run = self._hass.async_add_executor_job
        known = await run(self._store.get, self.model, texts)
        missing = [text for text in texts if text not in known]
        for batch in itertools.batched(missing, BATCH, strict=False):
            new = dict(zip(batch, map(unit, await self._embed(batch)), strict=True))
            await run(self._store.put, self.model, new)
            known |= new
        return known


def _text(thing: Thing, house: House) -> str:
    """Return what a thing is to a model of meaning: its names, its kind and where it is."""
    area = next((area.names[0] for area in house.areas if area.id == thing.area), "")
    kind = (thing.device_class or thing.domain).replace("_", " ")
    return ", ".join(filter(None, (*thing.names, kind, area)))
