"""Reading the head of the coming prompt before it is needed.

A server keeps what it has read of the last prompt, one slot for each model, and evaluates only what
differs from it. So while a person still speaks, the model is loaded and the head of the coming
prompt is read: what all turns have in common.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..backends.base import Backend, ChatRequest, Delta, Done, Loading
from ..const import LOGGER
from ..errors import BackendTimeoutError, LocalAssistError, ModelLoadingError

# Seconds of silence before the person is told that the model is not ready yet.
PATIENCE = 3.0
# How many times longer the first token may take while the head of its prompt is not read yet: a
# small machine reads 4000 tokens in more than a minute.
FIRST_READING = 6
# Seconds that reading ahead may take.
READING_TIMEOUT = 900.0


class LoadingBackend(Backend, Protocol):
    """A server that loads models when they are needed."""

    async def prepare(self, request: ChatRequest) -> None:
        """Load the request's model with its options; return when it is loaded."""

    async def loaded(self, model: str) -> dict[str, int]:
        """Return the models in memory, and the tokens each one's window holds."""


type Start = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class _Reading:
    key: str
    task: asyncio.Task[None]


class Heads:
    """What the prefix cache of one server holds, as far as we filled it.

    Args:
        backend: the server.
        start: starts a task in the background that ends with the config entry.
    """

    def __init__(self, backend: LoadingBackend, start: Start) -> None:
        self._backend = backend
        self._start = start
        self._held: dict[str, str] = {}
        self._readings: dict[str, _Reading] = {}
        self._loads: dict[str, asyncio.Task[None]] = {}
        self.windows: dict[str, int] = {}

    def prepare(self, request: ChatRequest, *, only_if_loaded: bool = False) -> None:
        """Have the head of a request read, unless it is held or being read; do not wait for it.

        Args:
            request: its messages end with the constant beginning of what the person says.
            only_if_loaded: leave a model alone that is not in memory.
        """
        key = head_key(request)
        reading = self._readings.get(request.model)
        if reading and not reading.task.done():
            if reading.key == key:
                return
            reading.task.cancel()
        task = self._start(
            self._read(request, key, only_if_loaded=only_if_loaded), f"read {request.model}'s head"
        )
        self._readings[request.model] = _Reading(key, task)

    def forget(self) -> None:
        """Take the cache for empty: the server was gone."""
        self._held.clear()

    async def make_way(self, request: ChatRequest) -> None:
        """Stop reading a head: a person's request takes the slot, and goes on from what is read.

        A model that is being loaded for it goes on loading: the server would start over.
        """
        reading = self._readings.pop(request.model, None)
        if reading and not reading.task.done():
            reading.task.cancel()
            await asyncio.wait([reading.task])

    async def loading(self, request: ChatRequest) -> asyncio.Task[None] | None:
        """Return what loads the request's model, begun now if it must be; None if it is in memory.

        The task raises the BackendError of a model that cannot be loaded.
        """
        load = self._loads.get(request.model)
        if load and not load.done():
            return load
        if await self._in_memory(request):
            return None
        self._held.pop(request.model, None)
        load = self._start(self._load(request), f"load {request.model}")
        # Who waits for it hears of a failure; nobody has to.
        load.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._loads[request.model] = load
        return load

    def holds(self, request: ChatRequest) -> bool:
        """Return whether the server has read the head of a request, as far as we know."""
        return self._held.get(request.model) == head_key(request)

    def used(self, request: ChatRequest) -> None:
        """Note that the server has read this request."""
        self._held[request.model] = head_key(request)

    async def _in_memory(self, request: ChatRequest) -> bool:
        loaded = await self._backend.loaded(request.model)
        # The server lists a model with its tag.
        window = loaded.get(request.model) or loaded.get(f"{request.model}:latest")
        if not window:
            return False
        self.windows[request.model] = window
        return bool(window == request.options.get("num_ctx", window))

    async def _load(self, request: ChatRequest) -> None:
        await self._backend.prepare(request)
        await self._in_memory(request)

    async def _read(self, request: ChatRequest, key: str, *, only_if_loaded: bool) -> None:
        try:
            if only_if_loaded and not await self._in_memory(request):
                return
            if load := await self.loading(request):
                await _wait_for(load)
            if self.holds(request):
                return
            # Nobody waits for it, and a small machine takes minutes.
            patient = replace(request.deadlines, first_token=READING_TIMEOUT)
            options = request.options | {"num_predict": 1}
            one_token = replace(request, options=options, deadlines=patient)
            async with aclosing(self._backend.chat(one_token)) as deltas:
                async for _ in deltas:
                    pass
            self._held[request.model] = key
        except LocalAssistError as err:
            # The turn that follows meets the same error, and tells the person.
            LOGGER.debug("Cannot read the head of %s: %s", request.model, err)


class WarmBackend:
    """A server whose models are loaded and whose heads are read ahead.

    Loading has its own deadline, the server's: a reply's first token is due when that is over.
    """

    def __init__(self, backend: LoadingBackend, heads: Heads) -> None:
        self._backend = backend
        self._heads = heads

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream one reply; a Loading comes first if the model is not ready soon.

        Raises:
            ModelLoadingError: it is still being loaded when that should have been over.
            BackendError: as the server's chat.
        """
        await self._heads.make_way(request)
        if load := await self._heads.loading(request):
            done, _ = await asyncio.wait([load], timeout=PATIENCE)
            if not done:
                yield Loading()
            try:
                await _wait_for(load)
            except BackendTimeoutError as err:
                raise ModelLoadingError from err
        async with aclosing(self._replied(request)) as deltas:
            async for delta in deltas:
                if isinstance(delta, Done):
                    self._heads.used(request)
                yield delta

    async def _replied(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream the reply; have patience if all of the prompt has to be read."""
        if self._heads.holds(request):
            async with aclosing(self._backend.chat(request)) as deltas:
                async for delta in deltas:
                    yield delta
            return
        limits = request.deadlines
        patient = replace(limits, first_token=limits.first_token * FIRST_READING)
        async with aclosing(self._backend.chat(replace(request, deadlines=patient))) as deltas:
            first = asyncio.ensure_future(anext(deltas))
            try:
                done, _ = await asyncio.wait([first], timeout=PATIENCE)
                if not done:
                    yield Loading()
                yield await first
            finally:
                if first.cancel():
                    await asyncio.wait([first])
            async for delta in deltas:
                yield delta


async def _wait_for(load: asyncio.Task[None]) -> None:
    """Wait for a load and raise what it raised; it goes on if who waits is cancelled."""
    await asyncio.wait([load])
    load.result()


def head_key(request: ChatRequest) -> str:
    """Return what tells the heads of requests apart: a digest of system text, tools, thinking."""
    system = request.messages[0].content if request.messages else ""
    head = json.dumps([system, request.tools, request.think])
    return hashlib.sha256(head.encode()).hexdigest()
