"""The OpenAI-compatible API as Ollama serves it beside its own, and as stricter servers do."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, override

import pytest
from aiohttp import web

from tests.fakes.ollama import FakeOllama, Fault, Reply, _send, _wrong_answer

CHAT = "/v1/chat/completions"
PIECE = 4


@dataclass
class FakeOpenAI(FakeOllama):
    """The server; speaks Ollama's own API as well.

    Attributes:
        refuses: fields of a chat that are an error here.
        figures: whether usage is told when it is asked for.
    """

    refuses: frozenset[str] = field(default_factory=frozenset)
    figures: bool = True

    @property
    def completions(self) -> list[dict[str, Any]]:
        """Return the bodies of the chats so far."""
        return [recorded.body for recorded in self.requests if recorded.path == CHAT]

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.get("/v1/models", self._list_models),
            web.post(CHAT, self._complete),
        ]

    @web.middleware
    @override
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Give errors the shape they have in this API."""
        response = await super()._guard(request, handler)
        is_json = response.content_type == "application/json"
        if request.path.startswith("/v1") and response.status >= 400 and is_json:
            assert isinstance(response, web.Response)
            message = json.loads(response.text or "")["error"]
            error = {"message": message, "type": "api_error", "param": None, "code": None}
            return web.json_response({"error": error}, status=response.status)
        return response

    async def _list_models(self, _: web.Request) -> web.Response:
        data = [
            {"id": model.name, "object": "model", "created": 1_760_000_000, "owned_by": "library"}
            for model in self.models
        ]
        return web.json_response({"object": "list", "data": data})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if unknown := sorted(self.refuses & set(body)):
            error = f"Unsupported parameter: '{unknown[0]}' is not supported with this model."
            return web.json_response({"error": error}, status=400)
        if refusal := self._refusal(body):
            return refusal
        reply = self.replies.pop(0) if self.replies else self.script(body)
        fault, after = request["fault"], request["after"]
        if fault is None:
            fault, after = reply.fault, reply.after
        if answer := _wrong_answer(fault):
            return answer
        if not body.get("stream"):
            return web.json_response({"object": "chat.completion", "choices": []})
        return await self._events(request, self._chunks_of(reply, body), fault, after)

    def _chunks_of(self, reply: Reply, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the chunks of a stream; the arguments of tool calls come in pieces."""
        deltas: list[dict[str, Any]] = [{"reasoning": text} for text in reply.thinking]
        deltas += [{"content": text} for text in reply.content]
        for index, (name, arguments) in enumerate(reply.tool_calls):
            text = json.dumps(arguments)
            start = {"id": f"call_{index:08x}", "type": "function"}
            function = {"name": name, "arguments": ""}
            deltas.append({"tool_calls": [{"index": index, **start, "function": function}]})
            deltas += [
                {"tool_calls": [{"index": index, "function": {"arguments": text[at : at + PIECE]}}]}
                for at in range(0, len(text), PIECE)
            ]
        chunks = [_chunk(body, [{"index": 0, "delta": delta}]) for delta in deltas]
        reason = "tool_calls" if reply.tool_calls else "stop"
        chunks.append(_chunk(body, [{"index": 0, "delta": {}, "finish_reason": reason}]))
        if self.figures and body.get("stream_options", {}).get("include_usage"):
            usage = {
                "prompt_tokens": sum(len(str(m["content"])) for m in body["messages"]) // 4,
                "completion_tokens": len(deltas),
                "prompt_tokens_details": {"cached_tokens": 1},
            }
            chunks.append(_chunk(body, []) | {"usage": usage})
        return chunks

    async def _events(
        self, request: web.Request, chunks: list[dict[str, Any]], fault: Fault | None, after: int
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        for number, chunk in enumerate(chunks):
            if fault is not None and number == after:
                if fault is Fault.NO_DONE:
                    await response.prepare(request)
                    return response
                wrong = await self._go_wrong(fault, request)
                if fault in (Fault.STALLED, Fault.CUT):
                    return response
                await _send(response, request, _as_event(fault, wrong, chunk))
            await _send(response, request, _event(chunk))
        await _send(response, request, b"data: [DONE]\n\n")
        await response.write_eof()
        return response


def _chunk(body: dict[str, Any], choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": body["model"],
        "choices": choices,
    }


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _as_event(fault: Fault, line: bytes, chunk: dict[str, Any]) -> bytes:
    """Return what goes wrong in the shape of this API, instead of a chunk."""
    match fault:
        case Fault.ERROR_LINE:
            error = {"message": json.loads(line)["error"], "type": "server_error", "code": 500}
            return _event({"error": error})
        case Fault.OVERSIZED:
            delta = {"content": "x" * (2 << 20)}
            return _event(chunk | {"choices": [{"index": 0, "delta": delta}]})
    return b"data: " + line + b"\n"


@pytest.fixture
async def openai_server(socket_enabled: None) -> AsyncGenerator[FakeOpenAI]:  # noqa: ARG001
    """Run a stand-in for a server with the OpenAI-compatible API."""
    async with FakeOpenAI() as server:
        yield server
