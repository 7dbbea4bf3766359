"""Ollama's HTTP API in front of the engine: as much of it as agents use to chat."""

import asyncio
import codecs
import json
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bench.agent.engine.contract import Family, Message, Model, Request
from bench.agent.engine.program import Program, program
from bench.agent.engine.runner import Piece, Runner
from bench.agent.engine.weights import weights
from bench.agent.engine.window import PromptTooLongError, fit
from bench.servers import cores

VERSION = "0.20.2"
TRAINED = 32_768
"""Tokens of the longest window the model can have; `write_model.CONTEXT`."""
DEFAULT_WINDOW = 4096  # Ollama's where there is little video memory
_MS = 1_000_000  # Ollama tells durations in nanoseconds


class Front:
    """The server.

    Attributes:
        model: chooses what is said; may be set anew.
        requests: what was asked so far and what it took, in the order of arrival.
        program: where llama.cpp is from; None before it listens.
    """

    def __init__(
        self,
        model: Model,
        family: Family,
        tokenizer: Path,
        *,
        logs: Path,
        threads: int | None = None,
    ) -> None:
        """See `engine` for the arguments."""
        self.model = model
        self.requests: list[Request] = []
        self.program: Program | None = None
        self._family, self._tokenizer = family, tokenizer
        self._log = logs / "llama-server.log"
        self._threads = threads or cores()
        self._slot = asyncio.Lock()
        self._engine: Runner
        self._app: web.AppRunner

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self._app.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        """Load the model, and listen.

        Raises:
            BenchError: there is no way to get llama.cpp or a model for it here, or it does not run.
        """
        self.program = await asyncio.to_thread(program)
        file = await asyncio.to_thread(weights, self._tokenizer)
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
        await web.TCPSite(self._app, "127.0.0.1", 0).start()
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
        return web.json_response({"models": [self._item()]})

    async def _ps(self, _: web.Request) -> web.Response:
        running = {"context_length": self._engine.window, "expires_at": "2318-01-01T00:00:00Z"}
        loaded = [self._item() | running | {"size_vram": 0}] if self._engine.window else []
        return web.json_response({"models": loaded})

    async def _show(self, request: web.Request) -> web.Response:
        body, item = await request.json(), self._item()
        if body["model"] != item["model"]:
            return _missing(body)
        kind = self._family.architecture
        info = {"general.architecture": kind, f"{kind}.context_length": TRAINED}
        return web.json_response(
            {
                "details": item["details"],
                "capabilities": item["capabilities"],
                "model_info": info,
            }
        )

    def _item(self) -> dict[str, Any]:
        """Return the model as lists have it."""
        return {
            "name": self._family.model,
            "model": self._family.model,
            "modified_at": "2026-10-01T12:00:00Z",
            "size": 135_000_000,
            "digest": sha256(self._family.model.encode()).hexdigest(),
            "capabilities": ["completion", "tools"],
            "details": {
                "format": "gguf",
                "family": self._family.architecture,
                "families": [self._family.architecture],
                "parameter_size": "135M",
                "quantization_level": "Q8_0",
                "context_length": TRAINED,
            },
        }

    async def _chat(self, asked: web.Request) -> web.StreamResponse:
        arrived = time.perf_counter()
        body = await asked.json()
        if body["model"] != self._family.model:
            return _missing(body)
        if not body.get("messages"):
            return await self._load(body)
        request = Request(warm_up=_limit(body) in (0, 1))
        self.requests.append(request)
        async with self._slot:
            request.loaded = await self._loaded(body)
            message = _NOTHING if request.warm_up else self.model(body)
            try:
                prompt = await fit(body, self._family, self._engine)
            except PromptTooLongError as error:
                return web.json_response({"error": str(error)}, status=400)
            request.prompt = len(prompt)
            await self._engine.read(prompt, request)
            request.first_ms = (time.perf_counter() - arrived) * 1000
            answer = _Answer(asked, body)
            await self._say(answer, request, prompt, message)
        return answer.response

    async def _load(self, body: dict[str, Any]) -> web.Response:
        """Answer a chat without messages, which loads or unloads the model."""
        unloads = body.get("keep_alive") in (0, "0", "0s")
        if unloads:
            await self.unload()
        else:
            async with self._slot:
                await self._loaded(body)
        answer = _line(body, done=True, done_reason="unload" if unloads else "load")
        return web.json_response(answer)

    async def _loaded(self, body: dict[str, Any]) -> bool:
        """Load the model if another window is asked for, as Ollama does; return whether it was."""
        window = min((body.get("options") or {}).get("num_ctx") or DEFAULT_WINDOW, TRAINED)
        if window == self._engine.window:
            return False
        await self._engine.start(window)
        return True

    async def _say(
        self, answer: _Answer, request: Request, prompt: list[int], message: Message
    ) -> None:
        """Send a reply at the engine's pace: text token by token, calls at its end."""
        pieces = await self._engine.tokens(self._family.reply(message))
        limit = _limit(answer.body)
        cut = 0 <= limit <= len(pieces)
        texts = _Texts(message.get("content") or "")
        tokens = list(prompt)
        for piece in pieces[:limit] if cut else pieces:
            request.written += 1
            if text := texts.feed(piece):
                await answer.send({"content": text})
            tokens.append(piece.token)
            if not cut or request.written < limit:  # the last token of all is not computed with
                request.write_ms += await self._engine.step(tokens)
        calls = message.get("tool_calls")
        if calls and not cut:
            await answer.send({"content": "", "tool_calls": calls})
        reason = "length" if cut else "stop"
        await answer.end(done_reason=reason, **_figures(request))
        request.ended = True


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


class _Answer:
    """An answer in lines, or in one piece when the request does not want it streamed.

    Attributes:
        body: of the request.
        response: what is sent.
    """

    def __init__(self, asked: web.Request, body: dict[str, Any]) -> None:
        self.body = body
        self.response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        self._asked = asked
        self._whole: dict[str, Any] = {"content": ""}

    async def send(self, message: dict[str, Any]) -> None:
        """Send a part of the message, or keep it for the end."""
        if self.body.get("stream", True):
            await self._write(_line(self.body, message))
        else:
            content = self._whole["content"] + message["content"]
            self._whole |= message | {"content": content}

    async def end(self, **figures: Any) -> None:
        """Send the last line."""
        await self._write(_line(self.body, self._whole, done=True, **figures))
        await self.response.write_eof()

    async def _write(self, line: dict[str, Any]) -> None:
        # Like Ollama: nothing is sent, headers neither, before there is something to say.
        if not self.response.prepared:
            await self.response.prepare(self._asked)
        await self.response.write(json.dumps(line).encode() + b"\n")


_NOTHING = {"role": "assistant", "content": "."}


def _limit(body: dict[str, Any]) -> int:
    """Return how many tokens are asked for; -1 for as many as it takes."""
    return int((body.get("options") or {}).get("num_predict", -1))


def _missing(body: dict[str, Any]) -> web.Response:
    return web.json_response({"error": f"model '{body['model']}' not found"}, status=404)


def _line(body: dict[str, Any], message: Message | None = None, **more: Any) -> dict[str, Any]:
    return {
        "model": body["model"],
        "created_at": datetime.now(UTC).isoformat(),
        "message": {"role": "assistant", "content": ""} | dict(message or {}),
        "done": False,
    } | more


def _figures(request: Request) -> dict[str, int]:
    """Return what Ollama tells at the end: the prompt's count has the cached tokens in it."""
    assert request.first_ms is not None
    return {
        "total_duration": int((request.first_ms + request.write_ms) * _MS),
        "load_duration": int((request.first_ms - request.read_ms) * _MS),  # the wait is in it
        "prompt_eval_count": request.cached + request.evaluated,
        "prompt_eval_duration": int(request.read_ms * _MS),
        "eval_count": request.written,
        "eval_duration": int(request.write_ms * _MS),
    }
