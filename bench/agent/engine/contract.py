"""What the engine is given, and what it tells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

type Message = Mapping[str, Any]
type Model = Callable[[Mapping[str, Any]], Message]
"""Chooses the assistant's message, as Ollama tells it, from the body of a request to /api/chat."""


class Family(Protocol):
    """How the model sees a chat. What was said must be found as it was generated."""

    @property
    def model(self) -> str:
        """Return what Ollama calls it."""

    @property
    def architecture(self) -> str:
        """Return the family as Ollama's lists name it."""

    def text(self, messages: Sequence[Message], tools: Sequence[Message]) -> str:
        """Return a chat as text, up to where the reply begins."""

    def reply(self, message: Message) -> str:
        """Return what the model writes to say this, without what ends it."""


@dataclass(slots=True)
class Request:
    """A chat with messages: tokens and milliseconds, all of them the engine's own figures.

    Attributes:
        warm_up: it asked for one token at most.
        prompt: tokens of the whole prompt.
        cached: those of them the slot still held: the common prefix.
        evaluated: those of them it had to read; of one that was hung up, to the end of the batch it
            was at.
        read_ms: time it read.
        first_ms: from the arrival of the request to the first token, with all waiting for the slot
            and for loading; None if it was hung up before.
        written: tokens of the reply.
        write_ms: time they took.
        loaded: the model was loaded for it, and the cache was empty.
        ended: the reply was sent to its end; False if the client hung up.
    """

    warm_up: bool
    prompt: int = 0
    cached: int = 0
    evaluated: int = 0
    read_ms: float = 0.0
    first_ms: float | None = None
    written: int = 0
    write_ms: float = 0.0
    loaded: bool = False
    ended: bool = False
