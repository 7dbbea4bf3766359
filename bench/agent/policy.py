"""A scripted model: what a good one would say and call, whichever agent asks.

It knows what the session is about, and reads the prompt as a model would: a state that is in the
prompt is told at once, one that is not is looked up with the tool there is. How many rounds a turn
takes is therefore the prompt's doing.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_LOOK_UP = ("FindDevices", "GetLiveContext")
_ASKS = ("query", "sentence", "text", "search", "what", "name")
"""What a look-up tool may call the words it looks for."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool, by the end of its name, and what it is called with."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something a person says.

    Attributes:
        room: where.
        text: what.
        needs: entity ids whose names (for an order) or states (for a question) must be known.
        calls: what is to be done; nothing for a question.
        says: the end of the answer.
    """

    room: str
    text: str
    needs: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    says: str = "There you are."

    @property
    def kind(self) -> str:
        """Return "command", "state" or "chat"."""
        if self.calls:
            return "command"
        return "state" if self.needs else "chat"


@dataclass(frozen=True, slots=True)
class Known:
    """What a thing is called, and what stands for its state, in any of the ways it is told."""

    names: tuple[str, ...]
    states: tuple[str, ...]
    domain: str


@dataclass
class ScriptedModel:
    """Answers chats. `truth` tells of a thing; `failed` collects what could not be answered."""

    turns: Sequence[Turn]
    truth: Callable[[str], Known]
    failed: list[str] = field(default_factory=list)

    def __call__(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the assistant's message."""
        messages = body["messages"]
        last = max((i for i, m in enumerate(messages) if m["role"] == "user"), default=None)
        if last is None:
            return _say("Hello.")
        turn = self._turn(messages[last]["content"])
        if turn is None or turn.kind == "chat":
            return _say(turn.says if turn else "All right.")
        since = messages[last + 1 :]
        answer = self._order if turn.kind == "command" else self._question
        if tools := body.get("tools"):
            return answer(turn, messages, since, tools)
        return _printed(answer(turn, messages, since, _told_in(messages[0]["content"])))

    def _turn(self, asked: str) -> Turn | None:
        """Return what is asked: the text stands at the end, or before a note."""
        found = [turn for turn in self.turns if turn.text in asked]
        return max(found, key=lambda turn: asked.rfind(turn.text), default=None)

    def _order(
        self, turn: Turn, messages: Sequence[Any], since: Sequence[Any], tools: Sequence[Any]
    ) -> dict[str, Any]:
        calls = [(_tool(tools, call.tool), call.arguments) for call in turn.calls]
        done = set(_called(since))
        if done & {name for name, _ in calls}:
            return _say(turn.says)
        text = "\n".join(m.get("content") or "" for m in messages).casefold()
        named = all(
            any(name.casefold() in text for name in self.truth(thing).names) for thing in turn.needs
        )
        if not named and not _looked_up(since):
            return self._look_up(turn, tools)
        if not named or not all(name for name, _ in calls):
            return self._give_up(turn)
        return _call(*calls)

    def _question(
        self, turn: Turn, messages: Sequence[Any], since: Sequence[Any], tools: Sequence[Any]
    ) -> dict[str, Any]:
        now = messages[len(messages) - len(since) - 1 :]
        text = "\n".join(m.get("content") or "" for m in (messages[0], *now))
        if all(is_told(text, self.truth(thing)) for thing in turn.needs):
            return _say(turn.says)
        if _looked_up(since):
            return self._give_up(turn)
        return self._look_up(turn, tools)

    def _look_up(self, turn: Turn, tools: Sequence[Any]) -> dict[str, Any]:
        tool = next(filter(None, (_tool(tools, end) for end in _LOOK_UP)), None)
        if tool is None:
            return self._give_up(turn)
        things = [self.truth(thing) for thing in turn.needs]
        if len(things) > 1 and tool.endswith("GetLiveContext"):
            return _call((tool, {"domain": sorted({thing.domain for thing in things})}))
        return _call((tool, {_asks(tools, tool): ", ".join(thing.names[0] for thing in things)}))

    def _give_up(self, turn: Turn) -> dict[str, Any]:
        self.failed.append(turn.text)
        return _say("I am afraid I cannot tell.")


def is_told(text: str, thing: Known) -> bool:
    """Return whether a text tells a thing's state, where it names it.

    That is on the same line or on the lines below that are indented deeper, as in the YAML Home
    Assistant answers with.
    """
    lines = text.replace("\\n", "\n").split("\n")
    for number, line in enumerate(lines):
        folded = line.casefold()
        if not any(name.casefold() in folded for name in thing.names):
            continue
        record = [folded]
        for following in lines[number + 1 :]:
            if not following.startswith("  "):
                break
            record.append(following.casefold())
        if any(_states(state, "\n".join(record)) for state in thing.states):
            return True
    return False


def _states(state: str, text: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(state.casefold())}(?![\w]|[.,]\d)", text) is not None


def _told_in(system: str) -> list[Any]:
    """Return the tools that are told in the system text, a line of JSON each."""
    lines = (line for line in system.split("\n") if line.startswith('{"type": "function"'))
    return [json.loads(line) for line in lines]


def _printed(message: dict[str, Any]) -> dict[str, Any]:
    """Return a reply with its calls as text, as a model writes them that was told so in text."""
    calls = [call["function"] for call in message.pop("tool_calls", ())]
    written = ({"name": call["name"], "parameters": call["arguments"]} for call in calls)
    text = "\n".join([json.dumps(call) for call in written])
    return message | {"content": message["content"] + text}


def _tool(tools: Sequence[Any], end: str) -> str | None:
    names = (tool["function"]["name"] for tool in tools)
    return next((name for name in names if name.endswith(end)), None)


def _asks(tools: Sequence[Any], name: str) -> str:
    """Return the argument of a look-up tool that takes words."""
    schema = next(t["function"]["parameters"] for t in tools if t["function"]["name"] == name)
    properties = schema.get("properties", {})
    return next((one for one in _ASKS if one in properties), next(iter(properties), "name"))


def _looked_up(since: Sequence[Any]) -> bool:
    return any(name.endswith(_LOOK_UP) for name in _called(since))


def _called(since: Sequence[Any]) -> list[str]:
    """Return the names of the tools that were called."""
    return [call["function"]["name"] for m in since for call in m.get("tool_calls") or ()]


def _say(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _call(*calls: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": f"call_{i}", "function": {"index": i, "name": name, "arguments": dict(given)}}
            for i, (name, given) in enumerate(calls)
        ],
    }
