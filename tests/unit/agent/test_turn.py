"""The rules of a turn, over a scripted backend and recorded tools."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.helpers import llm

from custom_components.local_assist.agent import turn as turn_module
from custom_components.local_assist.agent.turn import Turn
from custom_components.local_assist.backends.base import (
    ChatRequest,
    Content,
    Delta,
    Done,
    Message,
    Thinking,
    ToolRequest,
)
from custom_components.local_assist.const import MAX_TOOL_ROUNDS
from custom_components.local_assist.errors import (
    BackendAuthError,
    BackendError,
    BackendServerError,
    BackendStreamError,
    BackendTimeoutError,
    EmptyReplyError,
    ToolRoundsError,
)

DONE = Done(reason="stop", prompt_tokens=10, reply_tokens=2)
ASK = ChatRequest(model="m", messages=(Message(role="user", content="Light on"),))
LIGHT_ON = ToolRequest("light__On", {"name": "Lamp"})
BROKEN = BackendStreamError(message="broken")

type Script = list[Delta | BackendError]


class ScriptedBackend:
    """Plays a list of deltas for each request; an error in it is raised."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.requests: list[ChatRequest] = []
        self.open = 0

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Play the next script."""
        self.requests.append(request)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.open += 1
        try:
            for delta in script:
                if isinstance(delta, BackendError):
                    raise delta
                yield delta
        finally:
            self.open -= 1

    async def prepare(self, request: ChatRequest) -> None:
        """Do nothing."""

    async def health(self) -> None:
        """Do nothing."""


class RecordedTools:
    """Answers every call; `together` is how many ran at the same time at most."""

    def __init__(self) -> None:
        self.calls: list[llm.ToolInput] = []
        self.running = self.together = 0

    async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Record the call and answer with its arguments."""
        self.calls.append(tool_input)
        self.running += 1
        self.together = max(self.together, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return llm.ToolResult({"done": tool_input.tool_args["name"]})


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "RETRY_DELAY", 0)


async def run(backend: ScriptedBackend, tools: RecordedTools | None = None) -> list[Any]:
    """Return all deltas of a turn."""
    return [delta async for delta in Turn(backend, ASK, tools).run()]


async def test_text_and_thinking_stream_as_they_come():
    """Each piece is a delta of its own; the first opens the message."""
    backend = ScriptedBackend([Thinking("Hm."), Content("Good "), Content("day."), DONE])
    assert await run(backend) == [
        {"role": "assistant"},
        {"thinking_content": "Hm."},
        {"content": "Good "},
        {"content": "day."},
    ]


async def test_thoughts_printed_in_the_text_become_thinking():
    """Tags may be cut anywhere, and are never spoken."""
    backend = ScriptedBackend([Content("<thi"), Content("nk>Hm.</think>\nYes."), DONE])
    assert await run(backend) == [
        {"role": "assistant"},
        {"content": "Yes.", "thinking_content": "Hm."},
    ]


async def test_tools_run_together_and_their_results_go_back():
    """Parallel calls; the next request repeats the calls and the results with their ids."""
    other = ToolRequest("light__On", {"name": "Fan"})
    backend = ScriptedBackend([Content("Well. "), LIGHT_ON, other, DONE], [Content("Done."), DONE])
    tools = RecordedTools()
    turn = Turn(backend, ASK, tools)
    deltas: list[Any] = [delta async for delta in turn.run()]
    assert tools.together == 2
    assert turn.said
    assert turn.acted
    first, second = tools.calls
    assert [
        delta.get("tool_call_id") for delta in deltas if delta.get("role") == "tool_result"
    ] == [
        first.id,
        second.id,
    ]
    assert deltas[-2:] == [{"role": "assistant"}, {"content": "Done."}]
    asked, said, *told = backend.requests[1].messages
    assert asked == ASK.messages[0]
    assert [call.id for call in said.tool_calls] == [first.id, second.id]
    assert [(m.tool_call_id, m.tool_name, m.content) for m in told] == [
        (first.id, "light__On", '{"done":"Lamp"}'),
        (second.id, "light__On", '{"done":"Fan"}'),
    ]
    assert turn.stats()["input_tokens"] == 20
    assert turn.stats()["rounds"] == 2


@pytest.mark.parametrize("before", [0, 1, 2])
async def test_a_round_that_breaks_off_has_not_acted(before: int):
    """A call counts only when the stream it came in ended as it should."""
    script: Script = [Content("One. "), LIGHT_ON, LIGHT_ON]
    tools = RecordedTools()
    backend = ScriptedBackend([*script[: before + 1], BROKEN])
    with pytest.raises(BackendStreamError):
        await run(backend, tools)
    assert not tools.calls
    assert len(backend.requests) == 1


async def test_a_failure_before_anything_came_is_tried_once_more():
    """Also when calls were on their way: they are not made twice."""
    tools = RecordedTools()
    backend = ScriptedBackend([LIGHT_ON, BROKEN], [LIGHT_ON, DONE], [Content("Done."), DONE])
    deltas = await run(backend, tools)
    assert deltas[-1] == {"content": "Done."}
    assert len(tools.calls) == 1
    backend = ScriptedBackend([BROKEN])
    with pytest.raises(BackendStreamError):
        await run(backend)
    assert len(backend.requests) == 2


@pytest.mark.parametrize("error", [BackendTimeoutError(url="u"), BackendAuthError(url="u")])
async def test_waiting_twice_or_asking_in_vain_is_left_out(error: BackendError):
    """A timeout already cost its time, a missing key stays missing."""
    backend = ScriptedBackend([error])
    with pytest.raises(type(error)):
        await run(backend)
    assert len(backend.requests) == 1


async def test_nothing_is_tried_again_after_acting():
    """The house changed already; the turn ends there."""
    tools = RecordedTools()
    backend = ScriptedBackend([LIGHT_ON, DONE], [BackendServerError(message="out of memory")])
    with pytest.raises(BackendServerError):
        await run(backend, tools)
    assert len(tools.calls) == 1
    assert len(backend.requests) == 2


async def test_a_model_that_never_answers_is_stopped():
    """After the last allowed round no further call is made."""
    tools = RecordedTools()
    with pytest.raises(ToolRoundsError):
        await run(ScriptedBackend([LIGHT_ON, DONE]), tools)
    assert len(tools.calls) == MAX_TOOL_ROUNDS


@pytest.mark.parametrize("script", [[DONE], [Content(" \n"), DONE], [Thinking("Hm."), DONE]])
async def test_silence_is_an_error(script: Script):
    """Nothing, white space and thoughts alone are no answer."""
    with pytest.raises(EmptyReplyError):
        await run(ScriptedBackend(script))


async def test_a_listener_that_leaves_closes_the_stream():
    """Nothing goes on streaming to nobody."""
    backend = ScriptedBackend([Content("One."), Content("Two."), DONE])
    deltas = Turn(backend, ASK, None).run()
    assert await anext(deltas) == {"role": "assistant"}
    assert backend.open == 1
    await deltas.aclose()
    assert backend.open == 0


async def test_calls_without_tools_are_answered_with_an_error():
    """A model that makes up tools is told, and can still answer."""
    backend = ScriptedBackend([LIGHT_ON, DONE], [Content("I cannot."), DONE])
    deltas = await run(backend)
    assert deltas[-1] == {"content": "I cannot."}
    assert '"error"' in backend.requests[1].messages[-1].content
