"""The OpenAI-compatible backend against a server on loopback: shapes, deadlines, every fault."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.local_assist.backends import openai_compatible as backend_module
from custom_components.local_assist.backends.base import (
    ChatRequest,
    Content,
    Deadlines,
    Delta,
    Done,
    Message,
    Thinking,
    ToolCall,
    ToolRequest,
)
from custom_components.local_assist.backends.openai_compatible import OpenAIBackend
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendBusyError,
    BackendError,
    BackendRefusedError,
    BackendRejectedError,
    BackendServerError,
    BackendStreamError,
    BackendTimeoutError,
    ContextOverflowError,
    ModelNotFoundError,
    ModelUnsuitableError,
    NotOpenAIError,
)
from tests.fakes.ollama import Fault, Model, Reply, say
from tests.fakes.openai_api import FakeOpenAI

MODEL = "llama3.2:3b"
HELLO = ChatRequest(model=MODEL, messages=(Message(role="user", content="Hello"),))
TOOL = {"type": "function", "function": {"name": "x__Set", "parameters": {"type": "object"}}}


def hello(fault: Fault) -> ChatRequest:
    """Return a request that does not wait long for a server that stalls."""
    hasty = Deadlines(first_token=0.5, gap=0.5)
    return replace(HELLO, deadlines=hasty) if fault is Fault.STALLED else HELLO


@pytest.fixture
async def backend(openai_server: FakeOpenAI) -> AsyncGenerator[OpenAIBackend]:
    """Return the backend of the stand-in."""
    async for backend in opened(openai_server.url):
        yield backend


async def opened(url: str, api_key: str | None = None) -> AsyncGenerator[OpenAIBackend]:
    """Return a backend, and close it in the end."""
    backend = OpenAIBackend(url, api_key, name="Shed", verify=False)
    yield backend
    await backend.close()
    # httpx leaves unfinished generators to the garbage collector, which closes them a little later.
    await asyncio.sleep(0.01)


def serving(answer: object, status: int = 200) -> TestServer:
    """Return a server that gives everybody the same JSON."""

    async def respond(_: web.Request) -> web.Response:
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", respond)
    return TestServer(app)


async def collect(backend: OpenAIBackend, request: ChatRequest = HELLO) -> list[Delta]:
    """Return everything a chat streams."""
    return [delta async for delta in backend.chat(request)]


async def test_models(openai_server: FakeOpenAI, backend: OpenAIBackend):
    """The names, in the server's order."""
    openai_server.models = [Model(name="qwen3:4b"), Model(name="gemma3:4b")]
    assert await backend.models() == ["qwen3:4b", "gemma3:4b"]
    await backend.health()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, BackendAuthError),
        (Fault.HTML, NotOpenAIError),
        (Fault.HTML_ERROR, BackendServerError),
        (Fault.GARBAGE, NotOpenAIError),
        (Fault.CUT, NotOpenAIError),
        (Fault.STALLED, BackendTimeoutError),
        (Fault.BUSY, BackendBusyError),
    ],
)
async def test_health_says_why_there_is_no_such_server(
    openai_server: FakeOpenAI,
    backend: OpenAIBackend,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fault: Fault,
    error: type[BackendError],
):
    """Each way of not being a usable server has its own error, and passes."""
    openai_server.fault = fault
    if fault is Fault.STALLED:
        monkeypatch.setattr(backend_module, "ANSWER_TIMEOUT", 0.5)
    with pytest.raises(error) as caught:
        await backend.health()
    assert caught.value.placeholders["server"] == "Shed"
    monkeypatch.undo()
    openai_server.fault = None
    await backend.health()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("answer", [None, 3, "hello", {}, {"data": 3}, {"data": [{"name": "x"}]}])
async def test_a_list_of_the_wrong_shape_is_not_the_api(answer: object):
    """JSON alone does not make such a server."""
    async with serving(answer) as server:
        async for backend in opened(str(server.make_url("/"))):
            with pytest.raises(NotOpenAIError):
                await backend.health()


async def test_a_redirect_is_not_followed(openai_server: FakeOpenAI):
    """Nobody can send the house's words elsewhere."""
    app = web.Application()

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"{openai_server.url}{request.path}")

    app.router.add_route("*", "/{path:.*}", away)
    async with TestServer(app) as server:
        async for backend in opened(str(server.make_url("/v1"))):
            with pytest.raises(NotOpenAIError):
                await backend.health()
            with pytest.raises(NotOpenAIError):
                await collect(backend)
    assert openai_server.requests == []


def test_a_client_imports_nothing_more():
    """The executor has imported all of it, so that the event loop need not."""
    code = f"""
import sys
from {backend_module.__name__} import OpenAIBackend
before = set(sys.modules)
OpenAIBackend("http://127.0.0.1:1", name="Shed", verify=False)
sys.exit(" ".join(set(sys.modules) - before) or 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_nobody_listens(openai_server: FakeOpenAI, backend: OpenAIBackend):
    """Every call says that the connection was refused."""
    await openai_server.stop()
    for work in (backend.models(), collect(backend)):
        with pytest.raises(BackendRefusedError):
            await work


@pytest.mark.parametrize("url", ["http://[::1", "http://host:99999", "ftp://127.0.0.1"])
async def test_an_address_that_is_none_is_refused_in_words(url: str):
    """A broken address is an error of ours, not of a library."""
    with pytest.raises(NotOpenAIError):
        await OpenAIBackend(url, name="Shed", verify=False).models()


async def test_nothing_of_the_environment_is_sent(
    openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
):
    """Neither keys nor addresses nor proxies leak in, nor does what machine this is leak out."""
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "secret-of-the-cloud")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: 1\nAuthorization: Bearer secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    openai_server.api_key = "ours"
    async for backend in opened(openai_server.url):
        with pytest.raises(BackendAuthError):
            await backend.models()
    async for backend in opened(openai_server.url, "ours"):
        assert await backend.models() == [MODEL]
        await collect(backend)
    without, listing, chat = (set(request.headers) for request in openai_server.requests)
    assert {name.lower() for name in without} == {"host", "accept", "connection"}
    assert listing - without == {"Authorization"}
    assert {name.lower() for name in chat - listing} == {"content-length", "content-type"}


async def test_a_streamed_reply(openai_server: FakeOpenAI, backend: OpenAIBackend):
    """Thinking, text, tool calls put together and figures arrive in order."""
    calls = (("x__Do", {"n": 1, "where": "Küche"}), ("x__Stop", {}))
    openai_server.replies = [Reply(thinking=("Hm.",), content=("Good ", "day"), tool_calls=calls)]
    *deltas, done = await collect(backend)
    assert deltas == [
        Thinking("Hm."),
        Content("Good "),
        Content("day"),
        *(ToolRequest(*call) for call in calls),
    ]
    assert isinstance(done, Done)
    assert (done.reason, done.prompt_tokens, done.cached_tokens) == ("tool_calls", 1, 1)
    assert done.reply_tokens > 5


async def test_a_server_without_figures(openai_server: FakeOpenAI, backend: OpenAIBackend):
    """The reply is whole without them."""
    openai_server.figures = False
    assert await collect(backend) == [Content("All right."), Done(reason="stop")]


async def test_the_whole_request_reaches_the_server(
    openai_server: FakeOpenAI, backend: OpenAIBackend
):
    """Options in the words of this API; images and calls in its shapes."""
    openai_server.models = [Model(name=MODEL, capabilities=("completion", "tools", "thinking"))]
    messages = (
        Message(role="user", content="Look", images=("iVBORw0=",)),
        Message(
            role="assistant",
            thinking="Hm.",
            tool_calls=(ToolCall(id="01A", name="x__Set", arguments={"n": 3}),),
        ),
        Message(role="tool", content="{}", tool_name="x__Set", tool_call_id="01A"),
    )
    options = {"num_ctx": 4096, "num_predict": 9, "temperature": 0.5, "repeat_penalty": 1.1}
    request = replace(
        HELLO,
        messages=messages,
        tools=(TOOL,),
        options=options,
        think="low",
        keep_alive=60,
        format={"type": "object"},
    )
    await collect(backend, request)
    assert openai_server.completions[-1] == {
        "model": MODEL,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 9,
        "repeat_penalty": 1.1,
        "repetition_penalty": 1.1,
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}},
        },
        "tools": [TOOL],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}},
                ],
            },
            {
                "role": "assistant",
                "content": "",
                "reasoning_content": "Hm.",
                "tool_calls": [
                    {
                        "id": "01A",
                        "type": "function",
                        "function": {"name": "x__Set", "arguments": '{"n": 3}'},
                    }
                ],
            },
            {"role": "tool", "content": "{}", "tool_call_id": "01A"},
        ],
    }


async def test_a_server_that_refuses_what_it_does_not_know(
    openai_server: FakeOpenAI, backend: OpenAIBackend
):
    """It is asked once more without, and from then on at once without."""
    openai_server.refuses = frozenset({"top_k", "max_tokens", "chat_template_kwargs"})
    request = replace(HELLO, options={"top_k": 40, "num_predict": 9}, think=False, tools=(TOOL,))
    for _ in range(2):
        deltas = await collect(backend, request)
        assert deltas[0] == Content("All right.")
    full, *plain = openai_server.completions
    assert full["top_k"] == 40
    assert [set(body) for body in plain] == [{"model", "messages", "stream", "tools"}] * 2


async def test_a_server_that_refuses_all_the_same(
    openai_server: FakeOpenAI, backend: OpenAIBackend
):
    """Its words are told, and the next request is a full one again."""
    openai_server.refuses = frozenset({"model"})
    for _ in range(2):
        with pytest.raises(ModelUnsuitableError) as caught:
            await collect(backend)
        assert "'model' is not supported" in caught.value.placeholders["message"]
    assert ["stream_options" in body for body in openai_server.completions] == [True, False] * 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, BackendAuthError),
        (Fault.NOT_FOUND, ModelNotFoundError),
        (Fault.NO_TOOLS, ModelUnsuitableError),
        (Fault.OVERFLOW, ContextOverflowError),
        (Fault.BUSY, BackendBusyError),
        (Fault.CRASHED, BackendServerError),
        (Fault.HTML, NotOpenAIError),
        (Fault.HTML_ERROR, BackendServerError),
        (Fault.STALLED, BackendTimeoutError),
        (Fault.CUT, BackendStreamError),
    ],
)
async def test_a_chat_that_never_begins(
    openai_server: FakeOpenAI, backend: OpenAIBackend, fault: Fault, error: type[BackendError]
):
    """What goes wrong before the first chunk is told apart."""
    openai_server.fault = fault
    with pytest.raises(error) as caught:
        await collect(backend, hello(fault))
    assert "server" in caught.value.placeholders
    openai_server.fault = None
    assert await collect(backend)


@pytest.fixture
def _short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_module, "MAX_ANSWER_BYTES", 1 << 20)


@pytest.mark.usefixtures("_short_answers")
@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.GARBAGE, BackendStreamError),
        (Fault.OVERSIZED, BackendStreamError),
        (Fault.ERROR_LINE, BackendServerError),
        (Fault.STALLED, BackendTimeoutError),
        (Fault.CUT, BackendStreamError),
        (Fault.NO_DONE, BackendStreamError),
    ],
)
async def test_a_chat_that_breaks_off(
    openai_server: FakeOpenAI,
    backend: OpenAIBackend,
    fault: Fault,
    error: type[BackendError],
    after: int,
):
    """After any number of chunks, what came is handed on and the end is an error."""
    openai_server.replies = [say("one", "two", "three", fault=fault, after=after)]
    received: list[Delta] = []

    async def receive() -> None:
        async for delta in backend.chat(hello(fault)):
            received.append(delta)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(error):
        await receive()
    sent = [Content("one"), Content("two"), Content("three")][:after]
    # A connection that is reset may take what was not read yet with it.
    assert received == (sent[: len(received)] if fault is Fault.CUT else sent)
    assert await collect(backend)


@pytest.mark.parametrize("after", range(6))
async def test_a_call_that_is_cut_is_not_handed_on(
    openai_server: FakeOpenAI, backend: OpenAIBackend, after: int
):
    """Nothing is done on half a word, nor before the reply is known to be whole."""
    openai_server.replies = [
        Reply(tool_calls=(("x__Do", {"where": "Küche"}),), fault=Fault.CUT, after=after)
    ]
    with pytest.raises(BackendStreamError):
        await collect(backend)


async def test_a_long_call_is_no_silence(openai_server: FakeOpenAI, backend: OpenAIBackend):
    """While its arguments come in, the model is at work; only a gap is one."""
    openai_server.replies = [Reply(tool_calls=(("x__Do", {"a": "b" * 40}),), fault=Fault.STALLED)]
    openai_server.replies[0] = replace(openai_server.replies[0], after=8)
    async with asyncio.timeout(20):
        with pytest.raises(BackendTimeoutError):
            await collect(backend, replace(HELLO, deadlines=Deadlines(first_token=30, gap=0.5)))


@pytest.mark.usefixtures("socket_enabled")
async def test_what_the_server_says_is_told():
    """A refusal that nothing else explains carries the server's words."""
    error = {"error": {"message": "Only  one\nsystem message, please", "code": 400}}
    async with serving(error, status=400) as server:
        async for backend in opened(str(server.make_url("/api"))):
            with pytest.raises(BackendRejectedError) as caught:
                await collect(backend)
    assert caught.value.placeholders["message"] == "Only one system message, please"


async def test_a_model_that_is_not_there(backend: OpenAIBackend):
    """The error names the model and the server."""
    with pytest.raises(ModelNotFoundError) as caught:
        await collect(backend, replace(HELLO, model="none:1b"))
    assert caught.value.placeholders == {"server": "Shed", "model": "none:1b"}


async def test_a_reader_that_leaves_closes_the_stream(
    openai_server: FakeOpenAI, backend: OpenAIBackend
):
    """The next chat does not wait for the one nobody reads."""
    openai_server.replies = [say("one", "two", fault=Fault.STALLED, after=1)]
    stream = backend.chat(HELLO)
    assert await anext(stream) == Content("one")
    await stream.aclose()
    assert await collect(backend)
