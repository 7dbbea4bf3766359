"""The layout of the prompt."""

from datetime import datetime

from custom_components.local_assist.agent.prompt import (
    context_block,
    head,
    lay_out,
    split_instructions,
)
from custom_components.local_assist.backends.base import Message

INSTRUCTIONS = """Use the tools.
You are in area Kitchen (floor Ground) and all generic commands should target this area.
This device is not able to start timers.
Be kind."""
NOW = datetime(2026, 11, 21, 18, 5)  # noqa: DTZ001 - the house's wall clock


def test_what_depends_on_the_device_leaves_the_head():
    """Two rooms share their head byte for byte."""
    everywhere, here = split_instructions(INSTRUCTIONS)
    assert everywhere == "Use the tools.\nBe kind."
    assert len(here) == 2
    other = INSTRUCTIONS.replace("Kitchen (floor Ground)", "Attic")
    assert head("I am Ada.", split_instructions(other)[0]) == head("I am Ada.", everywhere)


def test_the_context_names_time_room_and_notes():
    """One line each, nothing where nothing is known."""
    assert context_block(NOW, "Kitchen (Ground)", ["Note.", ""]) == (
        "<context>\nTime: Saturday 2026-11-21 18:05\nRoom: Kitchen (Ground)\nNote.\n</context>"
    )
    assert context_block(NOW, None, []) == "<context>\nTime: Saturday 2026-11-21 18:05\n</context>"


def test_only_the_newest_message_changes():
    """The system text and the history stand before everything that changes."""
    history = [
        Message(role="user", content="Hello"),
        Message(role="assistant", content="Good day."),
        Message(role="user", content="Light on", images=("aGk=",)),
    ]
    messages = lay_out("Be kind.", history, "<context/>")
    assert messages == (
        Message(role="system", content="Be kind."),
        *history[:2],
        Message(role="user", content="<context/>\nLight on", images=("aGk=",)),
    )
