"""The OpenAI-compatible chat API in plain data: requests to JSON, chunks and errors from it.

Shapes as in OpenAI's reference of chat completions, and where servers go beyond it: thoughts are
`reasoning_content` (llama.cpp, DeepSeek, LM Studio) or `reasoning` (Ollama, newer vLLM), `timings`
are llama.cpp's, in milliseconds.
"""

import json
import re
from typing import Any, Final

from ..errors import (
    BackendAuthError,
    BackendBusyError,
    BackendError,
    BackendRejectedError,
    BackendServerError,
    BackendStreamError,
    ContextOverflowError,
    ModelNotFoundError,
    ModelUnsuitableError,
    NotOpenAIError,
)
from .base import ChatRequest, Content, Delta, Done, Message, Thinking, ToolCall, ToolRequest

MAX_MESSAGE_LENGTH: Final = 200
# Ollama's options by what other servers call them: llama.cpp and LM Studio know `repeat_penalty`,
# vLLM and mlx-lm `repetition_penalty`. The window is set where the server is started.
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "min_p": ("min_p",),
    "repeat_penalty": ("repeat_penalty", "repetition_penalty"),
    "seed": ("seed",),
    "num_predict": ("max_tokens",),
}
# How the usual formats begin, in base64.
IMAGE_TYPES: Final = {"/9j/": "jpeg", "iVBOR": "png", "R0lG": "gif", "UklG": "webp"}

_OVERFLOW = re.compile(r"context[_ ](?:length|size|window)", re.IGNORECASE)
_MISSING_MODEL = re.compile(
    r"model_not_found|model .*(?:not found|not exist)|invalid model|no models? loaded",
    re.IGNORECASE,
)
_UNSUITABLE = re.compile(
    r"not support|unsupported|--jinja|--enable-auto-tool-choice|--tool-call-parser", re.IGNORECASE
)
_QUOTA = re.compile(r"insufficient_quota|billing|credits", re.IGNORECASE)


def chat_body(request: ChatRequest, *, plain: bool = False) -> dict[str, object]:
    """Return the body of POST /chat/completions.

    `plain` leaves out everything that a server may refuse because it does not know it.
    """
    body: dict[str, object] = {
        "model": request.model,
        "messages": [_message(message, plain=plain) for message in request.messages],
        "stream": True,
    }
    if request.tools:
        body["tools"] = list(request.tools)
    if request.format is not None:
        schema = {"name": "answer", "schema": request.format}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body if plain else body | _extras(request)


def _extras(request: ChatRequest) -> dict[str, object]:
    extras: dict[str, object] = {
        theirs: request.options[ours]
        for ours, names in OPTIONS.items()
        if ours in request.options
        for theirs in names
    }
    extras["stream_options"] = {"include_usage": True}
    if isinstance(request.think, str):
        extras["reasoning_effort"] = request.think
    elif request.think is not None:
        # llama.cpp and vLLM hand this to the model's chat template; others pass over it.
        extras["chat_template_kwargs"] = {"enable_thinking": request.think}
    return extras


def _message(message: Message, *, plain: bool) -> dict[str, object]:
    data: dict[str, object] = {"role": message.role, "content": message.content}
    if message.images:
        text = [{"type": "text", "text": message.content}] if message.content else []
        data["content"] = [*text, *map(_image, message.images)]
    if message.thinking and not plain:
        data["reasoning_content"] = message.thinking
    if message.tool_calls:
        data["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.role == "tool":
        data["tool_call_id"] = message.tool_call_id
    return data


def _image(data: str) -> dict[str, object]:
    kind = next((kind for start, kind in IMAGE_TYPES.items() if data.startswith(start)), "jpeg")
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{data}"}}


def _call(call: ToolCall) -> dict[str, object]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


class _Call:
    """A tool call whose arguments are still coming in."""

    def __init__(self) -> None:
        self.name = ""
        self.id: str | None = None
        self.arguments: str | dict[str, Any] = ""

    def take(self, piece: dict[str, Any]) -> None:
        """Add a piece: the name comes once, the arguments letter by letter or whole."""
        function = piece.get("function") or {}
        self.id = self.id or piece.get("id")
        self.name = function.get("name") or self.name
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            self.arguments = arguments
        elif arguments and isinstance(self.arguments, str):
            self.arguments += arguments

    def request(self) -> ToolRequest:
        """Return the whole call. Raises ValueError if it makes no sense."""
        arguments = self.arguments
        if isinstance(arguments, str):
            # Small models write line breaks into strings as they are.
            arguments = json.loads(arguments, strict=False) if arguments.strip() else {}
        if not isinstance(arguments, dict) or not self.name:
            raise ValueError("no tool call")
        return ToolRequest(self.name, arguments)


class Reply:
    """Puts one reply together from the chunks of its stream.

    Attributes:
        begun: something of the reply itself has come.
        finished: the model has ended it; only figures may follow.
    """

    def __init__(self) -> None:
        self.begun = False
        self._reason = ""
        self._calls: list[_Call] = []
        # The one that each index, if there is any, means now.
        self._open: dict[object, _Call] = {}
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}

    @property
    def finished(self) -> bool:
        """Return whether the model has ended the reply."""
        return bool(self._reason)

    def feed(self, chunk: object) -> list[Delta]:
        """Take a chunk in; return what of it can be handed on.

        Raises:
            BackendStreamError: it makes no sense.
        """
        try:
            return self._take(chunk)
        except (AttributeError, KeyError, IndexError, TypeError) as err:
            raise BackendStreamError(message="a chunk of unknown shape") from err

    def _take(self, chunk: Any) -> list[Delta]:
        self._usage = chunk.get("usage") or self._usage
        self._timings = chunk.get("timings") or self._timings
        found: list[Delta] = []
        for choice in chunk["choices"][:1]:
            delta = choice.get("delta") or {}
            if thought := delta.get("reasoning_content") or delta.get("reasoning"):
                found.append(Thinking(str(thought)))
            if text := delta.get("content"):
                found.append(Content(str(text)))
            pieces = delta.get("tool_calls") or ()
            for piece in pieces:
                self._call_of(piece).take(piece)
            self._reason = str(choice.get("finish_reason") or "") or self._reason
            self.begun = bool(self.begun or found or pieces)
        return found

    def _call_of(self, piece: dict[str, Any]) -> _Call:
        """Return the call a piece belongs to.

        By its index; but some servers leave that out, and others count every call as 0.
        """
        index, identity = piece.get("index"), piece.get("id")
        known = self._open.get(index)
        named = bool((piece.get("function") or {}).get("name"))
        if known is None or (named and identity and identity != known.id):
            known = self._open[index] = _Call()
            self._calls.append(known)
        return known

    def end(self) -> list[Delta]:
        """Return the tool calls, whole only now, and Done.

        Raises:
            BackendStreamError: a tool call or the figures make no sense.
        """
        try:
            calls = [call.request() for call in self._calls]
            return [*calls, self._done()]
        except (AttributeError, TypeError, ValueError, RecursionError) as err:
            raise BackendStreamError(message="a tool call that makes no sense") from err

    def _done(self) -> Done:
        usage, timings = self._usage, self._timings
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        if cached is None:
            cached = timings.get("cache_n")
        evaluated = timings.get("prompt_n") or 0
        return Done(
            reason=self._reason,
            prompt_tokens=int(usage.get("prompt_tokens") or evaluated + (cached or 0)),
            cached_tokens=None if cached is None else int(cached),
            reply_tokens=int(usage.get("completion_tokens") or timings.get("predicted_n") or 0),
            prompt_seconds=float(timings.get("prompt_ms") or 0) / 1000,
            reply_seconds=float(timings.get("predicted_ms") or 0) / 1000,
        )


def model_names(listed: Any) -> list[str]:
    """Return the names in the answer of /models. Raises ValueError if it is no such answer."""
    try:
        return [str(model["id"]) for model in listed["data"] or ()]
    except (KeyError, TypeError) as err:
        raise ValueError("no list of models") from err


def failure(status: int, error: object, *, url: str, server: str, model: str) -> BackendError:
    """Return the error that a status and a server's words mean.

    Args:
        status: HTTP's, or what an error amid a stream stands for.
        error: the JSON of the error; a text is no JSON, so it is not the API's.
        url: where the server is.
        server: what the message calls it.
        model: which one was asked for; may be empty.
    """
    said, kind = _said(error)
    message = " ".join(said.split())[:MAX_MESSAGE_LENGTH]
    both = f"{kind} {message}"
    wrong = (status in (400, 404, 413, 422) or status >= 500) and bool(said)
    rules: tuple[tuple[object, BackendError], ...] = (
        (status in (401, 403), BackendAuthError(server=server, url=url)),
        (
            wrong and _OVERFLOW.search(both),
            ContextOverflowError(server=server, model=model),
        ),
        (
            wrong and _MISSING_MODEL.search(both),
            ModelNotFoundError(server=server, model=model),
        ),
        (
            status == 429 and _QUOTA.search(both),
            BackendRejectedError(server=server, message=message),
        ),
        (status in (429, 503), BackendBusyError(server=server, url=url)),
        (
            _UNSUITABLE.search(message),
            ModelUnsuitableError(server=server, model=model, message=message),
        ),
        (status >= 500, BackendServerError(server=server, message=message or f"HTTP {status}")),
        (
            status in (400, 402, 409, 413, 422) and message,
            BackendRejectedError(server=server, message=message),
        ),
    )
    other = NotOpenAIError(server=server, url=url)
    return next((error for applies, error in rules if applies), other)


def _said(error: object) -> tuple[str, str]:
    """Return what an error says and of which kind it says it is."""
    if not isinstance(error, dict):
        return "", ""
    said = error.get("message") or error.get("detail") or error.get("error") or ""
    return str(said), f"{error.get('code')} {error.get('type')}"
