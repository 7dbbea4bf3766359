"""Ollama's HTTP API in plain data: requests to JSON, lines and errors from it. No I/O.

Shapes as in the server's api/types.go. Durations on the wire are nanoseconds.
"""

import re
from typing import Any

from homeassistant.util.json import json_loads_object

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
    NotOllamaError,
)
from .base import ChatRequest, Content, Delta, Done, Message, Thinking, ToolRequest

MAX_MESSAGE_LENGTH = 200
_OVERFLOW = re.compile(r"longer than the context|exceeds the (?:available )?context", re.IGNORECASE)
_UNSUITABLE = re.compile(r"does not support|not supported", re.IGNORECASE)
_MISSING_MODEL = re.compile(r"model .*not found", re.IGNORECASE)


def chat_body(request: ChatRequest, *, stream: bool = True) -> dict[str, Any]:
    """Return the body of POST /api/chat.

    `shift` is always false: a prompt that does not fit is then an error instead of a prompt whose
    head, our instructions, was silently cut off.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": stream,
        "shift": False,
        "keep_alive": keep_alive_on_wire(request.keep_alive),
        "options": request.options,
    }
    if request.tools:
        body["tools"] = list(request.tools)
    if request.think is not None:
        body["think"] = request.think
    if request.format is not None:
        body["format"] = request.format
    return body


def full_name(model: str) -> str:
    """Return a model's name with its tag, without which the server means `latest`."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def keep_alive_on_wire(seconds: int) -> int | str:
    """Return how long a model stays loaded: only a bare negative number is for ever."""
    return seconds if seconds < 0 else f"{seconds}s"


def _message(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.thinking:
        data["thinking"] = message.thinking
    if message.tool_calls:
        data["tool_calls"] = [
            {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.images:
        data["images"] = list(message.images)
    if message.role == "tool":
        data |= {"tool_name": message.tool_name, "tool_call_id": message.tool_call_id}
    return data


def deltas(line: bytes, *, url: str, model: str) -> list[Delta]:
    """Parse one line of the stream.

    Raises:
        BackendError: the line says that the server failed, or makes no sense.
    """
    try:
        data = json_loads_object(line)
    except ValueError as err:
        raise BackendStreamError(message="a line that is not JSON") from err
    if error := data.get("error"):
        raise failure(500, str(error), url=url, model=model)
    try:
        return _deltas(data)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as err:
        raise BackendStreamError(message="a line of unknown shape") from err


def _deltas(data: dict[str, Any]) -> list[Delta]:
    message = data.get("message") or {}
    found: list[Delta] = []
    if thinking := message.get("thinking"):
        found.append(Thinking(str(thinking)))
    if content := message.get("content"):
        found.append(Content(str(content)))
    for call in message.get("tool_calls") or ():
        function = call["function"]
        arguments = function.get("arguments") or {}
        if not isinstance(arguments, dict):
            raise TypeError("arguments")
        found.append(ToolRequest(str(function["name"]), arguments))
    if data.get("done"):
        found.append(
            Done(
                reason=str(data.get("done_reason") or "stop"),
                prompt_tokens=int(data.get("prompt_eval_count") or 0),
                reply_tokens=int(data.get("eval_count") or 0),
                load_seconds=_seconds(data, "load_duration"),
                prompt_seconds=_seconds(data, "prompt_eval_duration"),
                reply_seconds=_seconds(data, "eval_duration"),
            )
        )
    elif "message" not in data:
        raise KeyError("message")
    return found


def _seconds(data: dict[str, Any], key: str) -> float:
    return float(data.get(key) or 0) / 1e9


def response_failure(status: int, body: str, *, url: str, model: str) -> BackendError:
    """Return the error an HTTP status other than 2xx means. `model` may be empty."""
    try:
        said = str(json_loads_object(body).get("error") or "")
    except ValueError:
        # Ollama always says it in JSON; a proxy or something else altogether answered.
        said = ""
    return failure(status, said, url=url, model=model)


def failure(status: int, said: str, *, url: str, model: str) -> BackendError:
    """Return the error that a status and the server's words mean."""
    message = " ".join(said.split())[:MAX_MESSAGE_LENGTH]
    rules: tuple[tuple[object, BackendError], ...] = (
        (status in (401, 403), BackendAuthError(url=url)),
        (_OVERFLOW.search(message), ContextOverflowError(model=model)),
        (_MISSING_MODEL.search(message), ModelNotFoundError(model=model)),
        (status in (429, 503), BackendBusyError(url=url)),
        (_UNSUITABLE.search(message), ModelUnsuitableError(model=model, message=message)),
        (status >= 500, BackendServerError(message=message or f"HTTP {status}")),
        (message, BackendRejectedError(message=message)),
    )
    return next((error for applies, error in rules if applies), NotOllamaError(url=url))
