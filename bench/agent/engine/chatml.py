"""Renders chats as Qwen's models read them: ChatML, tools after the system text.

The same text comes out for a reply in the history as for the reply while it is generated, as with
Ollama's own renderers; what was said once is therefore found in the cache.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bench.agent.engine.chats import Said

START, END = "<|im_start|>", "<|im_end|>"
CALL, CALL_END = "<tool_call>", "</tool_call>"
SPECIAL = (END, START, CALL, CALL_END)
_TOOLS = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""


def render(messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]] = ()) -> str:
    """Return the prompt of a chat, up to where the model goes on."""
    messages = list(messages)
    system = [messages.pop(0)["content"]] if messages and messages[0]["role"] == "system" else []
    if tools:
        system.append(_TOOLS.format(tools="\n".join(_json(tool) for tool in tools)))
    turns = [("system", "\n\n".join(system))] if system else []
    turns += _turns(messages)
    text = "".join(f"{START}{role}\n{content}{END}\n" for role, content in turns)
    return f"{text}{START}assistant\n"


def reply(said: Said) -> str:
    """Return what the model generates to say this, without the token that ends it."""
    calls = (
        f'{CALL}\n{{"name": {_json(name)}, "arguments": {_json(arguments)}}}\n{CALL_END}'
        for name, arguments in said.calls
    )
    return "\n".join((*([said.text] if said.text else []), *calls))


def _turns(messages: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield roles and texts; results of tools that were called together are one turn."""
    for role, group in groupby(messages, key=lambda message: message["role"]):
        if role == "tool":
            yield (
                "user",
                "\n".join(f"<tool_response>\n{m['content']}\n</tool_response>" for m in group),
            )
            continue
        for message in group:
            functions = [call["function"] for call in message.get("tool_calls") or ()]
            calls = tuple((function["name"], function["arguments"]) for function in functions)
            yield role, reply(Said(message.get("content") or "", calls))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
