"""Ollama over HTTP, with deadlines and limits."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import httpx
from pydantic import ValidationError

from ..const import ANSWER_TIMEOUT, LOAD_TIMEOUT
from ..errors import (
    BackendError,
    BackendRefusedError,
    BackendStreamError,
    BackendTimeoutError,
    NotOllamaError,
)
from .base import ChatRequest, Deadlines, Delta, Done
from .ollama_client import Details, Listed, OllamaClient
from .ollama_wire import chat_body, deltas, keep_alive_on_wire, response_failure

MAX_LINE_BYTES = 1 << 20
MAX_ERROR_BYTES = 1 << 16
FINISH_TIMEOUT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaModel:
    """One model installed on the server.

    Attributes:
        size: bytes on disk.
        parameter_size: as the server writes it, such as "4.0B".
        quantization: likewise, such as "Q4_K_M".
        capabilities: of completion, tools, thinking, vision, embedding, insert, image, audio.
        context_length: tokens the model was trained for; None if the server does not say.
    """

    name: str
    size: int
    family: str
    parameter_size: str
    capabilities: frozenset[str]
    context_length: int | None
    quantization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """One model in the server's memory.

    Attributes:
        size: bytes in memory, those on the graphics card included.
        vram: bytes on the graphics card.
        context: tokens its window holds.
        expires: when it is unloaded unless it is used; None if the server does not say.
    """

    name: str
    size: int
    vram: int
    context: int
    expires: datetime | None


class OllamaBackend:
    """One Ollama server.

    Args:
        url: its address, scheme included.
        api_key: sent as a bearer token, for a server behind a proxy that wants one.
        verify: the SSL context to check https with (creating one would block the event loop).

    Raises:
        NotOllamaError: the address is not one.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, verify: ssl.SSLContext | bool
    ) -> None:
        self.url = url
        try:
            self._client = OllamaClient(url, api_key, verify=verify)
        except (ValueError, httpx.InvalidURL) as err:
            raise NotOllamaError(url=url) from err

    async def version(self) -> str:
        """Return the server's version.

        Raises:
            BackendError: which of them says precisely why this is no usable Ollama.
        """
        with self._typed_errors():
            async with asyncio.timeout(ANSWER_TIMEOUT):
                answer = await self._client.version()
        version = answer.get("version") if isinstance(answer, dict) else None
        if not isinstance(version, str):
            raise NotOllamaError(url=self.url)
        return version

    async def health(self) -> None:
        """Return if the server answers, else raise why not."""
        await self.version()

    async def models(self) -> list[OllamaModel]:
        """Return the installed models by name; older servers are asked about each one."""
        with self._typed_errors():
            async with asyncio.timeout(ANSWER_TIMEOUT):
                listed = await self._client.tags()
                models = await asyncio.gather(*map(self._model, listed))
        return sorted(models, key=lambda model: model.name)

    async def _model(self, item: Listed) -> OllamaModel:
        name = item.model or ""
        details = item.details or Details()
        capabilities, context_length = item.capabilities, details.context_length
        if capabilities is None:
            capabilities, context_length = await self._shown(name)
        return OllamaModel(
            name=name,
            size=int(item.size or 0),
            family=details.family or "",
            parameter_size=details.parameter_size or "",
            capabilities=frozenset(capabilities),
            context_length=context_length,
            quantization=details.quantization_level or "",
        )

    async def _shown(self, name: str) -> tuple[list[str], int | None]:
        """Return capabilities and context length from /api/show; nothing for a damaged model."""
        try:
            shown = await self._client.show(name)
        except httpx.HTTPStatusError, ValidationError:
            return [], None
        info = shown.modelinfo or {}
        length = info.get(f"{info.get('general.architecture')}.context_length")
        return shown.capabilities or [], length if isinstance(length, int) else None

    async def loaded(self, model: str) -> dict[str, int]:
        """Return the models in memory, and the tokens each one's window holds.

        `model` is the one that is needed; errors name it.
        """
        return {item.name: item.context for item in await self.running(model)}

    async def running(self, model: str = "") -> list[LoadedModel]:
        """Return the models in memory. `model` is the one that is needed; errors name it."""
        with self._typed_errors(model):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                running = (await self._client.running()).models
        return [
            LoadedModel(
                name=item.model or "",
                size=int(item.size or 0),
                vram=int(item.size_vram or 0),
                context=int(item.context_length or 0),
                expires=item.expires_at,
            )
            for item in running
        ]

    async def template(self, model: str) -> str:
        """Return the template a model's prompts are made with; empty if the server has none."""
        with self._typed_errors(model):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                try:
                    return (await self._client.show(model)).template or ""
                except ValidationError:
                    return ""

    async def prepare(self, request: ChatRequest) -> None:
        """Load the request's model with its options; return when it is loaded.

        A chat without messages loads and generates nothing.
        """
        empty = replace(request, messages=(), tools=(), think=None, format=None)
        with self._typed_errors(request.model):
            async with asyncio.timeout(LOAD_TIMEOUT):
                await self._client.load(chat_body(empty, stream=False))

    async def unload(self, model: str) -> None:
        """Free the memory a model takes. Raises ModelNotFoundError and other BackendErrors."""
        body = chat_body(ChatRequest(model=model), stream=False) | {"keep_alive": 0}
        with self._typed_errors(model):
            async with asyncio.timeout(LOAD_TIMEOUT):
                await self._client.load(body)

    async def delete(self, model: str) -> None:
        """Delete a model from the disk; in memory it stays.

        Raises ModelNotFoundError and other BackendErrors.
        """
        with self._typed_errors(model):
            async with asyncio.timeout(LOAD_TIMEOUT):
                await self._client.delete_model(model)

    async def embed(
        self, model: str, texts: Sequence[str], *, keep_alive: int
    ) -> list[list[float]]:
        """Return the vectors of texts by an embedding model, each of length one.

        Args:
            model: its name.
            texts: what to embed; one too long for the model is cut off.
            keep_alive: seconds the model stays loaded afterwards; negative is for ever.

        Raises:
            BackendError: also when an answer does not hold a vector for each text.
        """
        body = {"model": model, "input": list(texts), "keep_alive": keep_alive_on_wire(keep_alive)}
        with self._typed_errors(model):
            async with asyncio.timeout(LOAD_TIMEOUT):
                vectors = await self._client.embed_all(body)
        if len(vectors) != len(texts):
            raise BackendStreamError(message="not a vector for each text")
        return vectors

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream one reply, up to and with its Done.

        Raises:
            BackendError: also when the stream stalls, breaks or ends before it is done.
        """
        body = chat_body(request)
        stream = self.stream("/api/chat", body, request.deadlines, model=request.model)
        async with aclosing(stream) as lines:
            async for line in lines:
                for delta in deltas(line, url=self.url, model=request.model):
                    yield delta
                    if isinstance(delta, Done):
                        await _finish(lines)
                        return
        raise BackendStreamError(message="the answer broke off")

    async def stream(
        self, path: str, body: dict[str, Any], limits: Deadlines, *, model: str
    ) -> AsyncGenerator[bytes]:
        """Send a request about a model and yield the lines of the answer, to its end.

        Raises:
            BackendError: also when the stream stalls or breaks.
        """
        deadline = asyncio.get_running_loop().time() + limits.first_token
        with self._typed_errors(model):
            async with asyncio.timeout_at(deadline):
                response = await self._client.open(path, body, limits.connect)
            async with aclosing(response):
                async with asyncio.timeout_at(deadline):
                    await self._check(response, model)
                async with aclosing(_lines(response, deadline, limits.gap)) as lines:
                    async for line in lines:
                        yield line

    async def _check(self, response: httpx.Response, model: str) -> None:
        """Raise unless the response is the stream that was asked for."""
        if not response.is_success:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ERROR_BYTES:
                    break
            text = body.decode(errors="replace")
            raise response_failure(response.status_code, text, url=self.url, model=model)
        if "html" in response.headers.get("content-type", ""):
            raise NotOllamaError(url=self.url)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextmanager
    def _typed_errors(self, model: str = "") -> Generator[None]:
        """Turn what httpx and the parsers raise into our errors. `model` marks a chat."""
        try:
            yield
        except httpx.HTTPStatusError as err:
            body = err.response.text
            status = err.response.status_code
            raise response_failure(status, body, url=self.url, model=model) from err
        except (TimeoutError, httpx.TimeoutException) as err:
            raise BackendTimeoutError(url=self.url) from err
        except httpx.ConnectError as err:
            raise BackendRefusedError(url=self.url) from err
        except RuntimeError as err:
            if not self._client.is_closed:
                raise
            raise BackendRefusedError(url=self.url) from err
        except (httpx.HTTPError, ValueError, RecursionError) as err:
            if model:
                raise BackendStreamError(message="the connection broke off") from err
            raise NotOllamaError(url=self.url) from err


async def _finish(lines: AsyncGenerator[bytes]) -> None:
    """Read the end that follows at once, so that the connection can be used again."""
    with suppress(TimeoutError, BackendError):
        async with asyncio.timeout(FINISH_TIMEOUT):
            async for _ in lines:
                pass


async def _lines(response: httpx.Response, deadline: float, gap: float) -> AsyncGenerator[bytes]:
    """Split a body into its lines that are not blank, each in time and none too long.

    `deadline` is the loop time by which the first one must be there; `gap` the seconds between two.

    Raises:
        TimeoutError: a line did not come in time.
        BackendStreamError: a line is too long.
    """
    loop = asyncio.get_running_loop()
    chunks = aiter(response.aiter_bytes())
    rest = b""
    while True:
        async with asyncio.timeout_at(deadline):
            chunk = await anext(chunks, b"")
        *lines, rest = (rest + chunk).split(b"\n") if chunk else (rest, b"")
        if max(map(len, (*lines, rest))) > MAX_LINE_BYTES:
            raise BackendStreamError(message="a line of more than a mebibyte")
        for line in lines:
            if line.strip():
                yield line
        if not chunk:
            return
        if lines:
            deadline = loop.time() + gap
