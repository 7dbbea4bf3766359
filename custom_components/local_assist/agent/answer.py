"""One answer of the model while it streams in."""

import itertools
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from homeassistant.components import conversation
from homeassistant.helpers import llm

from ..backends.base import Content, Delta, Done, Loading, Message, Thinking, ToolRequest
from .convert import assistant_message
from .speakable import Piece, Speakable, Speech, Thought
from .tool_text import find_calls

type LogDelta = conversation.AssistantContentDeltaDict | conversation.ToolResultContentDeltaDict
type Doubt = Callable[[str], bool]

# Enough to tell what a sentence claims.
_FIRST_SENTENCE = re.compile(r"[.!?…。！？।]\s|\n|^.{160}", re.DOTALL)  # noqa: RUF001


@dataclass(slots=True)
class Answer:
    """Takes in what a model sends, and gives out what the chat log is told.

    Attributes:
        tool_names: of the tools there are; what is printed as a call of one of them is a call.
        spoken: whether people hear it; else its text stays as it is, for a program.
        doubt: whether a sentence claims that something was done. Such a claim is held back until
            the answer's end; None believes everything.
        notice: what is said if the model is still being loaded.
        text: what was said.
        thinking: what was thought.
        calls: the tools to call.
        done: what the server counted and measured.
        claim: what was held back at the end, because it was not done yet.
    """

    tool_names: Collection[str] = ()
    spoken: bool = True
    doubt: Doubt | None = None
    notice: str = ""
    text: str = ""
    thinking: str = ""
    calls: list[llm.ToolInput] = field(default_factory=list)
    done: Done | None = None
    claim: str = ""
    _begun: bool = False
    _held: str = ""
    _noticed: bool = False
    _printed: list[ToolRequest] = field(default_factory=list)
    _speakable: Speakable = field(init=False)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._speakable = Speakable(spoken=self.spoken)

    @property
    def begun(self) -> bool:
        """Return whether anything was said or thought."""
        return bool(self.text or self.thinking)

    def take(self, delta: Delta) -> list[LogDelta]:
        """Take in a piece and return the deltas that can be told now."""
        match delta:
            case Loading():
                return self._say_notice()
            case Thinking(text):
                return self._add(thinking=text)
            case ToolRequest(name, arguments):
                self._call(name, arguments)
                return []
            case Content(text):
                return self._take_pieces(self._speakable.feed(text))
            case Done():
                self.done = delta
                return [*self._take_pieces(self._speakable.finish()), *self._settle()]

    def restart(self) -> None:
        """Forget what a broken stream had sent; nothing of it was told."""
        self.calls.clear()
        self._printed.clear()
        self._held = ""
        self._speakable = Speakable(spoken=self.spoken)

    def deltas_of_calls(self) -> list[LogDelta]:
        """Return the deltas that tell of the calls."""
        return self._deltas(tool_calls=self.calls)

    def message(self) -> Message:
        """Return the answer as the next request repeats it."""
        return assistant_message(self.text or self.claim, self.thinking or None, self.calls)

    def _take_pieces(self, pieces: list[Piece]) -> list[LogDelta]:
        deltas: list[LogDelta] = []
        for kind, group in itertools.groupby(pieces, type):
            text = "".join(piece.text for piece in group)
            if kind is Speech:
                deltas += self._speak(text)
            elif kind is Thought:
                deltas += self._add(thinking=text)
            else:
                self._printed += find_calls(text, self.tool_names)
        return deltas

    def _speak(self, text: str) -> list[LogDelta]:
        """Say it, unless it may turn out to be an empty claim."""
        if self.doubt is None:
            return self._add(text=text)
        self._held += text
        if _FIRST_SENTENCE.search(self._held) and not self.doubt(self._held):
            return self._release()
        return []

    def _release(self) -> list[LogDelta]:
        held, self._held, self.doubt = self._held, "", None
        return self._add(text=held)

    def _settle(self) -> list[LogDelta]:
        """Decide, at the end, what was held back and what was only thought."""
        if self.done and self.done.reason == "length":
            # A call cut off may look whole and lack what would have limited it.
            self._printed.clear()
        elif not (self.text or self._held or self.calls or self._printed):
            # Of several drafts in its thoughts the last is what it came to.
            self._printed += find_calls(self.thinking, self.tool_names)[-1:]
        for request in self._printed:
            self._call(request.name, request.arguments)
        if self._held and self.doubt and self.doubt(self._held):
            self.claim, self._held = self._held, ""
            return []
        return self._release()

    def _call(self, name: str, arguments: dict[str, object]) -> None:
        # We call the tools ourselves, so for the chat log they are external.
        self.calls.append(llm.ToolInput(name, arguments, external=True))

    def _say_notice(self) -> list[LogDelta]:
        """Say it once; it is part of the answer for those who listen, not for the model."""
        if self._noticed or not self.notice:
            return []
        self._noticed = True
        return self._deltas(content=self.notice + " ")

    def _add(self, *, text: str = "", thinking: str = "") -> list[LogDelta]:
        self.text += text
        self.thinking += thinking
        return self._deltas(content=text, thinking_content=thinking)

    def _deltas(self, **parts: object) -> list[LogDelta]:
        delta = {key: part for key, part in parts.items() if part}
        if not delta:
            return []
        opening: list[LogDelta] = [] if self._begun else [{"role": "assistant"}]
        self._begun = True
        return [*opening, delta]  # type: ignore[list-item] # the keys are the callers' above
