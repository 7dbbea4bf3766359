"""One turn: the model answers, calling tools on the way.

Plain asyncio over a backend and tools, so every rule here is tested without a running Home
Assistant. What it yields is what Home Assistant's chat log takes.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from homeassistant.components import conversation
from homeassistant.helpers import llm

from ..backends.base import (
    Backend,
    ChatRequest,
    Content,
    Delta,
    Done,
    Message,
    Thinking,
    ToolRequest,
)
from ..const import MAX_TOOL_ROUNDS
from ..errors import BackendError, BackendTimeoutError, EmptyReplyError, ToolRoundsError
from .convert import assistant_message, tool_message
from .speakable import ThoughtFilter

RETRY_DELAY = 0.5

type LogDelta = conversation.AssistantContentDeltaDict | conversation.ToolResultContentDeltaDict


class Tools(Protocol):
    """What a turn may act with."""

    async def call(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Call one tool; failures are results."""


@dataclass(slots=True)
class _Round:
    """One answer of the model while it streams in."""

    text: str = ""
    thinking: str = ""
    calls: list[llm.ToolInput] = field(default_factory=list)
    begun: bool = False

    def add(self, *, text: str = "", thinking: str = "") -> list[LogDelta]:
        """Take in a piece and return the deltas that say so."""
        self.text += text
        self.thinking += thinking
        return self._deltas(content=text, thinking_content=thinking)

    def act(self) -> list[LogDelta]:
        """Return the deltas that tell of the calls."""
        return self._deltas(tool_calls=self.calls)

    def _deltas(self, **parts: object) -> list[LogDelta]:
        delta = {key: part for key, part in parts.items() if part}
        if not delta:
            return []
        opening: list[LogDelta] = [] if self.begun else [{"role": "assistant"}]
        self.begun = True
        return [*opening, delta]  # type: ignore[list-item] # the keys are the callers' above

    def message(self) -> Message:
        """Return the answer as the next request repeats it."""
        return assistant_message(self.text, self.thinking or None, self.calls)


class Turn:
    """One turn.

    A round acts only when it is complete: tools are called after the model's stream ended as it
    should, so a stream that breaks off has changed nothing.

    Attributes:
        said: whether something was said that may already be spoken.
        acted: whether tools were called.
        figures: what the server counted and measured, a round each.
    """

    def __init__(self, backend: Backend, request: ChatRequest, tools: Tools | None) -> None:
        self._backend = backend
        self._request = request
        self._tools = tools
        self.said = False
        self.acted = False
        self.figures: list[Done] = []

    def stats(self) -> dict[str, float]:
        """Return the sums of the figures, tokens by the names Home Assistant's traces use."""
        return {
            "input_tokens": sum(done.prompt_tokens for done in self.figures),
            "output_tokens": sum(done.reply_tokens for done in self.figures),
            "rounds": len(self.figures),
            "load_seconds": sum(done.load_seconds for done in self.figures),
            "prompt_seconds": sum(done.prompt_seconds for done in self.figures),
            "reply_seconds": sum(done.reply_seconds for done in self.figures),
        }

    async def run(self) -> AsyncGenerator[LogDelta]:
        """Yield the deltas of the answer and of the tool results.

        Raises:
            BackendError: the model could not answer, or not to the end.
            ToolRoundsError: it kept calling tools.
            EmptyReplyError: it said nothing.
        """
        request = self._request
        for number in range(MAX_TOOL_ROUNDS + 1):
            answer = _Round()
            async with aclosing(self._answer(request, answer)) as deltas:
                async for delta in deltas:
                    yield delta
            if not answer.calls:
                if not answer.text.strip():
                    raise EmptyReplyError
                return
            if number == MAX_TOOL_ROUNDS:
                break
            for delta in answer.act():
                yield delta
            results = await self._act(answer.calls)
            for call, result in zip(answer.calls, results, strict=True):
                yield {
                    "role": "tool_result",
                    "tool_call_id": call.id,
                    "tool_name": call.tool_name,
                    "result": result,
                }
            request = _continued(request, answer, results)
        raise ToolRoundsError(rounds=str(MAX_TOOL_ROUNDS))

    async def _answer(self, request: ChatRequest, answer: _Round) -> AsyncGenerator[LogDelta]:
        """Stream one round, asking once more if it failed before anything came of it."""
        try:
            async with aclosing(self._stream(request, answer)) as deltas:
                async for delta in deltas:
                    yield delta
        except BackendError as err:
            # A second wait as long as the first would only be a longer silence.
            hopeless = not err.retryable or isinstance(err, BackendTimeoutError)
            if hopeless or answer.begun or self.acted:
                raise
        else:
            return
        await asyncio.sleep(RETRY_DELAY)
        answer.calls.clear()
        async with aclosing(self._stream(request, answer)) as deltas:
            async for delta in deltas:
                yield delta

    async def _stream(self, request: ChatRequest, answer: _Round) -> AsyncGenerator[LogDelta]:
        thoughts = ThoughtFilter()
        async with aclosing(self._backend.chat(request)) as stream:
            async for delta in stream:
                for log_delta in self._take(delta, answer, thoughts):
                    yield log_delta

    def _take(self, delta: Delta, answer: _Round, thoughts: ThoughtFilter) -> list[LogDelta]:
        match delta:
            case Thinking(text):
                return answer.add(thinking=text)
            case Content(text):
                speech, thinking = thoughts.feed(text)
            case ToolRequest(name, arguments):
                # We call the tools ourselves, so for the chat log they are external.
                answer.calls.append(llm.ToolInput(name, arguments, external=True))
                return []
            case Done():
                self.figures.append(delta)
                speech, thinking = thoughts.finish()
        self.said = self.said or bool(speech.strip())
        return answer.add(text=speech, thinking=thinking)

    async def _act(self, calls: list[llm.ToolInput]) -> list[llm.ToolResult]:
        """Call the tools at the same time; return their results in order."""
        self.acted = True
        if self._tools is None:
            return [llm.ToolResult({"error": "There are no tools."}, error=True) for _ in calls]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._tools.call(call)) for call in calls]
        return [task.result() for task in tasks]


def _continued(request: ChatRequest, answer: _Round, results: list[llm.ToolResult]) -> ChatRequest:
    """Return the request that lets the model go on from what its tools answered."""
    told = [
        tool_message(call.tool_name, call.id, result)
        for call, result in zip(answer.calls, results, strict=True)
    ]
    return replace(request, messages=(*request.messages, answer.message(), *told))
