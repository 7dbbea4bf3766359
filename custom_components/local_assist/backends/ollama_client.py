"""The `ollama` package's client, with our own bodies and streams."""

import ssl
from collections.abc import Sequence
from typing import Any, override

import httpx
import ollama

from ..const import ANSWER_TIMEOUT, CONNECT_TIMEOUT, LOAD_TIMEOUT


class Details(ollama._types.ModelDetails):  # noqa: SLF001 - not exported, yet part of a public type
    """Details of a model with what newer servers add to them."""

    context_length: int | None = None


class Listed(ollama.ListResponse.Model):
    """An item of /api/tags with what newer servers add to it."""

    capabilities: list[str] | None = None
    details: Details | None = None


class _Tags(ollama.ListResponse):
    models: Sequence[Listed]


class OllamaClient(ollama.AsyncClient):
    """The package's client.

    Its own chat drops JSON-schema keys from tools and does not know `shift` and `tool_call_id`.
    """

    def __init__(self, url: str, api_key: str | None, *, verify: ssl.SSLContext | bool) -> None:
        super().__init__(
            url,
            headers={"authorization": f"Bearer {api_key}"} if api_key else None,
            timeout=httpx.Timeout(ANSWER_TIMEOUT, connect=CONNECT_TIMEOUT),
            verify=verify,
            # A redirect or a proxy of the environment could carry the house's words outside.
            follow_redirects=False,
            trust_env=False,
        )
        if not api_key:
            # The package fills it from OLLAMA_API_KEY, which is meant for ollama.com.
            self._client.headers.pop("authorization", None)

    @override
    async def _request_raw(self, *args: Any, **kwargs: Any) -> httpx.Response:
        """Send a request and return its answer; unlike the package, keep httpx's own errors."""
        response: httpx.Response = await self._client.request(*args, **kwargs)
        return response.raise_for_status()

    async def version(self) -> Any:
        """Return the answer of /api/version."""
        return (await self._request_raw("GET", "/api/version")).json()

    async def tags(self) -> Sequence[Listed]:
        """Return the installed models, with their capabilities where the server lists them."""
        return (await self._request(_Tags, "GET", "/api/tags")).models

    async def running(self) -> ollama.ProcessResponse:
        """Return the answer of /api/ps."""
        return await self._request(ollama.ProcessResponse, "GET", "/api/ps")

    async def load(self, body: dict[str, Any]) -> None:
        """Send a chat whose answer is not a stream."""
        await self._request_raw("POST", "/api/chat", json=body, timeout=LOAD_TIMEOUT)

    async def embed_all(self, body: dict[str, Any]) -> list[list[float]]:
        """Return the vectors of /api/embed."""
        answer = await self._request(
            ollama.EmbedResponse, "POST", "/api/embed", json=body, timeout=LOAD_TIMEOUT
        )
        return [list(vector) for vector in answer.embeddings]

    async def delete_model(self, model: str) -> None:
        """Have a model deleted."""
        await self._request_raw("DELETE", "/api/delete", json={"model": model})

    async def open(self, path: str, body: dict[str, Any], connect: float) -> httpx.Response:
        """Send a request and return its answer, unread; who reads it keeps the other deadlines."""
        timeout = httpx.Timeout(None, connect=connect)
        request = self._client.build_request("POST", path, json=body, timeout=timeout)
        response: httpx.Response = await self._client.send(request, stream=True)
        return response

    @property
    def is_closed(self) -> bool:
        """Return whether it was closed: what is asked of it then is a RuntimeError."""
        closed: bool = self._client.is_closed
        return closed

    @override
    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
