"""Any server with the OpenAI-compatible chat API, with deadlines and limits.

The `openai` package takes a second and more to import, so this module must not be imported within
the event loop, nor where nobody has such a server: see `make_backend`.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import contextmanager, suppress
from typing import Final, override

import httpcore2  # noqa: F401 - httpx2 would import it later, within the event loop
import httpx2
import openai

from ..const import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from ..errors import (
    BackendError,
    BackendRefusedError,
    BackendRejectedError,
    BackendStreamError,
    BackendTimeoutError,
    ModelUnsuitableError,
    NotOpenAIError,
)
from .address import openai_base
from .base import ChatRequest, Delta
from .openai_wire import Reply, chat_body, failure, model_names

# A long reply is chunks of some 300 bytes a token.
MAX_ANSWER_BYTES: Final = 1 << 25
FINISH_TIMEOUT: Final = 0.5
# All that a server needs to know; the package would add what machine this is, the environment more.
HEADERS: Final = frozenset({"accept", "connection", "content-length", "content-type", "host"})


class _Limited(httpx2.AsyncByteStream):
    """A body that is cut off where it gets too long to be an answer."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise BackendStreamError(message="an answer without end")
            yield part

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()


class _Transport(httpx2.AsyncHTTPTransport):
    """What sends requests and limits the answers."""

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Limited(response.stream)
        return response


class _Client(openai.AsyncOpenAI):
    """The package's client, which looks for nothing on this machine."""

    @override
    def platform_headers(self) -> dict[str, str]:
        return {}


def _client(url: str, api_key: str | None, *, verify: ssl.SSLContext | bool) -> _Client:
    """Return a client that talks to this server alone, and tells it no more than it needs."""

    async def strip(request: httpx2.Request) -> None:
        for name in set(request.headers) - HEADERS:
            del request.headers[name]
        if api_key:
            request.headers["authorization"] = f"Bearer {api_key}"

    return _Client(
        base_url=openai_base(url),
        # Any that is not empty keeps the package from looking for one in the environment.
        api_key="none",
        max_retries=0,
        http_client=httpx2.AsyncClient(
            transport=_Transport(verify=verify, trust_env=False),
            event_hooks={"request": [strip]},
            # A redirect or a proxy of the environment could carry the house's words outside.
            follow_redirects=False,
            trust_env=False,
        ),
    )


class OpenAIBackend:
    """One server with the OpenAI-compatible API.

    Args:
        url: its address, scheme included; without a path, /v1 is meant.
        api_key: sent as a bearer token. None sends none, whatever the environment holds.
        name: what errors call the server.
        verify: the SSL context to check https with (creating one would block the event loop).

    Raises:
        NotOpenAIError: the address is not one.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, name: str, verify: ssl.SSLContext | bool
    ) -> None:
        self.url = url
        self.name = name
        # Set once the server has refused what not every server knows.
        self._plain = False
        try:
            self._client = _client(url, api_key, verify=verify)
        except (ValueError, httpx2.InvalidURL) as err:
            raise NotOpenAIError(server=name, url=url) from err

    async def models(self) -> list[str]:
        """Return the names of the models the server offers, in its order.

        Raises:
            BackendError: which of them says precisely why this is no usable server.
        """
        with self._typed_errors():
            async with asyncio.timeout(ANSWER_TIMEOUT):
                listed = await self._client.get(
                    "/models", cast_to=object, options={"timeout": _timeout(CONNECT_TIMEOUT)}
                )
            return model_names(listed)

    async def health(self) -> None:
        """Return if the server answers, else raise why not."""
        await self.models()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream one reply, up to and with its Done; tool calls come when they are whole.

        Raises:
            BackendError: also when the stream stalls, breaks or ends before it is done.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + request.deadlines.first_token
        reply = Reply()
        with self._typed_errors(request.model):
            async with asyncio.timeout_at(deadline):
                stream = await self._open(request)
            async with stream:
                if "html" in stream.response.headers.get("content-type", ""):
                    raise NotOpenAIError(server=self.name, url=self.url)
                while not reply.finished:
                    async with asyncio.timeout_at(deadline):
                        chunk = await anext(stream, None)
                    if chunk is None:
                        raise BackendStreamError(message="the answer broke off")
                    for delta in reply.feed(chunk):
                        yield delta
                    if reply.begun:
                        deadline = loop.time() + request.deadlines.gap
                await _finish(stream, reply)
        for delta in reply.end():
            yield delta

    async def _open(self, request: ChatRequest) -> openai.AsyncStream[object]:
        """Send a chat; to a server that refuses it once more, without what it may not know."""
        try:
            return await self._send(request, plain=self._plain)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as err:
            why = self._failure(err.status_code, err.body, request.model)
            if self._plain or not isinstance(why, (BackendRejectedError, ModelUnsuitableError)):
                raise
        stream = await self._send(request, plain=True)
        self._plain = True
        return stream

    async def _send(self, request: ChatRequest, *, plain: bool) -> openai.AsyncStream[object]:
        return await self._client.post(
            "/chat/completions",
            cast_to=object,
            body=chat_body(request, plain=plain),
            options={"timeout": _timeout(request.deadlines.connect)},
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _failure(self, status: int, error: object, model: str) -> BackendError:
        return failure(status, error, url=self.url, server=self.name, model=model)

    @contextmanager
    def _typed_errors(self, model: str = "") -> Generator[None]:
        """Turn what the package, httpx2 and the parsers raise into our errors.

        `model` marks a chat.
        """
        try:
            yield
        except openai.APIStatusError as err:
            raise self._failure(err.status_code, err.body, model) from err
        except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException) as err:
            raise BackendTimeoutError(server=self.name, url=self.url) from err
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, RecursionError) as err:
            raise self._broken(err, model) from err

    def _broken(self, err: Exception, model: str) -> BackendError:
        """Return the error for a connection that fails, breaks off or carries nonsense."""
        if isinstance(err.__cause__, httpx2.ConnectError):
            return BackendRefusedError(server=self.name, url=self.url)
        if isinstance(err, openai.APIError) and err.body is not None:
            code = err.body.get("code") if isinstance(err.body, dict) else None
            return self._failure(code if isinstance(code, int) else 500, err.body, model)
        if model:
            return BackendStreamError(server=self.name, message="the connection broke off")
        return NotOpenAIError(server=self.name, url=self.url)


async def _finish(stream: openai.AsyncStream[object], reply: Reply) -> None:
    """Read the figures that follow at once, and the end, so that the connection is free again."""
    with suppress(TimeoutError, httpx2.HTTPError, openai.OpenAIError, ValueError, BackendError):
        async with asyncio.timeout(FINISH_TIMEOUT):
            async for chunk in stream:
                reply.feed(chunk)


def _timeout(connect: float) -> httpx2.Timeout:
    """Return the deadline for connecting alone; who reads the answer keeps the others."""
    return httpx2.Timeout(None, connect=connect)
