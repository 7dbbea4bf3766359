"""Where everything stands in a prompt.

`[system: persona, rules, Home Assistant's instructions] [history] [user: context, the sentence]`

A server evaluates only what differs from the prompt before, so what is the same for every turn and
every room comes first, and what changes rides in the newest user message. It is added when a
request is built and never stored: the history keeps what was said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ..backends.base import Message

RULES = (
    "The newest message begins with a note of the house in <context> tags: what holds right now. "
    "The person did not say it; use it, do not read it out."
)

# How Home Assistant's instructions begin where they depend on the device that is spoken to
# (components/intent/llm.py). Missing one costs a cache hit, nothing else.
_ABOUT_THE_DEVICE = (
    "You are in area ",
    "When a user asks to turn on all devices of a specific type",
    "This device is not able to start timers",
)


def split_instructions(instructions: str) -> tuple[str, list[str]]:
    """Split Home Assistant's instructions into what holds everywhere and what only here."""
    lines = instructions.splitlines()
    here = [line for line in lines if line.startswith(_ABOUT_THE_DEVICE)]
    return "\n".join(line for line in lines if line not in here), here


def head(persona: str, instructions: str) -> str:
    """Return the system text, the same for every turn."""
    return "\n\n".join(part for part in (persona.strip(), RULES, instructions.strip()) if part)


def context_block(now: datetime, room: str | None, notes: Iterable[str]) -> str:
    """Return what holds for this turn alone. `now` in the house's time zone."""
    lines = [f"Time: {now:%A %Y-%m-%d %H:%M}"]
    if room:
        lines.append(f"Room: {room}")
    return "\n".join(["<context>", *lines, *filter(None, notes), "</context>"])


def lay_out(system: str, history: Sequence[Message], context: str) -> tuple[Message, ...]:
    """Return the messages of a request; `history` ends with what the person just said."""
    *before, spoken = history
    spoken = replace(spoken, content=f"{context}\n{spoken.content}")
    return (Message(role="system", content=system), *before, spoken)
