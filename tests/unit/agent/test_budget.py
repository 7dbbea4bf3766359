"""Fitting a conversation into a window."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.budget import Fitted, TokenEstimate, fit
from custom_components.local_assist.agent.prompt import context_block
from custom_components.local_assist.backends.base import Message, ToolCall

SYSTEM = Message(role="system", content="You are the voice assistant of this house. " * 10)
TOOLS = [{"type": "function", "function": {"name": "HassTurnOn", "parameters": {}}}]
CONTEXT = context_block(
    datetime(2026, 11, 21, 17, tzinfo=UTC), None, "Kitchen", ["A: on", "B: off"]
)
EVENTS = [{"summary": f"Appointment {number}", "start": "2026-11-21"} for number in range(60)]
LONG = json.dumps({"success": True, "result": EVENTS})


def user(text: str) -> Message:
    """Return what a person says."""
    return Message(role="user", content=text)


def turn(number: int, result: str = '{"success":true}') -> list[Message]:
    """Return a turn with one tool call: its four messages."""
    call = ToolCall(id=f"call-{number}", name="HassTurnOn", arguments={"name": f"Light {number}"})
    return [
        user(f"Turn on light number {number}, please."),
        Message(role="assistant", tool_calls=(call,)),
        Message(role="tool", content=result, tool_name="HassTurnOn", tool_call_id=call.id),
        Message(role="assistant", content=f"Light {number} is on now."),
    ]


def conversation(turns: int, *, context: str = CONTEXT) -> list[Message]:
    """Return a conversation with so many turns before what is said now."""
    before = [message for number in range(turns) for message in turn(number)]
    return [SYSTEM, *before, user(f"{context}And the one in the hall?")]


def size(messages: list[Message]) -> int:
    """Return the tokens of a prompt."""
    return TokenEstimate().messages(messages, TOOLS)


def fitted(messages: list[Message], room: int, *, harder: bool = False) -> Fitted:
    """Return what goes into a room; the window is larger by the reserve for the reply."""
    result = fit(
        messages, TOOLS, window=room + 200, reserve=200, estimate=TokenEstimate(), harder=harder
    )
    assert result.tokens == size(list(result.messages))
    assert result.fits == (result.tokens <= room)
    return result


def whole_turns(result: Fitted, messages: list[Message]) -> bool:
    """Return whether the head is there, and behind it some whole last turns."""
    *_, first = (index for index, message in enumerate(messages) if message.role == "user")
    starts = [1, *(i for i, message in enumerate(messages) if message.role == "user"), first]
    return any(result.messages == (messages[0], *messages[start:]) for start in starts)


def test_what_fits_stays() -> None:
    """Unchanged, to the last token."""
    messages = conversation(5)
    result = fitted(messages, size(messages))
    assert result.messages == tuple(messages)
    assert (result.dropped_turns, result.shortened) == (0, 0)
    assert fitted(messages, size(messages) - 1).dropped_turns > 0


def test_the_reply_keeps_its_reserve() -> None:
    """The window is not for the prompt alone."""
    messages = conversation(5)
    estimate = TokenEstimate()
    window = size(messages) + 100
    assert not fit(messages, TOOLS, window=window, reserve=100, estimate=estimate).dropped_turns
    assert fit(messages, TOOLS, window=window, reserve=101, estimate=estimate).dropped_turns


@given(turns=st.integers(0, 30), room=st.integers(0, 3000), harder=st.booleans())
def test_whole_turns_go_oldest_first(turns: int, room: int, *, harder: bool) -> None:
    """Head and newest message stay whatever happens, and no call loses its result."""
    messages = conversation(turns, context="")
    result = fitted(messages, room, harder=harder)
    assert whole_turns(result, messages)
    assert result.dropped_turns == (len(messages) - len(result.messages)) // 4
    if size([messages[0], messages[-1]]) <= room:
        assert result.fits


def test_the_beginning_stays_for_several_turns() -> None:
    """The server's cache is good for nothing if the first message is another one each turn."""
    conversations = [conversation(turns) for turns in range(60)]
    room = size(conversations[20])
    firsts = [fitted(messages, room).messages[1].content for messages in conversations]
    changes = sum(one != other for one, other in pairwise(firsts[21:]))
    assert firsts[:21] == [firsts[0]] + [firsts[1]] * 20
    assert 5 <= changes <= 10
    kept = [len(fitted(messages, room).messages) for messages in conversations[21:]]
    assert min(kept) > 4 * 8


def test_a_short_history_does_not_go_at_once() -> None:
    """Where all of it is less than a stride, only what has to goes."""
    system = replace(SYSTEM, content=SYSTEM.content * 20)
    messages = [system, *conversation(6)[1:]]
    assert fitted(messages, size(messages) - 1).dropped_turns == 1


def test_old_results_are_shortened_before_turns_go() -> None:
    """A long list of long ago is worth less than what was said since."""
    messages = [SYSTEM, *turn(0, LONG), *turn(1), *turn(2), user("And now?")]
    result = fitted(messages, size(messages) - 500)
    assert (result.dropped_turns, result.shortened, len(result.messages)) == (0, 1, len(messages))
    *items, note = json.loads(result.messages[3].content)["result"]
    assert items == EVENTS[: len(items)]
    assert note == f"[{60 - len(items)} more left out]"
    assert result.messages[3] == replace(messages[3], content=result.messages[3].content)
    assert result.messages[4:] == tuple(messages[4:])


def test_results_of_this_turn_share_what_is_left() -> None:
    """Short ones stay whole; the turns before are gone by then."""
    messages = [SYSTEM, *turn(0), *turn(1)[:3], *turn(2, LONG)[1:3], *turn(3, LONG)[1:3]]
    room = size([SYSTEM, *turn(1)[:3]]) + 350
    result = fitted(messages, room)
    assert result.fits
    assert (result.dropped_turns, result.shortened) == (1, 2)
    assert [message.role for message in result.messages] == [
        "system",
        "user",
        *("assistant", "tool") * 3,
    ]
    assert result.messages[3] == messages[7]
    first, second = (json.loads(result.messages[place].content)["result"] for place in (5, 7))
    assert first == second
    assert len(first) > 2
    assert result.tokens > room - 100


def test_harder_halves_what_may_go() -> None:
    """What fitted by the estimate and still was too long is cut by half of what can be cut."""
    messages = conversation(20)
    room = size(messages) + 10
    fixed = size([messages[0], messages[-1]])
    result = fitted(messages, room, harder=True)
    assert whole_turns(result, messages)
    assert result.tokens <= fixed + (room - fixed) / 2
    assert result.dropped_turns
    lone = [SYSTEM, user("Hello")]
    assert fitted(lone, size(lone), harder=True).messages == tuple(lone)


def test_an_overflow_teaches_the_estimate() -> None:
    """Told that the prompt took the window at least, it fits less into it the next time."""
    messages = conversation(20)
    estimate = TokenEstimate()
    window = size(messages) + 200
    first = fit(messages, TOOLS, window=window, reserve=200, estimate=estimate)
    estimate.observe(first.tokens, window + 300)
    second = fit(messages, TOOLS, window=window, reserve=200, estimate=estimate, harder=True)
    assert first.dropped_turns == 0
    assert size(list(second.messages)) < first.tokens / 2


def test_the_context_loses_its_last_lines() -> None:
    """The time stays, and what was said; and if even that does not help, it says so."""
    messages = conversation(0)
    result = fitted(messages, size(messages) - 1)
    assert result.fits
    assert result.shortened == 1
    assert result.messages[-1].content == messages[-1].content.replace("\nB: off", "")

    result = fitted(messages, 10)
    assert not result.fits
    assert result.messages == (
        SYSTEM,
        user("<context>\nTime: Saturday 2026-11-21 17:00\n</context>\nAnd the one in the hall?"),
    )


@pytest.mark.parametrize(
    "said",
    ["", "Hello", "<context>\nTime: Monday", "a </context>\n b", "<context>\n\n</context>\n"],
)
def test_without_a_context_nothing_is_cut(said: str) -> None:
    """What the person said is never touched."""
    result = fitted([SYSTEM, user(said)], 10)
    assert result.messages == (SYSTEM, user(said))
    assert (result.fits, result.shortened) == (False, 0)


def test_nobody_said_anything() -> None:
    """A head alone, and one that an assistant's greeting follows."""
    greeting = Message(role="assistant", content="Good morning!")
    assert fitted([SYSTEM], 10).messages == (SYSTEM,)
    assert fitted([SYSTEM, greeting], 10).messages == (SYSTEM, greeting)
    messages = [SYSTEM, greeting, user("Hello")]
    assert fitted(messages, 10).messages == (SYSTEM, messages[2])
