"""The layout of the prompt."""

from datetime import datetime

from custom_components.local_assist.agent.budget import CONTEXT_END
from custom_components.local_assist.agent.prompt import (
    CONTEXT_START,
    beginning,
    context_block,
    head,
    lay_out,
)
from custom_components.local_assist.backends.base import Message

NOW = datetime(2026, 11, 21, 18, 5)  # noqa: DTZ001 - the house's wall clock


def test_the_head_leaves_out_what_is_empty():
    """Who it is, what the note is, what it may do, and the house."""
    persona, rules, instructions, house = head("I am Ada.", "Use the tools.", "Kitchen").split(
        "\n\n"
    )
    assert (persona, instructions, house) == ("I am Ada.", "Use the tools.", "Kitchen")
    assert "<context>" in rules
    assert head("", " \n", "") == rules


def test_the_context_names_time_room_and_notes():
    """One line each, nothing where nothing is known."""
    assert context_block(NOW, "de", "Kitchen (Ground)", ["Note.", ""]) == (
        "<context>\nTime: Saturday 2026-11-21 18:05\nAnswer in: de\nRoom: Kitchen (Ground)\n"
        "Note.\n</context>\n"
    )
    shortest = context_block(NOW, None, None, [])
    assert shortest == "<context>\nTime: Saturday 2026-11-21 18:05\n</context>\n"
    assert shortest.endswith(CONTEXT_END)


def test_only_the_newest_message_changes():
    """The system text and the history stand before everything that changes."""
    history = [
        Message(role="user", content="Hello"),
        Message(role="assistant", content="Good day."),
        Message(role="user", content="Light on", images=("aGk=",)),
    ]
    context = context_block(NOW, None, None, [])
    assert lay_out("Be kind.", history, context) == (
        Message(role="system", content="Be kind."),
        *history[:2],
        Message(role="user", content=f"{context}Light on", images=("aGk=",)),
    )


def test_what_is_known_beforehand_begins_the_request():
    """In a conversation that has just begun."""
    system, user = lay_out(
        "Be kind.", [Message(role="user", content="Hi")], context_block(NOW, None, None, [])
    )
    assert beginning("Be kind.")[0] == system
    assert user.content.startswith(beginning("Be kind.")[1].content)
    assert beginning("Be kind.")[1].content == CONTEXT_START
