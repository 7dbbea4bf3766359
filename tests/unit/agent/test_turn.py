"""The rules of a turn, over a scripted backend and recorded tools."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.helpers import llm

from custom_components.local_assist.agent.budget import TokenEstimate
from custom_components.local_assist.agent.tool_repair import Names, ToolRepair
from custom_components.local_assist.agent.turn import Asked, Budget, Turn
from custom_components.local_assist.backends import retry
from custom_components.local_assist.backends.base import (
    ChatRequest,
    Content,
    Delta,
    Done,
    Loading,
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
    ContextOverflowError,
    EmptyReplyError,
    NothingDoneError,
    NothingSaidError,
    ToolRoundsError,
)
from custom_components.local_assist.retrieval import House, Thing

NAMES = Names.of(
    House((Thing("light.lamp", ("Lamp",), "light", None, None, None),), areas=(), floors=())
)
DONE = Done(reason="stop", prompt_tokens=10, reply_tokens=2)
ON = {
    "type": "function",
    "function": {
        "name": "intent__HassTurnOn",
        "description": "",
        "parameters": {
            "type": "object",
            "properties": {key: {"type": "string"} for key in ("name", "area", "floor", "domain")},
        },
    },
}
ASK = ChatRequest(model="m", messages=(Message(role="user", content="Light on"),), tools=(ON,))
LIGHT_ON = ToolRequest("intent__HassTurnOn", {"name": "Lamp"})
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


class RecordedTools:
    """Answers every call; `together` is how many ran at the same time at most."""

    def __init__(self, question: str | None = None, held: Collection[str] = ()) -> None:
        self.calls: list[llm.ToolInput] = []
        self.running = self.together = 0
        self._question = question
        self._held = held

    async def review(self, calls: Sequence[llm.ToolInput]) -> dict[str, llm.ToolResult]:
        """Hold back the calls that name what is held."""
        held = llm.ToolResult({"error": "held"}, error=True)
        return {call.id: held for call in calls if call.tool_args["name"] in self._held}

    async def settle(self) -> str | None:
        """Return the question."""
        return self._question

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
    monkeypatch.setattr(retry, "jittered", lambda _: 0)


def ask(tools: RecordedTools | None = None, **more: Any) -> Asked:
    """Return what is asked."""
    return Asked(request=ASK, tools=tools, tool_names=("intent__HassTurnOn",), **more)


async def run(
    backend: ScriptedBackend, tools: RecordedTools | None = None, **more: Any
) -> list[Any]:
    """Return all deltas of a turn."""
    return [delta async for delta in Turn(backend, ask(tools, **more)).run()]


def spoken(deltas: list[Any]) -> str:
    """Return what people hear."""
    return "".join(delta.get("content", "") for delta in deltas)


async def test_text_and_thinking_stream_as_they_come():
    """Each piece is a delta of its own; the first opens the message."""
    backend = ScriptedBackend([Thinking("Hm."), Content("Good "), Content("day."), DONE])
    assert await run(backend) == [
        {"role": "assistant"},
        {"thinking_content": "Hm."},
        {"content": "Good"},
        {"content": " day."},
    ]


async def test_thoughts_printed_in_the_text_become_thinking():
    """Tags may be cut anywhere, and are never spoken."""
    backend = ScriptedBackend([Content("<thi"), Content("nk>Hm.</think>\nYes."), DONE])
    assert await run(backend) == [
        {"role": "assistant"},
        {"thinking_content": "Hm."},
        {"content": "Yes."},
    ]


async def test_tools_run_together_and_their_results_go_back():
    """Parallel calls; the next request repeats the calls and the results with their ids."""
    other = ToolRequest("intent__HassTurnOn", {"name": "Fan"})
    backend = ScriptedBackend([Content("Well. "), LIGHT_ON, other, DONE], [Content("Done."), DONE])
    tools = RecordedTools()
    turn = Turn(backend, ask(tools))
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
        (first.id, "intent__HassTurnOn", '{"done":"Lamp"}'),
        (second.id, "intent__HassTurnOn", '{"done":"Fan"}'),
    ]
    assert turn.record.figures == [DONE, DONE]


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


async def test_a_failure_before_anything_came_is_tried_again():
    """Also when calls were on their way: they are not made twice."""
    tools = RecordedTools()
    backend = ScriptedBackend([LIGHT_ON, BROKEN], [LIGHT_ON, DONE], [Content("Done."), DONE])
    deltas = await run(backend, tools)
    assert deltas[-1] == {"content": "Done."}
    assert len(tools.calls) == 1
    backend = ScriptedBackend([BROKEN])
    with pytest.raises(BackendStreamError):
        await run(backend)
    assert len(backend.requests) == 1 + len(retry.RETRY_DELAYS)


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
    scripts: list[Script] = [
        [ToolRequest("intent__HassTurnOn", {"name": f"Lamp {number}"}), DONE]
        for number in range(20)
    ]
    with pytest.raises(ToolRoundsError):
        await run(ScriptedBackend(*scripts), tools)
    assert len(tools.calls) == MAX_TOOL_ROUNDS


@pytest.mark.parametrize("script", [[DONE], [Content(" \n"), DONE], [Thinking("Hm."), DONE]])
async def test_silence_is_an_error(script: Script):
    """Nothing, white space and thoughts alone are no answer."""
    with pytest.raises(EmptyReplyError):
        await run(ScriptedBackend(script))


async def test_a_listener_that_leaves_closes_the_stream():
    """Nothing goes on streaming to nobody."""
    backend = ScriptedBackend([Content("One."), Content("Two."), DONE])
    deltas = Turn(backend, ask()).run()
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


async def test_the_same_call_is_made_once():
    """A model that repeats itself, in one round or the next, is told that it did it already."""
    tools = RecordedTools()
    backend = ScriptedBackend(
        [LIGHT_ON, LIGHT_ON, DONE], [LIGHT_ON, DONE], [Content("It is on."), DONE]
    )
    deltas = await run(backend, tools)
    assert len(tools.calls) == 1
    assert spoken(deltas) == "It is on."
    results = [message.content for message in backend.requests[-1].messages if message.tool_name]
    assert ["note" in result for result in results] == [False, True, True]
    assert all('"done":"Lamp"' in result for result in results)


async def test_a_call_that_failed_may_be_made_again():
    """Only what was done is not done twice."""

    class Failing(RecordedTools):
        async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
            self.calls.append(tool_input)
            return llm.ToolResult({"error": "busy"}, error=True)

    tools = Failing()
    await run(ScriptedBackend([LIGHT_ON, DONE], [LIGHT_ON, DONE], [Content("No."), DONE]), tools)
    assert len(tools.calls) == 2


async def test_what_is_held_back_is_asked_for_and_ends_the_turn():
    """The rest of the round is done; the model is not asked again."""
    tools = RecordedTools("Shall I unlock the door?", held=["Lamp"])
    other = ToolRequest("intent__HassTurnOn", {"name": "Fan"})
    backend = ScriptedBackend([LIGHT_ON, other, DONE])
    deltas = await run(backend, tools)
    assert spoken(deltas) == "Shall I unlock the door?"
    assert [call.tool_args for call in tools.calls] == [{"name": "Fan"}]
    results = [delta["result"] for delta in deltas if delta.get("role") == "tool_result"]
    assert [result.error for result in results] == [True, False]
    assert len(backend.requests) == 1


async def test_what_waits_for_consent_is_not_said_to_be_done():
    """However sure the model was."""
    tools = RecordedTools("Shall I unlock the door?", held=["Lamp"])
    backend = ScriptedBackend([Content("I have turned it on."), LIGHT_ON, DONE])
    asked = ask(tools, sentence="Turn on the lamp", language="en")
    deltas = [delta async for delta in Turn(backend, asked).run()]
    assert spoken(deltas) == "Shall I unlock the door?"


async def test_calls_printed_in_the_text_are_made_and_not_spoken():
    """Also where the text goes on afterwards."""
    tools = RecordedTools()
    printed = '<tool_call>{"name": "intent__HassTurnOn", "arguments": {"name": "Lamp"}}</tool_call>'
    backend = ScriptedBackend(
        [*(Content(piece) for piece in printed), DONE], [Content("It is on."), DONE]
    )
    assert spoken(await run(backend, tools)) == "It is on."
    assert [call.tool_args for call in tools.calls] == [{"name": "Lamp"}]


async def test_calls_inside_thoughts_count_when_nothing_else_comes():
    """Thinking about a call is not making it, if the model goes on to speak."""
    printed = '<tool_call>{"name": "intent__HassTurnOn", "arguments": {"name": "Lamp"}}</tool_call>'
    tools = RecordedTools()
    await run(ScriptedBackend([Thinking(printed), DONE], [Content("It is on."), DONE]), tools)
    assert len(tools.calls) == 1
    tools = RecordedTools()
    await run(ScriptedBackend([Thinking(printed), Content("Which lamp?"), DONE]), tools)
    assert not tools.calls


async def test_a_printed_call_that_was_cut_off_is_not_made():
    """It may lack what would have limited it."""
    printed = '<tool_call>{"name": "intent__HassTurnOn", "arguments": {"name": "Lamp"}}</tool_call>'
    tools = RecordedTools()
    cut = Done(reason="length", prompt_tokens=10, reply_tokens=2)
    with pytest.raises(EmptyReplyError):
        await run(ScriptedBackend([Content(printed), cut]), tools)
    assert not tools.calls


async def test_a_claim_without_a_call_is_not_spoken_but_asked_about():
    """The model is asked once more, and then it acts."""
    tools = RecordedTools()
    backend = ScriptedBackend(
        [Content("I have turned on "), Content("the lamp."), DONE],
        [LIGHT_ON, DONE],
        [Content("The lamp is on now."), DONE],
    )
    deltas = await run(backend, tools, sentence="Turn on the lamp", language="en")
    assert spoken(deltas) == "The lamp is on now."
    assert len(tools.calls) == 1
    claim, nudge = backend.requests[1].messages[-2:]
    assert claim.content == "I have turned on the lamp."
    assert nudge.role == "user"
    assert "nothing was done" in nudge.content


async def test_a_claim_made_twice_is_an_error():
    """Nobody hears that something was done that was not."""
    backend = ScriptedBackend([Content("I have turned on the lamp."), DONE])
    with pytest.raises(NothingDoneError):
        await run(backend, RecordedTools(), sentence="Turn on the lamp", language="en")
    assert len(backend.requests) == 2


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Turn on the lamp", "Which lamp do you mean?"),
        ("Turn on the lamp", "I cannot find a lamp."),
        ("Is the lamp on?", "I have turned on the lamp."),
    ],
)
async def test_other_answers_are_believed(sentence: str, answer: str):
    """Questions back, refusals, and answers to what was no order."""
    backend = ScriptedBackend([Content(answer), DONE])
    deltas = await run(backend, RecordedTools(), sentence=sentence, language="en")
    assert spoken(deltas) == answer
    assert len(backend.requests) == 1


async def test_a_claim_beside_its_call_is_believed():
    """It says what it is about to do."""
    claim = Content("I have turned on the lamp.")
    backend = ScriptedBackend([claim, LIGHT_ON, DONE], [Content(" It is on."), DONE])
    deltas = await run(backend, RecordedTools(), sentence="Turn on the lamp", language="en")
    assert spoken(deltas).startswith("I have turned on the lamp.")
    assert len(backend.requests) == 2


async def test_a_claim_beside_a_call_that_fails_is_not_said():
    """The model sees the error, and says what came of it."""
    tools = RecordedTools(held=["Lamp"])
    claim = Content("I have turned on the lamp.")
    backend = ScriptedBackend([claim, LIGHT_ON, DONE], [Content("It does not work."), DONE])
    deltas = await run(backend, tools, sentence="Turn on the lamp", language="en")
    assert spoken(deltas) == "It does not work."


async def test_a_claim_is_believed_after_acting():
    """It is true then."""
    backend = ScriptedBackend([LIGHT_ON, DONE], [Content("I have turned on the lamp."), DONE])
    deltas = await run(backend, RecordedTools(), sentence="Turn on the lamp", language="en")
    assert spoken(deltas) == "I have turned on the lamp."


async def test_silence_after_acting_is_told_apart():
    """Who hears it should not ask again."""
    with pytest.raises(NothingSaidError):
        await run(ScriptedBackend([LIGHT_ON, DONE], [DONE]), RecordedTools())


async def test_loading_is_told_once_and_is_no_answer():
    """What follows may still be retried."""
    turn = Turn(
        ScriptedBackend([Loading(), BROKEN], [Loading(), Content("Yes."), DONE]),
        ask(notice="One moment."),
    )
    deltas: list[Any] = []
    async for delta in turn.run():
        deltas.append(delta)
        assert turn.said == (delta.get("content") == "Yes.")
    assert spoken(deltas) == "One moment. Yes."
    assert deltas[0] == {"role": "assistant"}


async def test_calls_are_repaired_before_they_are_made_and_told():
    """The house, the chat log and the model see the same call."""
    tools = RecordedTools()
    repair = ToolRepair((ON,), NAMES)
    wrong = ToolRequest("turn_on", {"name": "the lamp"})
    backend = ScriptedBackend([wrong, DONE], [Content("It is on."), DONE])
    turn = Turn(backend, ask(tools, repair=repair))
    deltas: list[Any] = [delta async for delta in turn.run()]
    told = next(delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta)
    assert tools.calls == [told]
    assert told.tool_name == "intent__HassTurnOn"
    assert turn.repairs


async def test_refused_calls_are_told_to_the_model_and_not_made():
    """It hears what was wrong."""
    tools = RecordedTools()
    repair = ToolRepair((ON,), NAMES)
    wrong = ToolRequest("intent__HassTurnOn", {"name": "Dishwasher"})
    backend = ScriptedBackend([wrong, DONE], [Content("There is none."), DONE])
    turn = Turn(backend, ask(tools, repair=repair))
    assert spoken([delta async for delta in turn.run()]) == "There is none."
    assert not tools.calls
    assert not turn.acted
    assert "Dishwasher" in backend.requests[1].messages[-1].content


async def test_an_overflow_is_trimmed_harder_and_tried_once():
    """The oldest of what was said gives way."""
    overflow = ContextOverflowError(model="m")
    history = [
        message
        for number in range(40)
        for message in (
            Message(role="user", content=f"Question {number}? " + "word " * 50),
            Message(role="assistant", content="Answer. " + "word " * 50),
        )
    ]
    request = replace(
        ASK, messages=(Message(role="system", content="Be kind."), *history, *ASK.messages)
    )
    budget = Budget(window=8192, reserve=256, estimate=TokenEstimate())
    backend = ScriptedBackend([overflow], [Content("Yes."), DONE])
    turn = Turn(backend, Asked(request=request, budget=budget))
    assert spoken([delta async for delta in turn.run()]) == "Yes."
    first, second = (len(request.messages) for request in backend.requests)
    assert second < first
    assert turn.record.dropped_turns
    backend = ScriptedBackend([overflow])
    with pytest.raises(ContextOverflowError):
        [delta async for delta in Turn(backend, Asked(request=request, budget=budget)).run()]
    assert len(backend.requests) == 2


async def test_tokens_are_learned_from_the_server():
    """The estimate approaches what the server counts, of prompts that are mostly text."""
    estimate = TokenEstimate()
    budget = Budget(window=8192, reserve=256, estimate=estimate)
    request = replace(ASK, messages=(Message(role="user", content="word " * 1000),))
    before = estimate.count("word " * 100)
    framed = Done(reason="stop", prompt_tokens=398)
    assert 1.2 * estimate.messages(ASK.messages, ASK.tools) < framed.prompt_tokens
    await run(ScriptedBackend([Content("Yes."), framed]), budget=budget)
    assert estimate.count("word " * 100) == before
    twice = Done(
        reason="stop", prompt_tokens=2 * estimate.messages(request.messages, request.tools)
    )
    backend = ScriptedBackend([Content("Yes."), twice])
    [delta async for delta in Turn(backend, Asked(request=request, budget=budget)).run()]
    assert estimate.count("word " * 100) > 1.5 * before


async def test_the_server_has_the_last_word_on_what_fits():
    """What is too long by our count is sent all the same."""
    budget = Budget(window=64, reserve=16, estimate=TokenEstimate())
    request = replace(ASK, messages=(Message(role="user", content="word " * 1000),))
    backend = ScriptedBackend([Content("Yes."), DONE])
    deltas = [delta async for delta in Turn(backend, Asked(request=request, budget=budget)).run()]
    assert spoken(deltas) == "Yes."
