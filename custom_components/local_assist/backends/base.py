"""What an agent asks of a language model, whichever server runs it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..const import CONNECT_TIMEOUT, FIRST_TOKEN_TIMEOUT, TOKEN_GAP_TIMEOUT

type Think = bool | Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool the model wants called. `id` pairs the call with its result."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the conversation.

    Attributes:
        thinking: what the model thought before it wrote `content`.
        tool_calls: assistant messages only.
        tool_name, tool_call_id: tool messages only: which call `content` answers.
        images: user messages only, base64.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    thinking: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str | None = None
    tool_call_id: str | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a server may take, in seconds.

    Attributes:
        connect: until the connection stands.
        first_token: until the first piece of a reply, from the request on.
        gap: between two pieces.
    """

    connect: float = CONNECT_TIMEOUT
    first_token: float = FIRST_TOKEN_TIMEOUT
    gap: float = TOKEN_GAP_TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One request to a model.

    Attributes:
        tools: `{"type": "function", "function": {name, description, parameters}}` each.
        options: the model's runtime options, in Ollama's words (num_ctx, temperature, ...).
        think: whether or how hard the model thinks; None leaves it to the server.
        keep_alive: seconds the model stays loaded afterwards; negative is for ever.
        format: JSON schema the reply must follow.
        deadlines: how long the server may take.
    """

    model: str
    messages: tuple[Message, ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    think: Think | None = None
    keep_alive: int = -1
    format: dict[str, Any] | None = None
    deadlines: Deadlines = Deadlines()


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of what the model thinks; never spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """The model wants a tool called."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The reply is complete. Tokens counted and seconds measured by the server.

    Attributes:
        prompt_tokens: the whole prompt's, also those found in the server's prefix cache.
        cached_tokens: of these the found ones; None if the server does not say.
    """

    reason: str
    prompt_tokens: int = 0
    cached_tokens: int | None = None
    reply_tokens: int = 0
    load_seconds: float = 0.0
    prompt_seconds: float = 0.0
    reply_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Loading:
    """The model is not ready yet; the reply will take a while."""


type Delta = Content | Thinking | ToolRequest | Loading | Done


class Backend(Protocol):
    """A server that runs language models. It raises only BackendErrors."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream one reply; its last delta is Done, or the stream raises."""
