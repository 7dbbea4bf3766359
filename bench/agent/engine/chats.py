"""What the scripted model says, and what a chat cost the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A reply of the model.

    Attributes:
        text: what it says.
        calls: names and arguments of the tools it calls after that.
    """

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()


type Script = Callable[[dict[str, Any]], Said]


@dataclass(slots=True)
class Chat:
    """A request to `/api/chat` that had messages.

    Attributes:
        body: of the request. A warm-up is one that asks for a single token.
        prompt: tokens of the whole prompt.
        cached: those of them the slot still held: the common prefix.
        evaluated: those of them it had to read; of a chat that was hung up, until it stopped
            telling.
        prompt_ms: time it read, milliseconds.
        first_ms: from the arrival of the request to the first token, with all waiting for the slot
            and for loading, milliseconds; None if it was hung up before.
        generated: tokens of the reply.
        generate_ms: time they took, milliseconds.
        loaded: the model had to be loaded, and the cache was empty.
        ended: the reply was sent to its end; False if the client hung up.
    """

    body: dict[str, Any]
    prompt: int = 0
    cached: int = 0
    evaluated: int = 0
    prompt_ms: float = 0.0
    first_ms: float | None = None
    generated: int = 0
    generate_ms: float = 0.0
    loaded: bool = False
    ended: bool = False
