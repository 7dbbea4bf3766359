"""What a person does with the models of an Ollama server: see, download, load, unload, delete."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from ..backends.base import ChatRequest
from ..backends.ollama import LoadedModel, OllamaBackend, OllamaModel
from ..backends.ollama_pull import Progress, pull
from ..backends.ollama_wire import full_name
from ..errors import DownloadCancelledError, LocalAssistError

# Seconds; negative is until it is unloaded.
KEEP_ALIVE = -1

type Start = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model on the disk, and how it is loaded if it is."""

    model: OllamaModel
    loaded: LoadedModel | None


class _Download:
    """A model on its way. Everybody who wants it follows the same one.

    Attributes:
        followers: how many.
        over: whether it has come to its end, good or bad.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self.followers = 0
        self._progress: Progress | None = None
        self._error: LocalAssistError | None = None
        self._changed = asyncio.Event()
        self.over = False

    async def run(self, backend: OllamaBackend) -> bool:
        """Download; return whether the model is there. What went wrong the followers are told."""
        try:
            async with aclosing(pull(backend, self.model)) as progresses:
                async for self._progress in progresses:
                    self._tell()
        except LocalAssistError as err:
            self._error = err
        except asyncio.CancelledError:
            self._error = DownloadCancelledError(model=self.model)
            raise
        finally:
            self.over = True
            self._tell()
        return self._error is None

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def follow(self) -> AsyncGenerator[Progress]:
        """Yield the progress to the end; what nobody waited for is passed over.

        Raises:
            LocalAssistError: what went wrong.
        """
        told: Progress | None = None
        while True:
            changed = self._changed
            if self._progress and self._progress is not told:
                told = self._progress
                yield told
            elif self.over:
                break
            else:
                await changed.wait()
        if self._error:
            raise self._error


class ModelManager:
    """The models of one server.

    Args:
        backend: the server.
        start: starts a task in the background that ends with the config entry.
        window: returns the window that a model's users ask for, in tokens: loaded with another
            one, it would be loaded anew by the first of them.
        changed: called when the server has other models than before.
    """

    def __init__(
        self,
        backend: OllamaBackend,
        start: Start,
        *,
        window: Callable[[str], int],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._backend = backend
        self._start = start
        self._window = window
        self._changed = changed
        self._downloads: dict[str, tuple[_Download, asyncio.Task[None]]] = {}

    async def list(self) -> list[ListedModel]:
        """Return the installed models by name. Raises BackendErrors."""
        models, running = await asyncio.gather(self._backend.models(), self._backend.running())
        loaded = {item.name: item for item in running}
        return [ListedModel(model, loaded.get(model.name)) for model in models]

    async def pull(self, model: str) -> AsyncGenerator[Progress]:
        """Download a model, or join who does already; yield the progress up to "success".

        A download goes on as long as somebody follows it. What has arrived is kept by the server,
        and the next download goes on from there.

        Raises:
            DownloadError: the model did not come.
            BackendError: the server did not take the request.
        """
        name = full_name(model)
        if name not in self._downloads:
            new = _Download(name)
            self._downloads[name] = new, self._start(self._run(new), f"download {name}")
        download, task = self._downloads[name]
        download.followers += 1
        try:
            async with aclosing(download.follow()) as progresses:
                async for progress in progresses:
                    yield progress
        finally:
            download.followers -= 1
            if not download.followers and not download.over:
                self._downloads.pop(name, None)
                task.cancel()

    async def _run(self, download: _Download) -> None:
        # It is started at once, and must not be over before it is among the downloads.
        await asyncio.sleep(0)
        try:
            arrived = await download.run(self._backend)
        finally:
            current = self._downloads.get(download.model)
            if current and current[0] is download:
                del self._downloads[download.model]
        if arrived:
            await self._changed()

    async def load(self, model: str) -> None:
        """Load a model until it is unloaded, as those who use it ask for it.

        Raises:
            BackendError: it cannot be.
        """
        name = full_name(model)
        models = {installed.name: installed for installed in await self._backend.models()}
        if name in models and "completion" not in models[name].capabilities:
            # It makes vectors: only being used loads it.
            await self._backend.embed(name, ["."], keep_alive=KEEP_ALIVE)
            return
        options = {"num_ctx": self._window(name)}
        await self._backend.prepare(ChatRequest(model=name, options=options, keep_alive=KEEP_ALIVE))

    async def unload(self, model: str) -> None:
        """Free the memory that a model takes, until it is used again. Raises BackendErrors."""
        await self._backend.unload(full_name(model))

    async def delete(self, model: str) -> None:
        """Delete a model from memory and disk. Raises BackendErrors."""
        name = full_name(model)
        if any(loaded.name == name for loaded in await self._backend.running()):
            await self._backend.unload(name)
        await self._backend.delete(name)
        await self._changed()
