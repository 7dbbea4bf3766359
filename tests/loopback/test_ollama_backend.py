"""The Ollama backend against a server on loopback: shapes, deadlines, and every fault."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from custom_components.local_assist.backends import ollama as backend_module
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
from custom_components.local_assist.backends.ollama import OllamaBackend, OllamaModel
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendBusyError,
    BackendError,
    BackendRefusedError,
    BackendServerError,
    BackendStreamError,
    BackendTimeoutError,
    ContextOverflowError,
    ModelNotFoundError,
    ModelUnsuitableError,
    NotOllamaError,
)
from tests.fakes.ollama import FakeOllama, Fault, Model, Reply, say

MODEL = "llama3.2:3b"
HELLO = ChatRequest(
    model=MODEL,
    messages=(Message(role="user", content="Hello"),),
    deadlines=Deadlines(first_token=0.2, gap=0.2),
)


@pytest.fixture(autouse=True)
def _short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_module, "ANSWER_TIMEOUT", 0.2)


@pytest.fixture
async def backend(ollama: FakeOllama) -> AsyncGenerator[OllamaBackend]:
    """Return the backend of the stand-in."""
    backend = OllamaBackend(ollama.url, verify=False)
    yield backend
    await backend.close()
    # httpx leaves unfinished generators to the garbage collector, which closes them a little later.
    await asyncio.sleep(0.01)


async def collect(backend: OllamaBackend, request: ChatRequest = HELLO) -> list[Delta]:
    """Return everything a chat streams."""
    return [delta async for delta in backend.chat(request)]


async def test_version(backend: OllamaBackend):
    """The version is what the server says it is."""
    assert await backend.version() == "0.20.2"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, BackendAuthError),
        (Fault.HTML, NotOllamaError),
        (Fault.HTML_ERROR, BackendServerError),
        (Fault.GARBAGE, NotOllamaError),
        (Fault.CUT, NotOllamaError),
        (Fault.STALLED, BackendTimeoutError),
        (Fault.BUSY, BackendBusyError),
    ],
)
async def test_version_says_why_there_is_no_ollama(
    ollama: FakeOllama, backend: OllamaBackend, fault: Fault, error: type[BackendError]
):
    """Each way of not being a usable Ollama has its own error, and passes."""
    ollama.fault = fault
    with pytest.raises(error):
        await backend.version()
    ollama.fault = None
    assert await backend.version()


@pytest.mark.parametrize("answer", [None, 3, {"a": 1}])
async def test_a_version_of_the_wrong_shape_is_not_ollama(
    ollama: FakeOllama, backend: OllamaBackend, answer: object
):
    """JSON alone does not make an Ollama."""
    ollama.version = answer
    with pytest.raises(NotOllamaError):
        await backend.health()


async def test_nobody_listens(ollama: FakeOllama, backend: OllamaBackend):
    """Every call says that the connection was refused."""
    await ollama.stop()
    with pytest.raises(BackendRefusedError):
        await backend.version()
    with pytest.raises(BackendRefusedError):
        await collect(backend)
    with pytest.raises(BackendRefusedError):
        await backend.prepare(HELLO)


@pytest.mark.parametrize("url", ["http://[::1", "http://host:99999", "ftp://127.0.0.1"])
async def test_an_address_that_is_none_is_refused_in_words(url: str):
    """A broken address is an error of ours, not of a library."""
    with pytest.raises(NotOllamaError):
        await OllamaBackend(url, verify=False).version()


async def test_the_key_is_ours_and_never_the_environments(
    ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
):
    """Neither keys nor addresses nor proxies leak in from the environment."""
    monkeypatch.setenv("OLLAMA_API_KEY", "secret-of-the-cloud")
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ollama.api_key = "ours"
    backend = OllamaBackend(ollama.url, verify=False)
    with pytest.raises(BackendAuthError):
        await backend.version()
    assert "Authorization" not in ollama.requests[-1].headers
    await backend.close()
    backend = OllamaBackend(ollama.url, "ours", verify=False)
    assert await backend.version()
    await backend.close()


@pytest.mark.parametrize("lists_capabilities", [True, False])
async def test_models(ollama: FakeOllama, backend: OllamaBackend, lists_capabilities: bool):
    """Older servers tell the capabilities in /api/show only; the answer is the same."""
    ollama.lists_capabilities = lists_capabilities
    ollama.models = [
        Model(name="qwen3:4b", capabilities=("completion", "tools", "thinking"), family="qwen3"),
        Model(name="gemma3:4b", capabilities=("completion", "vision"), size=7),
    ]
    gemma, qwen = await backend.models()
    assert gemma == OllamaModel(
        name="gemma3:4b",
        size=7,
        family="llama",
        parameter_size="3.2B",
        capabilities=frozenset({"completion", "vision"}),
        context_length=131_072,
        quantization="Q4_K_M",
    )
    assert qwen.name == "qwen3:4b"
    assert "thinking" in qwen.capabilities


async def test_a_streamed_reply(ollama: FakeOllama, backend: OllamaBackend):
    """Thinking, text, tool calls and figures arrive in order."""
    ollama.models = [Model(name=MODEL, capabilities=("completion", "tools", "thinking"))]
    ollama.replies = [
        Reply(thinking=("Hm.",), content=("Good ", "day"), tool_calls=(("x__Do", {"n": 1}),))
    ]
    *deltas, done = await collect(backend)
    assert deltas == [
        Thinking("Hm."),
        Content("Good "),
        Content("day"),
        ToolRequest("x__Do", {"n": 1}),
    ]
    assert isinstance(done, Done)
    assert (done.reason, done.reply_tokens, done.prompt_seconds) == ("stop", 4, 1.0)


async def test_the_whole_request_reaches_the_server(ollama: FakeOllama, backend: OllamaBackend):
    """Nothing is lost on the way: schema keys, ids, images; overflow is an error."""
    tool = {
        "type": "function",
        "function": {
            "name": "x__Set",
            "description": "Sets it.",
            "parameters": {
                "type": "object",
                "properties": {"n": {"anyOf": [{"type": "integer", "maximum": 9}]}},
                "additionalProperties": False,
            },
        },
    }
    messages = (
        Message(role="user", content="Look", images=("aGk=",)),
        Message(
            role="assistant",
            thinking="Hm.",
            tool_calls=(ToolCall(id="01A", name="x__Set", arguments={"n": 3}),),
        ),
        Message(role="tool", content="{}", tool_name="x__Set", tool_call_id="01A"),
    )
    await collect(
        backend,
        ChatRequest(
            model=MODEL,
            messages=messages,
            tools=(tool,),
            options={"num_ctx": 4096},
            think=False,
            keep_alive=60,
            format={"type": "object"},
        ),
    )
    assert ollama.requests[-1].body == {
        "model": MODEL,
        "stream": True,
        "shift": False,
        "keep_alive": "60s",
        "think": False,
        "format": {"type": "object"},
        "options": {"num_ctx": 4096},
        "tools": [tool],
        "messages": [
            {"role": "user", "content": "Look", "images": ["aGk="]},
            {
                "role": "assistant",
                "content": "",
                "thinking": "Hm.",
                "tool_calls": [
                    {"id": "01A", "function": {"name": "x__Set", "arguments": {"n": 3}}}
                ],
            },
            {"role": "tool", "content": "{}", "tool_name": "x__Set", "tool_call_id": "01A"},
        ],
    }


async def test_prepare_loads_with_the_same_options(ollama: FakeOllama, backend: OllamaBackend):
    """Other options, or another `shift`, would load the model a second time."""
    request = ChatRequest(model=MODEL, messages=HELLO.messages, options={"num_ctx": 2048})
    await backend.prepare(request)
    assert ollama.loaded == {MODEL: 2048}
    await collect(backend, request)
    load, chat = (recorded.body for recorded in ollama.requests)
    assert [load[key] for key in ("model", "options", "shift", "keep_alive")] == [
        chat[key] for key in ("model", "options", "shift", "keep_alive")
    ]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, BackendAuthError),
        (Fault.NOT_FOUND, ModelNotFoundError),
        (Fault.NO_TOOLS, ModelUnsuitableError),
        (Fault.OVERFLOW, ContextOverflowError),
        (Fault.BUSY, BackendBusyError),
        (Fault.CRASHED, BackendServerError),
        (Fault.HTML, NotOllamaError),
        (Fault.HTML_ERROR, BackendServerError),
        (Fault.STALLED, BackendTimeoutError),
        (Fault.CUT, BackendStreamError),
    ],
)
async def test_a_chat_that_never_begins(
    ollama: FakeOllama, backend: OllamaBackend, fault: Fault, error: type[BackendError]
):
    """What goes wrong before the first chunk is told apart."""
    ollama.fault = fault
    with pytest.raises(error):
        await collect(backend)
    ollama.fault = None
    assert await collect(backend)


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
    ollama: FakeOllama, backend: OllamaBackend, fault: Fault, error: type[BackendError], after: int
):
    """After any number of chunks, what came is handed on and the end is an error."""
    ollama.replies = [say("one", "two", "three", fault=fault, after=after)]
    received: list[Delta] = []

    async def receive() -> None:
        async for delta in backend.chat(HELLO):
            received.append(delta)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(error):
        await receive()
    assert received == [Content("one"), Content("two"), Content("three")][:after]
    assert await collect(backend)


async def test_models_in_memory(backend: OllamaBackend):
    """What is loaded, with the window it really got."""
    assert await backend.loaded(MODEL) == {}
    await backend.prepare(replace(HELLO, options={"num_ctx": 2048}))
    assert await backend.loaded(MODEL) == {MODEL: 2048}


async def test_a_closed_backend_is_gone(backend: OllamaBackend):
    """What still wants something of it hears so."""
    await backend.close()
    with pytest.raises(BackendRefusedError):
        await collect(backend)


async def test_a_model_that_is_not_there(backend: OllamaBackend):
    """The error names the model."""
    with pytest.raises(ModelNotFoundError) as caught:
        await collect(backend, ChatRequest(model="none:1b", messages=HELLO.messages))
    assert caught.value.placeholders == {"server": "Ollama", "model": "none:1b"}


async def test_a_reader_that_leaves_closes_the_stream(ollama: FakeOllama, backend: OllamaBackend):
    """The next chat does not wait for the one nobody reads."""
    ollama.replies = [say("one", "two", fault=Fault.STALLED, after=1)]
    stream = backend.chat(HELLO)
    assert await anext(stream) == Content("one")
    await stream.aclose()
    assert await collect(backend)
