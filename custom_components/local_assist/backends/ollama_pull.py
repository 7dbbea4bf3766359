"""Downloading a model to an Ollama server: POST /api/pull, whose answer is a stream of progress.

A model comes in layers, each with its own size and progress. A download that broke off goes on
where it was when it is asked for again. What goes wrong is mostly said in the stream, because the
server has begun to answer before it begins to download.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.util.json import json_loads_object

from ..const import CONNECT_TIMEOUT
from ..errors import (
    BackendStreamError,
    BackendTimeoutError,
    DownloadBrokenOffError,
    DownloadDamagedError,
    DownloadDiskFullError,
    DownloadError,
    DownloadOfflineError,
    DownloadUnknownError,
)
from .base import Deadlines
from .ollama import OllamaBackend

MAX_MESSAGE_LENGTH: Final = 200
# Seconds. Nothing is said while a layer of many gigabytes is checked.
LIMITS: Final = Deadlines(connect=CONNECT_TIMEOUT, first_token=60.0, gap=600.0)

# What the server says of each; see registry and download in its sources.
_CAUSES: Final = {
    r"file does not exist|not found|invalid model": DownloadUnknownError,
    r"no space left|not enough space|disk quota": DownloadDiskFullError,
    r"digest mismatch": DownloadDamagedError,
    r"dial tcp|no such host|unreachable|timeout|max retries|no route": DownloadOfflineError,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is.

    Attributes:
        status: as the server says it, such as "verifying sha256 digest".
        completed: bytes there, of all layers told of so far.
        total: bytes of these layers; 0 while none was told of.
    """

    status: str
    completed: int = 0
    total: int = 0


@dataclass(slots=True)
class Layers:
    """Sums up the progress of a model's layers."""

    _completed: dict[str, int] = field(default_factory=dict)
    _total: dict[str, int] = field(default_factory=dict)

    def take(self, line: dict[str, Any]) -> Progress:
        """Take a line of the stream in. Raises TypeError, ValueError over one of another shape."""
        if digest := line.get("digest"):
            self._total[digest] = int(line.get("total") or 0)
            # Only a layer that has begun says how much is there.
            self._completed[digest] = int(line.get("completed") or 0)
        completed, total = sum(self._completed.values()), sum(self._total.values())
        return Progress(str(line.get("status") or ""), min(completed, total), total)


async def pull(backend: OllamaBackend, model: str) -> AsyncGenerator[Progress]:
    """Download a model and yield the progress, up to "success".

    Raises:
        DownloadError: which of them says precisely what went wrong.
        BackendError: the server did not take the request.
    """
    layers = Layers()
    body = {"model": model, "stream": True}
    try:
        async with aclosing(backend.stream("/api/pull", body, LIMITS, model=model)) as lines:
            async for line in lines:
                progress = _parsed(layers, line, model)
                yield progress
                if progress.status == "success":
                    return
    except (BackendStreamError, BackendTimeoutError) as err:
        raise DownloadBrokenOffError(model=model) from err
    raise DownloadBrokenOffError(model=model)


def _parsed(layers: Layers, line: bytes, model: str) -> Progress:
    """Return what a line says. Raises the DownloadError that it tells of."""
    try:
        data = json_loads_object(line)
        if said := data.get("error"):
            raise failure(str(said), model=model)
        return layers.take(data)
    except (TypeError, ValueError) as err:
        raise DownloadBrokenOffError(model=model) from err


def failure(said: str, *, model: str) -> DownloadError:
    """Return the error that the server's words mean."""
    for cause, error in _CAUSES.items():
        if re.search(cause, said, re.IGNORECASE):
            return error(model=model)
    message = " ".join(said.split())[:MAX_MESSAGE_LENGTH]
    return DownloadError(model=model, message=message)
