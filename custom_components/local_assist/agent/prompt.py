"""Where everything stands in a prompt.

`[system: persona, rules, Home Assistant's instructions, the house] [history] [user: context, the
sentence]`

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

# How every newest message begins, and all that is known of it before the person has spoken.
CONTEXT_START = "<context>\n"
CONTEXT_END = "</context>\n"


def head(persona: str, instructions: str, overview: str) -> str:
    """Return the system text, the same for every turn."""
    parts = (persona, RULES, instructions, overview)
    return "\n\n".join(part.strip() for part in parts if part.strip())


def context_block(
    now: datetime, language: str | None, room: str | None, notes: Iterable[str]
) -> str:
    """Return what holds for this turn alone. `now` in the house's time zone."""
    lines = [f"Time: {now:%A %Y-%m-%d %H:%M}"]
    if language:
        lines.append(f"Answer in: {language}")
    if room:
        lines.append(f"Room: {room}")
    body = "\n".join(line for line in (*lines, *notes) if line)
    return f"{CONTEXT_START}{body}\n{CONTEXT_END}"


def lay_out(system: str, history: Sequence[Message], context: str) -> tuple[Message, ...]:
    """Return the messages of a request; `history` ends with what the person just said."""
    *before, spoken = history
    spoken = replace(spoken, content=f"{context}{spoken.content}")
    return (Message(role="system", content=system), *before, spoken)


def beginning(system: str) -> tuple[Message, ...]:
    """Return the messages of a request as far as they are known before the person has spoken."""
    return (Message(role="system", content=system), Message(role="user", content=CONTEXT_START))
