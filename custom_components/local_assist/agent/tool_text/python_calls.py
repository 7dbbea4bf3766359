"""Calls printed as Python: Llama's `[f(a=1), g(b="x")]`, Gemma's tool_code `print(api.f(a=1))`."""

import ast
import re
from collections.abc import Collection, Iterator
from typing import Any

from ...backends.base import ToolRequest
from ..tool_names import known_tool
from .printed import PrintedCall

# A call begins a line, or what a list, a print or a fence has opened.
_CALL = re.compile(r"(?:^|[\[,(;`>\]])[ \t]*(?P<call>(?P<name>[A-Za-z_][\w.]*)\()", re.MULTILINE)
_CONSTANTS = {"true": True, "false": False, "null": None}
_LONGEST = 4000


def find(text: str, names: Collection[str]) -> Iterator[PrintedCall]:
    """Yield the calls printed as Python, whose arguments all have names."""
    position = 0
    while found := _CALL.search(text, position):
        start = found.start("call")
        position = found.end() - 1  # what it opens may hold the call
        name = known_tool(found["name"], names)
        end = _closing(text, found.end()) if name else None
        if name is None or end is None:
            continue
        arguments = _keywords(text[start:end])
        if arguments is not None:
            yield PrintedCall(start, end, (ToolRequest(name, arguments),))
            position = end


def _closing(text: str, position: int) -> int | None:
    """Return the end of the call whose parenthesis was opened before `position`."""
    depth = 1
    quote = ""
    for index in range(position, min(len(text), position + _LONGEST)):
        character = text[index]
        if quote:
            if character == quote and text[index - 1] != "\\":
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def _keywords(source: str) -> dict[str, Any] | None:
    """Return the keyword arguments of a call, None if it is not one of literals alone."""
    try:
        call = ast.parse(source, mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            return None
        return {keyword.arg or "": _literal(keyword.value) for keyword in call.keywords}
    except ValueError, SyntaxError, RecursionError, MemoryError:
        return None


def _literal(node: ast.expr) -> Any:
    """Return what a literal says, JSON's constants included."""
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    return ast.literal_eval(node)
