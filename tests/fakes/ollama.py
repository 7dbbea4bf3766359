"""A stand-in for Ollama: its HTTP API with its real shapes, errors and streaming, on loopback.

It says what the test scripts, refuses what the real server refuses (a model it does not have, tools
or thinking on a model that cannot), records every request, and misbehaves on demand.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Any, Self

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

SECOND = 1_000_000_000


class Fault(Enum):
    """What goes wrong. REFUSED needs nobody here: stop the server."""

    UNAUTHORIZED = auto()
    NOT_FOUND = auto()
    NO_TOOLS = auto()
    OVERFLOW = auto()
    BUSY = auto()
    CRASHED = auto()
    HTML = auto()
    HTML_ERROR = auto()
    GARBAGE = auto()
    """A line that is not JSON; the faults from here on come after `after` chunks of a stream."""
    ERROR_LINE = auto()
    OVERSIZED = auto()
    STALLED = auto()
    CUT = auto()
    NO_DONE = auto()


STATUS = {
    Fault.UNAUTHORIZED: (401, {"error": "unauthorized"}),
    Fault.NOT_FOUND: (404, {"error": "model 'x' not found"}),
    Fault.NO_TOOLS: (400, {"error": "registry.ollama.ai/library/x:1b does not support tools"}),
    Fault.OVERFLOW: (
        400,
        {
            "error": "the prompt is longer than the context length currently available to the "
            "model; shorten the prompt, adjust the context length in settings"
        },
    ),
    Fault.BUSY: (
        503,
        {"error": "server busy, please try again.  maximum pending requests exceeded"},
    ),
    Fault.CRASHED: (500, {"error": "llama runner process has terminated: exit status 2"}),
}
# What breaks off in the middle, if it is to; with these, a fault is up to the answer.
STREAMS = ("/api/chat", "/api/pull", "/v1/chat/completions")
PAGE = "<html><body><h1>It works!</h1></body></html>"


@dataclass(frozen=True, kw_only=True)
class Model:
    """An installed model. `capabilities` as /api/tags lists them."""

    name: str
    capabilities: tuple[str, ...] = ("completion", "tools")
    size: int = 2_019_393_189
    family: str = "llama"
    parameter_size: str = "3.2B"
    context_length: int = 131_072
    template: str = "{{ .Prompt }}"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One scripted answer: thinking, then text chunk by chunk, then tool calls, then done."""

    content: tuple[str, ...] = ()
    thinking: tuple[str, ...] = ()
    tool_calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    fault: Fault | None = None
    after: int = 0


def say(*content: str, **more: Any) -> Reply:
    """Script an answer of these chunks."""
    return Reply(content=content, **more)


def call(name: str, /, **arguments: Any) -> Reply:
    """Script one tool call."""
    return Reply(tool_calls=((name, arguments),))


@dataclass(frozen=True)
class Recorded:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class FakeOllama:
    """The server.

    Attributes:
        script: chooses the answer to a chat from its body, once `replies` is used up.
        replies: answers to the next chats, in order.
        fault: what goes wrong with every request, or after that many requests no more.
        warmup_fault: what goes wrong with requests that only have a prompt read.
        embed_fault: what goes wrong with requests for vectors.
        near: texts whose vectors are those of other texts.
        load_seconds: how long a model takes to load.
        reading_seconds: how long a prompt takes to read.
        hung_up: set when the client left a request that stalled, or a download.
        pull_error: what a download ends with before its last layer, in the server's words.
        pull_seconds: how long each step of a download takes.
        arrived: bytes of the first layer of models that were not downloaded to the end.
        lists_capabilities: newer servers list them in /api/tags, older only in /api/show.
    """

    models: list[Model] = field(default_factory=lambda: [Model(name="llama3.2:3b")])
    version: Any = "0.20.2"
    script: Callable[[dict[str, Any]], Reply] = lambda _: say("All right.")
    replies: list[Reply] = field(default_factory=list)
    fault: Fault | None = None
    fault_times: int | None = None
    after: int = 0
    api_key: str | None = None
    warmup_fault: Fault | None = None
    embed_fault: Fault | None = None
    near: dict[str, str] = field(default_factory=dict)
    load_seconds: float = 0.0
    reading_seconds: float = 0.0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    pull_error: str | None = None
    pull_seconds: float = 0.0
    arrived: dict[str, int] = field(default_factory=dict)
    lists_capabilities: bool = True
    requests: list[Recorded] = field(default_factory=list)
    loaded: dict[str, int] = field(default_factory=dict)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = field(default_factory=unused_port)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Return the bodies of the chats so far, without those that only prepare the model."""
        return [body for body in self._all_chats if body["options"].get("num_predict") != 1]

    @property
    def warmups(self) -> list[dict[str, Any]]:
        """Return the bodies of the chats that only had the head of a prompt read."""
        return [body for body in self._all_chats if body["options"].get("num_predict") == 1]

    @property
    def _all_chats(self) -> list[dict[str, Any]]:
        return [r.body for r in self.requests if r.path == "/api/chat" and r.body["messages"]]

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.stop()

    async def start(self) -> None:
        """Listen, at the same address as before."""
        self._released.clear()
        app = web.Application(middlewares=[self._guard], client_max_size=1 << 26)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/", self._root),
            web.get("/api/version", self._version),
            web.get("/api/tags", self._tags),
            web.get("/api/ps", self._ps),
            web.post("/api/show", self._show),
            web.post("/api/chat", self._chat),
            web.post("/api/embed", self._embed),
            web.post("/api/pull", self._pull),
            web.delete("/api/delete", self._delete),
        ]

    async def stop(self) -> None:
        """Close; from now on connections are refused."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Record the request; check the key; do what goes wrong before an answer begins."""
        body = await request.json() if request.can_read_body else {}
        self.requests.append(Recorded(request.path, body, dict(request.headers)))
        if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return web.json_response({"error": "unauthorized"}, status=401)
        fault = self._take_fault()
        request["fault"], request["after"] = fault, self.after
        if answer := _wrong_answer(fault):
            return answer
        if fault is not None and request.path not in STREAMS:
            await self._go_wrong(fault, request)
            return web.Response(text="SSH-2.0-OpenSSH_9.6")
        response: web.StreamResponse = await handler(request)
        return response

    def _take_fault(self) -> Fault | None:
        if self.fault_times == 0:
            self.fault = None
        elif self.fault_times and self.fault:
            self.fault_times -= 1
        return self.fault

    async def _go_wrong(self, fault: Fault, request: web.Request) -> bytes:
        """Stall or hang up, else return what is sent instead of the next line."""
        match fault:
            case Fault.STALLED:
                self.stalled.set()
                await self._stall(request)
            case Fault.CUT if request.transport:
                request.transport.abort()
            case Fault.GARBAGE:
                return b"\x00\xff not json\n"
            case Fault.ERROR_LINE:
                return b'{"error":"an error was encountered while running the model"}\n'
            case Fault.OVERSIZED:
                return b'{"message":{"content":"' + b"x" * (2 << 20) + b'"},"done":false}\n'
        return b""

    async def _take(self, seconds: float) -> None:
        """Work for some time, or until the server stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), seconds)

    async def _stall(self, request: web.Request) -> None:
        """Wait until the server stops or the client has left."""
        while not self._released.is_set():
            if request.transport is None or request.transport.is_closing():
                self.hung_up.set()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._released.wait(), 0.02)

    async def _root(self, _: web.Request) -> web.Response:
        return web.Response(text="Ollama is running")

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": self.version})

    async def _tags(self, _: web.Request) -> web.Response:
        return web.json_response({"models": [self._item(model) for model in self.models]})

    def _item(self, model: Model) -> dict[str, Any]:
        item = {
            "name": model.name,
            "model": model.name,
            "modified_at": "2026-10-01T12:00:00.123456789+02:00",
            "size": model.size,
            "digest": sha256(model.name.encode()).hexdigest(),
            "details": _details(model),
        }
        if self.lists_capabilities:
            item["details"] |= {"context_length": model.context_length, "embedding_length": 3072}
            item["capabilities"] = list(model.capabilities)
        return item

    async def _ps(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "models": [
                    self._item(model)
                    | {
                        "size_vram": model.size,
                        "expires_at": "2318-01-01T00:00:00Z",
                        "context_length": self.loaded[model.name],
                    }
                    for model in self.models
                    if model.name in self.loaded
                ]
            }
        )

    async def _show(self, request: web.Request) -> web.Response:
        model = self._find(await request.json())
        if model is None:
            return self._missing(await request.json())
        return web.json_response(
            {
                "parameters": "temperature 0.6",
                "template": model.template,
                "details": _details(model),
                "model_info": {
                    "general.architecture": model.family,
                    f"{model.family}.context_length": model.context_length,
                },
                "capabilities": list(model.capabilities),
                "modified_at": "2026-10-01T12:00:00Z",
            }
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refusal := self._refusal(body):
            return refusal
        if not body["messages"]:
            await self._take(self.load_seconds)
            return self._load(body)
        self.loaded[body["model"]] = body["options"].get("num_ctx", 4096)
        await self._take(self.reading_seconds)
        if body["options"].get("num_predict") == 1:
            reply = say("I", fault=self.warmup_fault)
        else:
            reply = self.replies.pop(0) if self.replies else self.script(body)
        chunks = _chunks(reply, body, self._find(body))
        fault, after = request["fault"], request["after"]
        if fault is None:
            fault, after = reply.fault, reply.after
        if answer := _wrong_answer(fault):
            return answer
        return await self._stream(request, chunks, fault, after)

    def _refusal(self, body: dict[str, Any]) -> web.Response | None:
        model = self._find(body)
        if model is None:
            return self._missing(body)
        if body.get("tools") and "tools" not in model.capabilities:
            error = f"registry.ollama.ai/library/{model.name} does not support tools"
        elif body.get("think") and "thinking" not in model.capabilities:
            error = f'"{model.name}" does not support thinking'
        else:
            return None
        return web.json_response({"error": error}, status=400)

    def _load(self, body: dict[str, Any]) -> web.Response:
        reason = "unload" if body.get("keep_alive") in (0, "0s") else "load"
        if reason == "load":
            self.loaded[body["model"]] = body["options"].get("num_ctx", 4096)
        else:
            self.loaded.pop(body["model"], None)
        message = {"role": "assistant", "content": ""}
        return web.json_response(_line(body, message, done=True, done_reason=reason))

    async def _stream(
        self,
        request: web.Request,
        chunks: Iterable[dict[str, Any]],
        fault: Fault | None,
        after: int,
        seconds: float = 0.0,
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        # Like the real server: nothing is sent, headers neither, before the first chunk is there.
        for number, chunk in enumerate(chunks):
            await self._take(seconds)
            if fault is not None and number == after:
                if fault is Fault.NO_DONE:
                    break
                wrong = await self._go_wrong(fault, request)
                if fault in (Fault.STALLED, Fault.CUT):
                    return response
                await _send(response, request, wrong)
            await _send(response, request, web.json_response(chunk).text.encode() + b"\n")
        if not response.prepared:
            await response.prepare(request)
        await response.write_eof()
        return response

    async def _embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self._find(body) is None:
            return self._missing(body)
        if self.embed_fault:
            await self._go_wrong(self.embed_fault, request)
            return web.Response(text="not JSON")
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        return web.json_response(
            {
                "model": body["model"],
                "embeddings": [_vector(self.near.get(text, text)) for text in texts],
                "total_duration": SECOND,
                "load_duration": 0,
                "prompt_eval_count": sum(len(text.split()) for text in texts),
            }
        )

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        name = (await request.json())["model"]
        fault, after = request["fault"], request["after"]
        try:
            return await self._stream(request, self._pulled(name), fault, after, self.pull_seconds)
        except ConnectionResetError:
            self.hung_up.set()
            raise

    def _pulled(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of a download; before the last one the model is there."""
        begun = self.arrived.get(name, 0)
        yield {"status": "pulling manifest"}
        for done in (0, 500, 1000):
            if done >= begun:
                yield _layer(name, 1000, done)
                self.arrived[name] = 500
        if self.pull_error:
            yield {"error": self.pull_error}
            return
        yield _layer(f"{name} license", 10, 10)
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        del self.arrived[name]
        self.models.append(Model(name=name))
        yield {"status": "success"}

    async def _delete(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (model := self._find(body)) is None:
            return self._missing(body)
        self.models.remove(model)
        return web.Response()

    def _find(self, body: dict[str, Any]) -> Model | None:
        return next((model for model in self.models if model.name == body["model"]), None)

    def _missing(self, body: dict[str, Any]) -> web.Response:
        return web.json_response({"error": f"model '{body['model']}' not found"}, status=404)


def _wrong_answer(fault: Fault | None) -> web.Response | None:
    """Return what comes instead of an answer, for the faults that are a whole response."""
    if fault in (Fault.HTML, Fault.HTML_ERROR):
        status = 200 if fault is Fault.HTML else 502
        return web.Response(text=PAGE, content_type="text/html", status=status)
    if fault not in STATUS:
        return None
    status, answer = STATUS[fault]
    return web.json_response(answer, status=status)


async def _send(response: web.StreamResponse, request: web.Request, data: bytes) -> None:
    if not response.prepared:
        await response.prepare(request)
    await response.write(data)


def _details(model: Model) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": model.family,
        "families": [model.family],
        "parameter_size": model.parameter_size,
        "quantization_level": "Q4_K_M",
    }


def _layer(name: str, total: int, completed: int) -> dict[str, Any]:
    """Return the progress of a layer; before it has begun the real server does not say how far."""
    digest = f"sha256:{sha256(name.encode()).hexdigest()}"
    line = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": total}
    return line | ({"completed": completed} if completed else {})


def _vector(text: str) -> list[float]:
    """Return a vector of length one that depends on the text alone."""
    values = [byte - 127.5 for byte in sha256(text.encode()).digest()]
    norm = sum(value * value for value in values) ** 0.5
    return [value / norm for value in values]


def _chunks(reply: Reply, body: dict[str, Any], model: Model | None) -> list[dict[str, Any]]:
    """Return the lines of a stream: thinking only if the model can and was not told not to."""
    messages: list[dict[str, Any]] = []
    if model and "thinking" in model.capabilities and body.get("think", True):
        messages += [{"content": "", "thinking": text} for text in reply.thinking]
    messages += [{"content": text} for text in reply.content]
    if reply.tool_calls:
        calls = [
            {
                "id": f"call_{index:08x}",
                "function": {"index": index, "name": name, "arguments": arguments},
            }
            for index, (name, arguments) in enumerate(reply.tool_calls)
        ]
        messages.append({"content": "", "tool_calls": calls})
    lines = [_line(body, {"role": "assistant"} | message, done=False) for message in messages]
    prompt = sum(len(str(message["content"])) for message in body["messages"]) // 4
    return [
        *lines,
        _line(
            body,
            {"role": "assistant", "content": ""},
            done=True,
            done_reason="stop",
            total_duration=2 * SECOND,
            load_duration=SECOND // 10,
            prompt_eval_count=prompt,
            prompt_eval_duration=SECOND,
            eval_count=len(messages),
            eval_duration=SECOND // 2,
        ),
    ]


def _line(body: dict[str, Any], message: dict[str, Any], **more: Any) -> dict[str, Any]:
    created = datetime.now(UTC).isoformat()
    return {"model": body["model"], "created_at": created, "message": message} | more


@pytest.fixture
async def ollama(socket_enabled: None) -> AsyncGenerator[FakeOllama]:  # noqa: ARG001
    """Run a stand-in for Ollama."""
    async with FakeOllama() as server:
        yield server
