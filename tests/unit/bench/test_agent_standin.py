"""What the stand-in reads, what it finds in its slot, and how families of models see a chat."""

from typing import Any

import aiohttp
import pytest

from bench.agent.families import FAMILIES, Family, common, gemma_value
from bench.agent.standin import StandIn

pytestmark = pytest.mark.usefixtures("socket_enabled")

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "intent__HassTurnOn",
            "description": "Turns on a device",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    }
]
SYSTEM = {"role": "system", "content": "You are the voice of this house. " * 20}
FIRST = {"role": "user", "content": "Is the lamp on?"}
REPLY = {"role": "assistant", "content": "Yes, the lamp is on."}
QWEN, LLAMA, GEMMA, LLAMA_OLLAMA = FAMILIES
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


async def _chat(server: StandIn, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"model": server.family.model, "messages": list(messages), "tools": TOOLS}
    body |= {"stream": False, "options": {"num_ctx": 8192}} | more
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/api/chat", json=body) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer


@each_family
async def test_a_repeated_chat_is_read_once(family: Family):
    """At least one token is read; the answer tells the whole prompt and the time of what was."""
    async with StandIn(family, lambda _: REPLY) as server:
        await _chat(server, SYSTEM, FIRST)
        answer = await _chat(server, SYSTEM, FIRST)
    cold, warm = server.requests
    assert (cold.cached, warm.evaluated) == (0, 1)
    assert warm.head_share == 1
    assert answer["prompt_eval_count"] == cold.prompt == warm.prompt
    assert answer["prompt_eval_duration"] == 10**9 // 60


async def test_another_beginning_is_read_anew():
    """One slot holds one chat: what comes before is found, what comes after is not."""
    async with StandIn(QWEN, lambda _: REPLY) as server:
        await _chat(server, SYSTEM, FIRST)
        await _chat(server, {**SYSTEM, "content": "Kitchen. " + SYSTEM["content"]}, FIRST)
        await _chat(server, SYSTEM, {"role": "user", "content": "What time is it?"})
    *_, elsewhere, back = server.requests
    assert elsewhere.cached < 10
    assert back.cached < 10


@pytest.mark.parametrize("family", [LLAMA, GEMMA], ids=lambda family: family.name)
async def test_what_was_said_is_found_again(family: Family):
    """The reply is in the slot as well: only what is new is read."""
    async with StandIn(family, lambda _: REPLY) as server:
        await _chat(server, SYSTEM, FIRST)
        await _chat(server, SYSTEM, FIRST, REPLY, {"role": "user", "content": "Really?"})
    first, second = server.requests
    assert second.cached == first.prompt + first.written


async def test_another_window_loads_the_model_anew():
    """And a prompt too long for it is an error, or loses its head, as with Ollama."""
    async with StandIn(QWEN, lambda _: REPLY) as server:
        await _chat(server, SYSTEM, FIRST)
        await _chat(server, SYSTEM, FIRST, options={"num_ctx": 4096})
        assert server.requests[-1].cached == 0
        refused = await _chat(server, SYSTEM, FIRST, options={"num_ctx": 64}, shift=False)
        assert "longer than the context length" in refused["error"]
        await _chat(server, SYSTEM, FIRST, options={"num_ctx": 64})
        assert server.requests[-1].prompt == 4 + 32
        assert server.overflowed == 1


async def test_a_warm_up_writes_one_token():
    """It is told apart from what somebody asked."""
    async with StandIn(QWEN, lambda _: REPLY) as server:
        await _chat(server, SYSTEM, FIRST, options={"num_ctx": 8192, "num_predict": 1})
    assert server.requests[0].warm_up
    assert server.requests[0].written == 1


@pytest.mark.parametrize("family", [QWEN, LLAMA, GEMMA], ids=lambda family: family.name)
def test_the_head_holds_system_text_and_tools(family: Family):
    """Whatever is said after it."""
    head = family.head([SYSTEM, FIRST], TOOLS)
    longer = family.prompt([SYSTEM, FIRST, REPLY, {"role": "user", "content": "And now?"}], TOOLS)
    assert common(head, longer) == len(head)
    assert len(head) > len(family.head([SYSTEM, FIRST], [])) + 20


def test_ollamas_llama_reads_its_tools_in_every_turn():
    """They stand in the last user turn, and nowhere once a tool has answered."""
    asked = [SYSTEM, FIRST, REPLY, {"role": "user", "content": "And now?"}]
    text = LLAMA_OLLAMA.text(asked, TOOLS)
    assert text.index("HassTurnOn") > text.index("Yes, the lamp is on.")
    called = {"role": "assistant", "tool_calls": [{"function": {"name": "x", "arguments": {}}}]}
    results = [*asked, called, {"role": "tool", "content": "done"}]
    assert "HassTurnOn" not in LLAMA_OLLAMA.text(results, TOOLS)


def test_gemmas_notation():
    """Bare keys in order, its own quotes."""
    written = gemma_value({"b": [1, True], "a": "x"})
    assert written == '{a:<|"|>x<|"|>,b:[1,true]}'
