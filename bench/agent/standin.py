"""A stand-in for Ollama: its API, the prefix cache of llama.cpp, and a clock of its own.

One slot, as Ollama has by default: what a request shares with the tokens the slot holds (the last
prompt and its reply) from the beginning on is not read again; at least one token is. Nothing takes
time here: what reading and writing would take is computed (`READ` and `WRITE` tokens a second, a
Raspberry Pi 5 with a model of 4 billion parameters), and told in the answer as Ollama does.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Self

from aiohttp import web

from bench.agent.families import Family, common

READ = 60.0
WRITE = 8.0
TRAINED = 131_072
_SECOND = 1_000_000_000
_SHORT = 4096
"""Ollama's window if the request names none, on a machine without a large graphics card."""

Model = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """A chat that was answered, in tokens.

    Attributes:
        warm_up: it asked for one token at most.
        prompt: of the whole prompt.
        cached: of those, found in the slot.
        written: of the reply.
        head: of the head (`Family.head`).
    """

    warm_up: bool
    prompt: int
    cached: int
    written: int
    head: int

    @property
    def evaluated(self) -> int:
        """Return how many tokens of the prompt were read."""
        return self.prompt - self.cached

    @property
    def head_share(self) -> float:
        """Return how much of the head was found in the slot."""
        return min(self.cached, self.head) / self.head


@dataclass
class StandIn:
    """The server. `model` answers."""

    family: Family
    model: Model
    requests: list[Request] = field(default_factory=list)
    overflowed: int = 0
    url: str = field(default="", init=False)
    _slot: list[int] = field(default_factory=list, init=False)
    _window: int | None = field(default=None, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=1 << 26)
        app.add_routes(
            [
                web.get("/api/version", self._version),
                web.get("/api/tags", self._tags),
                web.get("/api/ps", self._ps),
                web.post("/api/show", self._show),
                web.post("/api/chat", self._chat),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.stop()

    async def stop(self) -> None:
        """Close; from now on connections are refused."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def forget(self) -> None:
        """Empty the slot, as another model or a restart does."""
        self._slot = []

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "0.20.2"})

    def _item(self) -> dict[str, Any]:
        return {
            "name": self.family.model,
            "model": self.family.model,
            "modified_at": "2026-10-01T12:00:00Z",
            "size": 2_019_393_189,
            "digest": sha256(self.family.model.encode()).hexdigest(),
            "details": self._details(),
            "capabilities": ["completion", "tools"],
        }

    def _details(self) -> dict[str, Any]:
        return {
            "format": "gguf",
            "family": self.family.architecture,
            "families": [self.family.architecture],
            "parameter_size": "4B",
            "quantization_level": "Q4_K_M",
            "context_length": TRAINED,
        }

    async def _tags(self, _: web.Request) -> web.Response:
        return web.json_response({"models": [self._item()]})

    async def _ps(self, _: web.Request) -> web.Response:
        loaded = [] if self._window is None else [self._item()]
        more = {"size_vram": 0, "expires_at": "2318-01-01T00:00:00Z"}
        models = [one | more | {"context_length": self._window} for one in loaded]
        return web.json_response({"models": models})

    async def _show(self, _: web.Request) -> web.Response:
        architecture = self.family.architecture
        return web.json_response(
            {
                "parameters": "temperature 0.6",
                "template": self.family.told,
                "details": self._details(),
                "model_info": {
                    "general.architecture": architecture,
                    f"{architecture}.context_length": TRAINED,
                },
                "capabilities": ["completion", "tools"],
            }
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        window = body.get("options", {}).get("num_ctx", _SHORT)
        if window != self._window:
            self.forget()  # the model is loaded anew
            self._window = window
        if not body["messages"]:
            return web.json_response(_line(body, {}, done=True, done_reason="load"))
        prompt = self.family.prompt(body["messages"], body.get("tools") or ())
        if len(prompt) > window:
            if not body.get("shift", True):
                return web.json_response({"error": _TOO_LONG}, status=400)
            self.overflowed += 1
            prompt = prompt[:4] + prompt[-window // 2 :]
        return await self._answer(request, body, prompt)

    async def _answer(
        self, request: web.Request, body: Mapping[str, Any], prompt: list[int]
    ) -> web.StreamResponse:
        warm_up = body.get("options", {}).get("num_predict") in (0, 1)
        message = {"role": "assistant", "content": "."} if warm_up else self.model(body)
        written = self.family.generated(message)[: 1 if warm_up else None]
        cached = min(common(self._slot, prompt), len(prompt) - 1)
        self._slot = [*prompt, *written]
        head = len(self.family.head(body["messages"], body.get("tools") or ()))
        told = Request(warm_up, len(prompt), cached, len(written), head)
        self.requests.append(told)
        if not body.get("stream", True):
            return web.json_response(_line(body, message, **_timings(told)))
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for line in (
            _line(body, message),
            _line(body, {"role": "assistant", "content": ""}, **_timings(told)),
        ):
            await response.write(json.dumps(line).encode() + b"\n")
        await response.write_eof()
        return response


_TOO_LONG = (
    "the prompt is longer than the context length currently available to the model; shorten the "
    "prompt, adjust the context length in settings"
)


def _timings(request: Request) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": "stop",
        "total_duration": _SECOND,
        "load_duration": _SECOND // 100,
        "prompt_eval_count": request.prompt,
        "prompt_eval_duration": int(request.evaluated / READ * _SECOND),
        "eval_count": request.written,
        "eval_duration": int(request.written / WRITE * _SECOND),
    }


def _line(body: Mapping[str, Any], message: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    said = message or {"role": "assistant", "content": ""}
    created = datetime.now(UTC).isoformat()
    return {"model": body["model"], "created_at": created, "message": said, "done": False} | more
