"""The engine's front: Ollama's API on one side, llama-server's on the other."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bench.agent.engine import Front, engine
from bench.agent.engine import front as fronts
from bench.errors import BenchError
from tests.fakes import llama_server

SYSTEM = {"role": "system", "content": "You keep a house. " * 10}
CALL = {"function": {"name": "turn_on", "arguments": {"name": "Lamp"}}}


class _Family:
    """Renders one line for each message."""

    model, architecture = "plain:1b", "plain"

    def text(self, messages: Any, tools: Any) -> str:
        lines = (f"{m['role']}: {self.reply(m)}\n" for m in messages)
        return f"{''.join(map(json.dumps, tools))}{''.join(lines)}assistant: "

    def reply(self, message: Any) -> str:
        calls = message.get("tool_calls")
        return (message.get("content") or "") + (json.dumps(calls) if calls else "")


@pytest.fixture
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "llama-server"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {llama_server.__file__} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("LLAMA_SERVER", str(program))
    monkeypatch.setattr(fronts, "weights", lambda _: tmp_path / "model.gguf")


@pytest.fixture
async def front(
    _stand_in: None,
    socket_enabled: None,  # noqa: ARG001
    tmp_path: Path,
) -> AsyncGenerator[Front]:
    """Run the front with a stand-in for the engine."""

    def say(body: Any) -> dict[str, Any]:
        if body["messages"][-1]["content"] == "Turn it on":
            return {"role": "assistant", "content": "", "tool_calls": [CALL]}
        return {"role": "assistant", "content": "Grüße 🙂."}

    async with engine(say, _Family(), tmp_path, logs=tmp_path) as running:
        yield running


async def _chat(front: Front, *said: str, **more: Any) -> list[dict[str, Any]]:
    messages = [SYSTEM, *({"role": "user", "content": text} for text in said)]
    body = {"model": "plain:1b", "messages": messages} | more
    async with (
        aiohttp.ClientSession(front.url) as session,
        session.post("/api/chat", json=body) as response,
    ):
        return [json.loads(line) async for line in response.content]


async def test_text_comes_character_by_character_and_then_the_figures(front: Front):
    """A character of several tokens is sent when its last one is there."""
    *lines, last = await _chat(front, "Hello")
    assert [line["message"]["content"] for line in lines] == list("Grüße 🙂.")
    assert last["done"]
    assert last["done_reason"] == "stop"
    assert last["prompt_eval_count"] == front.requests[0].prompt
    assert last["eval_count"] == front.requests[0].written == len("Grüße 🙂.".encode())


async def test_calls_come_whole(front: Front):
    """Ollama sends a tool call once it has read all of it."""
    call, last = await _chat(front, "Turn it on")
    assert call["message"]["tool_calls"] == [CALL]
    assert last["message"] == {"role": "assistant", "content": ""}


async def test_an_answer_need_not_be_streamed(front: Front):
    """Then it is one line."""
    (only,) = await _chat(front, "Hello", stream=False)
    assert only["message"]["content"] == "Grüße 🙂."
    assert only["done"]


async def test_what_was_said_is_in_the_cache(front: Front):
    """The slot holds the scripted reply, not the nonsense of the model's own."""
    await _chat(front, "Hello")
    messages = [
        SYSTEM,
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Grüße 🙂."},
        {"role": "user", "content": "Again"},
    ]
    await _chat(front, messages=messages)
    first, second = front.requests
    assert (first.cached, first.evaluated) == (0, first.prompt)
    assert second.cached == first.prompt + first.written
    assert second.evaluated == len("\nuser: Again\nassistant: ")
    assert second.first_ms is not None
    assert second.ended


async def test_a_warm_up_reads_the_prompt_and_says_one_token(front: Front):
    """The real request then finds all of it."""
    *_, last = await _chat(front, "Hello", options={"num_predict": 1})
    assert last["done_reason"] == "length"
    await _chat(front, "Hello")
    warm, real = front.requests
    assert (warm.warm_up, warm.written) == (True, 1)
    assert (real.warm_up, real.evaluated) == (False, 1)


async def test_who_hangs_up_stops_the_engine(front: Front):
    """What was read by then is kept and told, and the next one need not wait for the rest."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.8):
            await _chat(front, "x" * 3500)
    await _chat(front, "x" * 3500)
    hung_up, after = front.requests
    assert not hung_up.ended
    assert hung_up.first_ms is None
    assert 0 < hung_up.evaluated < hung_up.prompt
    assert after.ended
    assert after.cached == hung_up.evaluated


async def test_another_window_loads_the_model_anew(front: Front):
    """As in Ollama, where that loses the cache."""
    await _chat(front, "Hello")
    await _chat(front, "Hello", options={"num_ctx": 8192})
    await _chat(front, "Hello", options={"num_ctx": 8192})
    assert [request.loaded for request in front.requests] == [False, True, False]
    assert [request.cached > 0 for request in front.requests] == [False, False, True]


async def test_unloading_forgets_all(front: Front):
    """The next agent begins with an empty cache."""
    await _chat(front, "Hello")
    (unloaded,) = await _chat(front, messages=[], keep_alive=0)
    await _chat(front, "Hello")
    assert unloaded["done_reason"] == "unload"
    assert front.requests[-1].cached == 0


async def test_the_oldest_go_where_a_chat_is_too_long(front: Front):
    """Ollama drops messages until the rest fits, never the system's or the last."""
    await _chat(front, "old" * 1000, "middle" * 500, "new")
    assert front.requests[0].prompt < 4096
    assert front.requests[0].prompt > 3000


async def test_what_does_not_fit_is_cut_or_refused(front: Front):
    """Ollama frees half of the window, unless it is told not to shift."""
    await _chat(front, "x" * 9000)
    (refused,) = await _chat(front, "x" * 9000, shift=False)
    cut, _ = front.requests
    assert cut.prompt == 4096 - (4096 - 4) // 2
    assert "longer than the context length" in refused["error"]


async def test_it_lists_its_model(front: Front):
    """Under the family's name, with its window once it is loaded."""
    async with aiohttp.ClientSession(front.url) as session:
        async with session.get("/api/tags") as tags, session.get("/api/ps") as loaded:
            (listed,), (running,) = (await tags.json())["models"], (await loaded.json())["models"]
        async with session.post("/api/show", json={"model": "other"}) as missing:
            assert missing.status == 404
        async with session.post("/api/show", json={"model": "plain:1b"}) as shown:
            info = (await shown.json())["model_info"]
    assert listed["name"] == "plain:1b"
    assert "tools" in listed["capabilities"]
    assert running["context_length"] == 4096
    assert info["plain.context_length"] == 32_768


@pytest.mark.usefixtures("socket_enabled")
async def test_an_engine_that_does_not_run_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The bench ends with what the engine printed."""
    program = tmp_path / "llama-server"
    program.write_text("#!/bin/sh\necho no such model\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("LLAMA_SERVER", str(program))
    monkeypatch.setattr(fronts, "weights", lambda _: tmp_path / "model.gguf")
    with pytest.raises(BenchError, match="no such model"):
        async with engine(lambda _: {}, _Family(), tmp_path, logs=tmp_path):
            pass
