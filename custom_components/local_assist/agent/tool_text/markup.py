"""Calls printed as markup with an element for each parameter.

Qwen 3 Coder: `<function=NAME><parameter=KEY>VALUE</parameter></function>`. MiniMax, DeepSeek 3.2:
`<invoke name="NAME"><parameter name="KEY">VALUE</parameter></invoke>`.
GLM: `<tool_call>NAME<arg_key>KEY</arg_key><arg_value>VALUE</arg_value></tool_call>`.
"""

import re
from collections.abc import Collection, Iterator
from itertools import zip_longest

from ...backends.base import ToolRequest
from ..tool_names import known_tool
from .printed import PrintedCall

_OPENING = re.compile(
    r"""<function=(?P<equals>[^\s<>]+)\s*>
      | <(?:invoke|function)\s+name=["'](?P<named>[^"'<>]+)["'][^<>]*>
      | <tool_call>\s*(?P<glm>[\w.\-]+)\s*(?=<arg_key>|</tool_call>)""",
    re.VERBOSE,
)
_CLOSING = re.compile(r"</(?:function|invoke|tool_call)>")
_PARAMETER = re.compile(
    r"""<(?:parameter|param)(?:=|\s+name=)["']?(?P<key>[^"'<>\s]+)["']?[^<>]*>
        (?P<value>.*?)</(?:parameter|param)>
      | <arg_key>(?P<glm_key>.*?)</arg_key>\s*<arg_value>(?P<glm_value>.*?)</arg_value>""",
    re.VERBOSE | re.DOTALL,
)


def find(text: str, names: Collection[str]) -> Iterator[PrintedCall]:
    """Yield the calls printed as markup."""
    openings = list(_OPENING.finditer(text))
    for opening, following in zip_longest(openings, openings[1:]):
        end = following.start() if following else len(text)
        name = known_tool(opening[opening.lastgroup or 0], names)
        closing = _CLOSING.search(text, opening.end(), end)
        body = text[opening.end() : closing.start() if closing else end]
        # What is no whole parameter may have limited the call; JSON is read elsewhere.
        if name is None or _PARAMETER.sub("", body).strip():
            continue
        arguments = {
            (found["key"] or found["glm_key"]).strip(): (
                found["value"] if found["key"] else found["glm_value"]
            ).strip()
            for found in _PARAMETER.finditer(body)
        }
        yield PrintedCall(
            opening.start(), closing.end() if closing else end, (ToolRequest(name, arguments),)
        )
