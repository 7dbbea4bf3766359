"""A server that speaks Ollama's API and fails in one of the ways servers fail."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, override

from aiohttp import web

from bench.agent.families import FAMILIES, Family
from bench.agent.standin import StandIn

Chunks = list[dict[str, Any]]

_WHOLE = {
    "401": (401, {"error": "unauthorized"}),
    "404": (404, {"error": "model 'qwen3:4b' not found"}),
    "400 no tools": (400, {"error": "registry.ollama.ai/library/x:4b does not support tools"}),
    "503": (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
}
_PAGE = "<html><body><h1>It works!</h1></body></html>"
_MOST_CHUNKS = 5
"""Of a reply, with the last line that says it is done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. Faults of a stream come after so many chunks of it."""

    kind: str
    after: int | None = None

    def __str__(self) -> str:
        """Name it."""
        return self.kind if self.after is None else f"{self.kind} after {self.after}"

    @property
    def stops_server(self) -> bool:
        """Return whether nobody listens any more."""
        return self.kind == "refused"

    @property
    def address(self) -> str | None:
        """Return another address than the server's, if that is the fault."""
        return "http://nobody.invalid:11434" if self.kind == "DNS" else None

    @classmethod
    def every(cls) -> Iterator[Self]:
        """Yield every fault there is."""
        yield from (cls(kind) for kind in ("refused", "DNS", *_WHOLE, "HTML", "no done"))
        yield from (cls(kind, after) for kind in ("garbage", "stalled") for after in (0, 1))
        yield from (cls("cut", after) for after in range(_MOST_CHUNKS))


def say(*texts: str) -> Chunks:
    """Return the chunks of an answer."""
    return [{"role": "assistant", "content": text} for text in texts]


def call(name: str, /, **arguments: Any) -> Chunks:
    """Return the chunks of a tool call."""
    function = {"index": 0, "name": name, "arguments": arguments}
    calls = [{"id": "call_0", "function": function}]
    return [{"role": "assistant", "content": "", "tool_calls": calls}]


@dataclass
class FaultyServer(StandIn):
    """The server. It answers well until it is prepared to fail."""

    family: Family = FAMILIES[0]
    model: Any = field(default=lambda _: {"role": "assistant", "content": "Yes."})
    _fault: Fault | None = field(default=None, init=False)
    _before: list[Chunks] = field(default_factory=list, init=False)
    _during: Chunks = field(default_factory=list, init=False)
    _released: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def prepare(self, fault: Fault, before: Sequence[Chunks], during: Chunks) -> None:
        """Fail from now on in every chat, but for the first ones, which get good answers."""
        self._fault, self._before, self._during = fault, list(before), during

    @override
    async def stop(self) -> None:
        self._released.set()
        await super().stop()

    @override
    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        warm_up = body.get("options", {}).get("num_predict") in (0, 1)
        if self._fault is None or warm_up or not body["messages"]:
            return await super()._chat(request)
        if self._before:
            return await self._stream(request, body, self._before.pop(0), None)
        if self._fault.kind in _WHOLE:
            status, answer = _WHOLE[self._fault.kind]
            return web.json_response(answer, status=status)
        if self._fault.kind == "HTML":
            return web.Response(text=_PAGE, content_type="text/html")
        return await self._stream(request, body, self._during, self._fault)

    async def _stream(
        self, request: web.Request, body: dict[str, Any], chunks: Chunks, fault: Fault | None
    ) -> web.StreamResponse:
        """Stream an answer until the fault comes; nothing is sent before the first chunk."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        lines = [{"message": chunk, "done": False} for chunk in chunks]
        end = {"message": {"role": "assistant", "content": ""}, "done": True}
        lines.append(end | {"done_reason": "stop", "prompt_eval_count": 100, "eval_count": 5})
        for number, line in enumerate(lines):
            if fault and (number == fault.after or (fault.kind == "no done" and line["done"])):
                return await self._fail(request, response, fault)
            await _send(request, response, json.dumps({"model": body["model"]} | line).encode())
        return response

    async def _fail(
        self, request: web.Request, response: web.StreamResponse, fault: Fault
    ) -> web.StreamResponse:
        match fault.kind:
            case "garbage":
                await _send(request, response, b"\x00\xff not json")
            case "stalled":
                await self._released.wait()
            case "cut" if request.transport:
                request.transport.abort()
        return response


async def _send(request: web.Request, response: web.StreamResponse, line: bytes) -> None:
    if not response.prepared:
        await response.prepare(request)
    await response.write(line + b"\n")
