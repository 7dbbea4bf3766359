"""Calls printed as JSON, with the name inside it or before it.

Inside: `{"name", "arguments"}` of Hermes, Qwen and Llama (`parameters`), lists of those after
Mistral's `[TOOL_CALLS]` and in `functools[...]`, OpenAI's `{"tool_calls": [{"function": ...}]}`,
Cohere's `tool_name`. Before: gpt-oss (`to=functions.NAME ...<|message|>{`), DeepSeek
(`NAME<|tool▁sep|>{`), newer Mistral (`NAME[ARGS]{`), Llama (`<function=NAME>{`), Kimi
(`functions.NAME:0<|tool_call_argument_begin|>{`), Gemma 4 (`call:NAME{`), ReAct (`Action Input:`).
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from ...backends.base import ToolRequest
from ..loose_json import LooseJsonError, loads, read
from ..tool_names import known_tool
from .printed import PrintedCall

# What holds the call, what names the tool, and what holds its arguments.
_CALLS = ("tool_calls", "function_call", "function", "tool_call", "calls", "actions")
_NAMES = ("name", "tool_name", "function_name", "tool", "function", "action", "recipient_name")
_ARGUMENTS = ("arguments", "parameters", "args", "input", "action_input", "params", "tool_input")
# Keys that say nothing about the call.
_LABELS = frozenset({"type", "id", "index", "call_id", "tool_call_id", "thought", "reason"})

_OPENING = re.compile(r"[{\[]")
# A name and nothing but markup between it and the arguments.
_NAME_BEFORE = re.compile(
    r"""(?P<name>[A-Za-z_][\w.\-/]*(?::\d+)?)["'>]?\s*(?::(?=\s*\Z))?
        (?:\s|<[^<>\n]{1,40}>|\[ARGS\]|```|json|commentary|Action\ Input:|\()*\Z""",
    re.VERBOSE,
)
_LOOK_BACK = 200


def find(text: str, names: Collection[str]) -> Iterator[PrintedCall]:
    """Yield the calls printed as JSON."""
    position = 0
    while opening := _OPENING.search(text, position):
        position = opening.end()
        try:
            value, end = read(text, opening.start())
        except LooseJsonError:
            continue
        named = _named_before(text[: opening.start()], value, names)
        requests = [named] if named else list(_requests(value, names, depth=0))
        if requests:
            yield PrintedCall(opening.start(), end, tuple(requests))
            position = end


def _named_before(before: str, value: Any, names: Collection[str]) -> ToolRequest | None:
    """Return the call of the tool whose name stands right before its arguments."""
    found = _NAME_BEFORE.search(before[-_LOOK_BACK:])
    name = known_tool(found["name"], names) if found and isinstance(value, dict) else None
    return ToolRequest(name, value) if name else None


def _requests(value: Any, names: Collection[str], depth: int) -> Iterator[ToolRequest]:
    """Yield the calls that a value is, or holds in one of the ways calls are wrapped in."""
    if depth > 3:
        return
    if isinstance(value, list):
        for item in value:
            yield from _requests(item, names, depth + 1)
    elif isinstance(value, dict):
        if request := _request(value, names):
            yield request
            return
        for key in _CALLS:
            if isinstance(value.get(key), dict | list):
                yield from _requests(value[key], names, depth + 1)


def _request(value: dict[str, Any], names: Collection[str]) -> ToolRequest | None:
    """Return the call that an object is, if it names a tool there is."""
    for key in _NAMES:
        written = value.get(key)
        if not isinstance(written, str):
            continue
        rest = {other: value[other] for other in value if other != key and other not in _LABELS}
        held = next((other for other in _ARGUMENTS if other in rest), None)
        if held:
            name = known_tool(written, names)
            arguments = _arguments(rest[held])
        else:
            # The arguments beside the name, or none: ordinary JSON looks like that too.
            name = known_tool(written, names, exactly=True)
            arguments = rest
        if name and arguments is not None and not _is_schema(arguments):
            return ToolRequest(name, arguments)
    return None


def _is_schema(arguments: dict[str, Any]) -> bool:
    """Return whether they tell what a tool takes: then a model repeats what tools there are."""
    return arguments.get("type") == "object" and "properties" in arguments


def _arguments(value: Any) -> dict[str, Any] | None:
    """Return arguments, which may be missing or JSON in a string; None if they are neither."""
    if isinstance(value, str):
        try:
            value = loads(value) if value.strip() else {}
        except LooseJsonError:
            return None
    return value if isinstance(value, dict) else {} if value is None else None
