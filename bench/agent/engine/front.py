"""Ollama's HTTP API in front of the engine: as much of it as agents use to chat."""

import asyncio
import codecs
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bench.agent.engine import chatml
from bench.agent.engine import model as models
from bench.agent.engine.chats import Chat, Said, Script
from bench.agent.engine.program import Program, program
from bench.agent.engine.runner import Piece, Runner
from bench.agent.engine.window import PromptTooLongError, fit
from bench.servers import cores, free_port

VERSION = "0.20.2"
DEFAULT_WINDOW = 4096  # Ollama's where there is little video memory
_MS = 1_000_000  # Ollama tells durations in nanoseconds


class Front:
    """The server.

    Attributes:
        script: chooses what the model says, from the body of the request; may be set anew.
        chats: what was asked so far and what it took, in the order of arrival.
        model: name of the model it has.
        program: where llama.cpp is from; None before it listens.
    """

    model = models.NAME

    def __init__(self, script: Script, *, logs: Path, threads: int | None = None) -> None:
        self.script = script
        self.chats: list[Chat] = []
        self.program: Program | None = None
        self._log = logs / "llama-server.log"
        self._threads = threads or cores()
        self._port = free_port()
        self._slot = asyncio.Lock()
        self._engine: Runner
        self._app: web.AppRunner

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        """Load the model, and listen.

        Raises:
            BenchError: there is no way to get llama.cpp or a model for it here, or it does not run.
        """
        self.program = await asyncio.to_thread(program)
        file = await asyncio.to_thread(models.model)
        self._engine = Runner(self.program, file, threads=self._threads, log=self._log)
        await self._engine.start(DEFAULT_WINDOW)
        app = web.Application(client_max_size=1 << 26)
        app.add_routes(
            [
                web.get("/", self._root),
                web.get("/api/version", self._version),
                web.get("/api/tags", self._tags),
                web.get("/api/ps", self._ps),
                web.post("/api/show", self._show),
                web.post("/api/chat", self._chat),
            ]
        )
        # A chat ends when its client hangs up, and the engine's request with it.
        self._app = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._app.setup()
        await web.TCPSite(self._app, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close, and end the engine."""
        await self._app.cleanup()
        await self._engine.stop()

    async def unload(self) -> None:
        """Unload the model: what it had read is forgotten."""
        async with self._slot:
            await self._engine.stop()

    async def _root(self, _: web.Request) -> web.Response:
        return web.Response(text="Ollama is running")

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": VERSION})

    async def _tags(self, _: web.Request) -> web.Response:
        return web.json_response({"models": [_ITEM]})

    async def _ps(self, _: web.Request) -> web.Response:
        running = {"context_length": self._engine.window, "expires_at": "2318-01-01T00:00:00Z"}
        loaded = [_ITEM | running | {"size_vram": 0}] if self._engine.window else []
        return web.json_response({"models": loaded})

    async def _show(self, request: web.Request) -> web.Response:
        if (await request.json()).get("model") != self.model:
            return _missing(await request.json())
        return web.json_response(
            {
                "details": _DETAILS,
                "capabilities": _ITEM["capabilities"],
                "model_info": {
                    "general.architecture": "qwen2",
                    "qwen2.context_length": _DETAILS["context_length"],
                },
            }
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        arrived = time.perf_counter()
        body = await request.json()
        if body["model"] != self.model:
            return _missing(body)
        if not body.get("messages"):
            return await self._load(body)
        chat = Chat(body)
        self.chats.append(chat)
        async with self._slot:
            chat.loaded = await self._loaded(body)
            said = self.script(body)
            try:
                prompt = await fit(body, self._engine)
            except PromptTooLongError as error:
                return web.json_response({"error": str(error)}, status=400)
            chat.prompt = len(prompt)
            await self._engine.read(prompt, chat)
            chat.first_ms = (time.perf_counter() - arrived) * 1000
            return await self._say(request, chat, prompt, said)

    async def _load(self, body: dict[str, Any]) -> web.Response:
        """Answer a chat without messages, which loads or unloads the model."""
        unloads = body.get("keep_alive") in (0, "0", "0s")
        if unloads:
            await self.unload()
        else:
            async with self._slot:
                await self._loaded(body)
        reason = "unload" if unloads else "load"
        return web.json_response(_line("", done=True, done_reason=reason))

    async def _loaded(self, body: dict[str, Any]) -> bool:
        """Load the model if another window is asked for, as Ollama does; return whether it was."""
        window = (body.get("options") or {}).get("num_ctx") or DEFAULT_WINDOW
        if window == self._engine.window:
            return False
        await self._engine.start(window)
        return True

    async def _say(
        self, request: web.Request, chat: Chat, prompt: list[int], said: Said
    ) -> web.StreamResponse:
        """Stream a reply at the engine's pace: text token by token, calls at their end."""
        pieces = await self._engine.tokens(chatml.reply(said))
        limit = (chat.body.get("options") or {}).get("num_predict", -1)
        cut = 0 < limit <= len(pieces)
        response = _Stream(request, streamed=chat.body.get("stream", True))
        texts = _Texts(said.text)
        for number, piece in enumerate(pieces[:limit] if cut else pieces, 1):
            chat.generated += 1
            if text := texts.feed(piece):
                await response.send(_line(text))
            if not cut or number < limit:
                tokens = [*prompt, *(one.token for one in pieces[:number])]
                chat.generate_ms += await self._engine.step(tokens)
        if said.calls and not cut:
            await response.send(_line("", calls=_calls(said)))
        reason = "length" if cut else "stop"
        await response.end(_line("", done=True, done_reason=reason, **_figures(chat)))
        chat.ended = True
        return response.response


class _Texts:
    """Cuts a reply's text where its tokens end, never within a character."""

    def __init__(self, text: str) -> None:
        self._left = len(text)
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def feed(self, piece: Piece) -> str:
        """Return what a token adds to the text: nothing once the text is at its end."""
        text = self._decoder.decode(piece.bytes)[: self._left]
        self._left -= len(text)
        return text


class _Stream:
    """A reply as lines, or as one answer when it is not to be streamed."""

    def __init__(self, request: web.Request, *, streamed: bool) -> None:
        self.response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        self._request, self._streamed = request, streamed
        self._whole: dict[str, Any] = {}

    async def send(self, line: dict[str, Any]) -> None:
        """Send a line, or keep it for the end."""
        if not self._streamed:
            message = self._whole.setdefault("message", {"role": "assistant", "content": ""})
            content = message["content"] + line["message"]["content"]
            message |= line["message"] | {"content": content}
            return
        # Like Ollama: nothing is sent, headers neither, before there is something to say.
        if not self.response.prepared:
            await self.response.prepare(self._request)
        await self.response.write(json.dumps(line).encode() + b"\n")

    async def end(self, line: dict[str, Any]) -> None:
        """Send the last line."""
        if not self._streamed:
            await self.send(line)
            line |= self._whole
            self._streamed = True
        await self.send(line)
        await self.response.write_eof()


# Of Qwen's family, as that is how its chats are rendered.
_DETAILS = {
    "format": "gguf",
    "family": "qwen2",
    "families": ["qwen2"],
    "parameter_size": "135M",
    "quantization_level": "Q8_0",
    "context_length": 32_768,
}
_ITEM: dict[str, Any] = {
    "name": models.NAME,
    "model": models.NAME,
    "modified_at": "2026-10-01T12:00:00Z",
    "size": 123_532_576,
    "digest": "0" * 64,
    "details": _DETAILS,
    "capabilities": ["completion", "tools"],
}


def _missing(body: dict[str, Any]) -> web.Response:
    return web.json_response({"error": f"model '{body['model']}' not found"}, status=404)


def _calls(said: Said) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{index:08x}",
            "function": {"index": index, "name": name, "arguments": arguments},
        }
        for index, (name, arguments) in enumerate(said.calls)
    ]


def _line(text: str, *, calls: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
    created = datetime.now(UTC).isoformat()
    return {"model": models.NAME, "created_at": created, "message": message, "done": False} | more


def _figures(chat: Chat) -> dict[str, int]:
    """Return what Ollama tells at the end: the prompt's count has the cached tokens in it."""
    assert chat.first_ms is not None
    return {
        "total_duration": int((chat.first_ms + chat.generate_ms) * _MS),
        "load_duration": int((chat.first_ms - chat.prompt_ms) * _MS),  # the wait is in it
        "prompt_eval_count": chat.cached + chat.evaluated,
        "prompt_eval_duration": int(chat.prompt_ms * _MS),
        "eval_count": chat.generated,
        "eval_duration": int(chat.generate_ms * _MS),
    }
