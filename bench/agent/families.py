"""How families of models see a chat: one prompt of text, and its tokens.

The templates keep what matters for a prefix cache: where the system text, the tools and the turns
stand, and what changes once a turn is history. Written after the templates of the models:
Qwen 3 and Llama 3 as `ollama show --template` prints them, Llama 3 also as its makers ship it
(`tokenizer_config.json`), Gemma 4 as Ollama's `model/renderers/gemma4.go`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from bench.agent.tokens import encode

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models.

    Attributes:
        name: of its template.
        model: what Ollama calls one of them.
        architecture: as Ollama's lists name it.
        call: writes a tool call as the model does, from name and arguments.
        end: of a reply.
        told: what of its template /api/show tells: the lines that say where the tools stand.
    """

    name: str
    model: str
    architecture: str
    call: Callable[[str, Mapping[str, Any]], str]
    end: str
    told: str = "{{ .Prompt }}"

    def prompt(self, messages: Sequence[Message], tools: Sequence[Message]) -> list[int]:
        """Return the tokens of a chat up to where the reply begins."""
        return encode(self.text(messages, tools))

    def text(self, messages: Sequence[Message], tools: Sequence[Message]) -> str:
        """Return a chat as text."""
        system = messages[0]["content"] if messages and messages[0]["role"] == "system" else ""
        rest = messages[1:] if system else messages
        users = [index for index, message in enumerate(rest) if message["role"] == "user"]
        return (
            _environment()
            .get_template(f"{self.name}.jinja")
            .render(
                system=system,
                tools=tools,
                messages=rest,
                first_user=users[0] if users else None,
                last_user=users[-1] if users else None,
                reply=self.reply,
            )
        )

    def reply(self, message: Message) -> str:
        """Return what the model wrote: text, then calls."""
        calls = [
            self.call(one["function"]["name"], one["function"]["arguments"])
            for one in message.get("tool_calls") or ()
        ]
        return "".join([message.get("content") or "", *calls])

    def generated(self, message: Message) -> list[int]:
        """Return the tokens of a reply, its end included."""
        return encode(self.reply(message) + self.end)

    def head(self, messages: Sequence[Message], tools: Sequence[Message]) -> list[int]:
        """Return what is the same whatever is asked: system text and tools, where they come first.

        Tools in a later place than the first user turn are not part of it.
        """
        system = [message for message in messages[:1] if message["role"] == "system"]
        ends = ("Alpha", "7 zebras")
        one, other = (
            self.prompt([*system, {"role": "user", "content": end}], tools) for end in ends
        )
        return one[: common(one, other)]


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the longest common prefix."""
    if one == other:
        return len(one)
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _qwen_call(name: str, arguments: Mapping[str, Any]) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {_json(arguments)}}}\n</tool_call>'


def _llama_call(name: str, arguments: Mapping[str, Any]) -> str:
    return f'{{"name": "{name}", "parameters": {_json(arguments)}}}'


def _gemma_call(name: str, arguments: Mapping[str, Any]) -> str:
    return f"<|tool_call>call:{name}{gemma_value(arguments)}<tool_call|>"


def gemma_value(value: Any) -> str:
    """Write a value in Gemma 4's own notation: bare keys, its own quotes, keys sorted."""
    match value:
        case Mapping():
            items = (f"{key}:{gemma_value(inner)}" for key, inner in sorted(value.items()))
            return "{" + ",".join(items) + "}"
        case str():
            return f'<|"|>{value}<|"|>'
        case list() | tuple():
            return "[" + ",".join(map(gemma_value, value)) + "]"
        case _:
            return json.dumps(value)


def _gemma_schema(function: Mapping[str, Any]) -> str:
    return gemma_value({key: value for key, value in function.items() if key != "name"})


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    made = Environment(loader=FileSystemLoader(folder), keep_trailing_newline=True)
    made.filters |= {"json": _json, "schema": _gemma_schema}
    return made


FAMILIES = (
    Family("qwen3", "qwen3:4b", "qwen3", _qwen_call, "<|im_end|>"),
    Family("llama3", "llama3.2:3b", "llama", _llama_call, "<|eot_id|>"),
    Family("gemma4", "gemma4:e4b", "gemma4", _gemma_call, "<turn|>"),
    Family(
        "llama3_ollama",
        "llama3.2:3b",
        "llama",
        _llama_call,
        "<|eot_id|>",
        told="{{- if and $.Tools $last }}{{ range $.Tools }}{{ . }}{{ end }}{{ end }}",
    ),
)
