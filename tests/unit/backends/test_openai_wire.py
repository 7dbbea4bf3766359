"""The dialects of the OpenAI-compatible API: how servers stream, count and complain."""

import json
from typing import Any

import pytest

from custom_components.local_assist.backends.address import in_house, openai_base
from custom_components.local_assist.backends.base import (
    ChatRequest,
    Content,
    Delta,
    Done,
    Message,
    Thinking,
    ToolRequest,
)
from custom_components.local_assist.backends.openai_wire import Reply, chat_body, failure
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendBusyError,
    BackendError,
    BackendRejectedError,
    BackendServerError,
    BackendStreamError,
    ContextOverflowError,
    ModelNotFoundError,
    ModelUnsuitableError,
    NotOpenAIError,
)

END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}


def chunk(**delta: Any) -> dict[str, Any]:
    """Return a chunk with this delta."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def part(arguments: Any, *, name: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a chunk with a piece of a tool call."""
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return chunk(tool_calls=[{"function": function} | more])


def read(*chunks: object) -> list[Delta]:
    """Return all that comes out of a stream of these."""
    reply = Reply()
    deltas = [delta for item in chunks for delta in reply.feed(item)]
    assert reply.finished
    return deltas + reply.end()


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_thoughts_have_two_names(key: str):
    """Both are thoughts; what is null or empty is nothing."""
    start = chunk(role="assistant", content=None, tool_calls=None)
    assert read(start, chunk(**{key: "Hm."}), chunk(content=""), chunk(content="Yes."), END) == [
        Thinking("Hm."),
        Content("Yes."),
        Done(reason="tool_calls"),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        # OpenAI, llama.cpp, LM Studio
        [
            part("", name="a", index=0, id="1"),
            part('{"n"', index=0),
            part(": 1}", index=0),
            part('{"m":', name="b", index=1, id="2"),
            part(" 2}", index=1),
        ],
        # pieces that take turns
        [
            part('{"n"', name="a", index=0, id="1"),
            part('{"m"', name="b", index=1, id="2"),
            part(": 1}", index=0),
            part(": 2}", index=1),
        ],
        # whole calls, every one the first
        [
            part('{"n": 1}', name="a", index=0, id="1"),
            part('{"m": 2}', name="b", index=0, id="2"),
        ],
        # whole calls without an index, then in pieces
        [part('{"n": 1}', name="a", id="1"), part('{"m": 2}', name="b", id="2")],
        [
            part('{"n": ', name="a", id="1"),
            part("1}"),
            part('{"m": ', name="b", id="2"),
            part("2}"),
        ],
        # an id and a name with each piece, another id with each piece
        [
            part('{"n"', name="a", index=0, id="1"),
            part(": 1}", name="a", index=0, id="1"),
            part('{"m"', name="b", index=1, id="2"),
            part(": 2}", index=1, id="3"),
        ],
        # arguments that are JSON already
        [part({"n": 1}, name="a", index=0), part({"m": 2}, name="b", index=1)],
    ],
)
def test_calls_are_put_together(parts: list[dict[str, Any]]):
    """However a server cuts them up, the calls are the same."""
    *calls, _ = read(*parts, END)
    assert calls == [ToolRequest("a", {"n": 1}), ToolRequest("b", {"m": 2})]


@pytest.mark.parametrize(
    ("arguments", "expected"), [("", {}), (" ", {}), (None, {}), ('{"t": "a\nb"}', {"t": "a\nb"})]
)
def test_arguments_read_leniently(arguments: Any, expected: dict[str, Any]):
    """None at all, and a line break as it is."""
    assert read(part(arguments, name="a", index=0), END)[0] == ToolRequest("a", expected)


@pytest.mark.parametrize("arguments", ['{"n": 1', "[1]", "3", "turn it on", "[" * 100_000])
def test_arguments_that_are_none(arguments: str):
    """Nothing is guessed of what to do in the house."""
    with pytest.raises(BackendStreamError):
        read(part(arguments, name="a", index=0), END)


def test_a_call_without_a_name():
    """It calls nothing."""
    with pytest.raises(BackendStreamError):
        read(part("{}", index=0), END)


@pytest.mark.parametrize(
    "wrong",
    [
        3,
        None,
        "text",
        [],
        {},
        {"choices": 1},
        {"choices": [3]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {"tool_calls": 3}}]},
        {"choices": [{"delta": {"tool_calls": [3]}}]},
        part(3, name="a", index=0),
        part("{}", name="a", index=[]),
    ],
)
def test_chunks_of_another_shape(wrong: Any):
    """JSON alone does not make a chunk."""
    with pytest.raises(BackendStreamError):
        read(wrong, END)


USAGE = {
    "prompt_tokens": 90,
    "completion_tokens": 7,
    "prompt_tokens_details": {"cached_tokens": 60},
}
TIMINGS = {
    "cache_n": 64,
    "prompt_n": 26,
    "prompt_ms": 500.0,
    "predicted_n": 7,
    "predicted_ms": 250.0,
}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({}, Done(reason="stop")),
        ({"usage": None}, Done(reason="stop")),
        (
            {"usage": {"prompt_tokens": 9, "prompt_tokens_details": None}},
            Done(reason="stop", prompt_tokens=9),
        ),
        ({"usage": USAGE}, Done(reason="stop", prompt_tokens=90, cached_tokens=60, reply_tokens=7)),
        (
            {"timings": TIMINGS},
            Done(
                reason="stop",
                prompt_tokens=90,
                cached_tokens=64,
                reply_tokens=7,
                prompt_seconds=0.5,
                reply_seconds=0.25,
            ),
        ),
    ],
)
def test_figures(last: dict[str, Any], expected: Done):
    """What the server counts and measures, as far as it does."""
    stop = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert read(stop, {"choices": []} | last) == [expected]


def test_a_reply_begins_with_its_first_token():
    """Not with the chunk that only says who speaks."""
    reply = Reply()
    reply.feed(chunk(role="assistant", content=""))
    assert not reply.begun
    reply.feed(part("", name="a", index=0))
    assert reply.begun


@pytest.mark.parametrize(
    ("think", "expected"),
    [
        (None, {}),
        (False, {"chat_template_kwargs": {"enable_thinking": False}}),
        (True, {"chat_template_kwargs": {"enable_thinking": True}}),
        ("high", {"reasoning_effort": "high"}),
    ],
)
def test_thinking(think: Any, expected: dict[str, Any]):
    """Levels are the API's, on and off the chat template's; a plain request says neither."""
    request = ChatRequest(model="m", messages=(Message(role="user"),), think=think)
    plain = chat_body(request, plain=True)
    stream = {"stream_options": {"include_usage": True}}
    assert chat_body(request) == plain | stream | expected
    assert set(plain) == {"model", "messages", "stream"}


@pytest.mark.parametrize(
    ("start", "kind"),
    [("/9j/4AAQ", "jpeg"), ("UklGR", "webp"), ("R0lGOD", "gif"), ("AAAA", "jpeg")],
)
def test_images_say_what_they_are(start: str, kind: str):
    """By how they begin."""
    request = ChatRequest(model="m", messages=(Message(role="user", images=(start,)),))
    assert f"data:image/{kind};base64,{start}" in json.dumps(chat_body(request))


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (401, None, BackendAuthError),
        (403, {"message": "no"}, BackendAuthError),
        # OpenAI
        (400, {"message": "Too long", "code": "context_length_exceeded"}, ContextOverflowError),
        (404, {"message": "No.", "code": "model_not_found"}, ModelNotFoundError),
        (429, {"message": "Slow down", "code": "rate_limit_exceeded"}, BackendBusyError),
        (429, {"message": "Pay", "code": "insufficient_quota"}, BackendRejectedError),
        (402, {"message": "Insufficient credits"}, BackendRejectedError),
        # llama.cpp
        (
            400,
            {"message": "the request exceeds it", "type": "exceed_context_size_error"},
            ContextOverflowError,
        ),
        (500, {"message": "Context size has been exceeded."}, ContextOverflowError),
        (503, {"message": "Loading model", "type": "unavailable_error"}, BackendBusyError),
        (500, {"message": "tools param requires --jinja flag"}, ModelUnsuitableError),
        (500, {"message": "image input is not supported"}, ModelUnsuitableError),
        # vLLM
        (
            400,
            {"message": "This model's maximum context length is 4096 tokens."},
            ContextOverflowError,
        ),
        (404, {"message": "The model `x` does not exist."}, ModelNotFoundError),
        (
            400,
            {"message": '"auto" tool choice requires --enable-auto-tool-choice'},
            ModelUnsuitableError,
        ),
        # LM Studio
        (404, {"message": "No models loaded. Please load a model"}, ModelNotFoundError),
        (400, {"error": "Invalid model identifier"}, ModelNotFoundError),
        # What is no such server, or one that is ill
        (404, {"detail": "Not Found"}, NotOpenAIError),
        (404, "404 page not found", NotOpenAIError),
        (405, None, NotOpenAIError),
        (307, "", NotOpenAIError),
        (400, "<html>", NotOpenAIError),
        (422, {"detail": [{"loc": ["body"]}]}, BackendRejectedError),
        (400, {"message": "bad"}, BackendRejectedError),
        (500, "<html>", BackendServerError),
        (502, None, BackendServerError),
    ],
)
def test_what_servers_say(status: int, error: object, expected: type[BackendError]):
    """Each complaint is the error a person can do something about."""
    err = failure(status, error, url="http://shed", server="Shed", model="x")
    assert type(err) is expected
    assert err.placeholders["server"] == "Shed"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8080", True),
        ("http://llama:8080/v1", True),
        ("http://nas.local", True),
        ("http://nas.fritz.box.", True),
        ("http://192.168.1.5", True),
        ("http://100.64.0.7", True),
        ("http://[fe80::1]:8080", True),
        ("http://[2606:4700::1111]", False),
        ("https://1.1.1.1", False),
        ("https://api.openai.com/v1", False),
        ("https://nas.example.com", False),
    ],
)
def test_in_house(url: str, expected: bool):
    """Numbers say it, names only those that cannot be anybody else's."""
    assert in_house(url) is expected


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://nas:8080", "http://nas:8080/v1"),
        ("http://nas:8080/", "http://nas:8080/v1"),
        ("http://nas/api/v3", "http://nas/api/v3"),
    ],
)
def test_base(url: str, base: str):
    """A path that was typed is the one."""
    assert openai_base(url) == base
