"""One turn: the model answers, calling tools on the way.

Plain asyncio over a backend and tools, so every rule here is tested without a running Home
Assistant. What it yields is what Home Assistant's chat log takes.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from homeassistant.helpers import llm

from ..backends.base import Backend, ChatRequest, Done, Message
from ..backends.retry import Retry
from ..const import MAX_TOOL_ROUNDS
from ..errors import (
    BackendError,
    ContextOverflowError,
    EmptyReplyError,
    NothingDoneError,
    NothingSaidError,
    ToolRoundsError,
)
from .acting import Acting, Tools
from .answer import Answer, LogDelta
from .budget import TokenEstimate, fit
from .claims import claims_done, is_command
from .convert import tool_message
from .tool_repair import ToolRepair

_NUDGE = (
    "You called no tool, so nothing was done. Call the tool now. If you cannot, say so, and do not "
    "say that it is done."
)

# Tokens.
MOSTLY_TEXT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much the prompt may hold.

    Attributes:
        window: tokens the model has room for, reply included.
        reserve: tokens kept for the reply.
        estimate: counts tokens; learns from what the server counts.
    """

    window: int
    reserve: int
    estimate: TokenEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the model.

    Attributes:
        request: with the whole history; it is cut to the budget when it is sent.
        tools: what may be called; their specifications are in the request.
        tool_names: their names.
        repair: mends calls; None takes them as they are.
        budget: None sends everything.
        sentence: what the person said; a claim to have done what it orders is not believed without
            a call. Empty believes everything.
        language: of the sentence.
        notice: what is said while the model is being loaded.
        spoken: whether people hear the answer.
    """

    request: ChatRequest
    tools: Tools | None = None
    tool_names: tuple[str, ...] = ()
    repair: ToolRepair | None = None
    budget: Budget | None = None
    sentence: str = ""
    language: str = ""
    notice: str = ""
    spoken: bool = True


@dataclass(slots=True)
class Record:
    """What happened, for the trace.

    Attributes:
        figures: what the server counted and measured, a round each.
        dropped_turns: of the history, left out for want of room.
        shortened: how many messages were cut for want of room.
        retries: requests sent again.
    """

    figures: list[Done] = field(default_factory=list)
    dropped_turns: int = 0
    shortened: int = 0
    retries: int = 0


class Turn:
    """One turn.

    A round acts only when it is complete: tools are called after the model's stream ended as it
    should, so a stream that breaks off has changed nothing.

    Attributes:
        said: whether something was said that may already be spoken.
        record: what happened.
    """

    def __init__(self, backend: Backend, asked: Asked) -> None:
        self._backend = backend
        self._asked = asked
        self._acting = Acting(asked.tools, asked.repair)
        self._harder = False
        self._estimated = 0
        self.said = False
        self.record = Record()

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self._asked.request.model

    @property
    def acted(self) -> bool:
        """Return whether tools were called."""
        return self._acting.acted

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Return the calls that were made, with their times."""
        return self._acting.made

    @property
    def repairs(self) -> list[str]:
        """Return what was changed about the model's calls."""
        return self._acting.repairs

    async def run(self) -> AsyncGenerator[LogDelta]:
        """Yield the deltas of the answer and of the tool results.

        Raises:
            BackendError: the model could not answer, or not to the end.
            ToolRoundsError: it kept calling tools.
            NothingDoneError: it claimed, twice, to have done what it did not do.
            NothingSaidError: it acted and said nothing.
            EmptyReplyError: it did nothing and said nothing.
        """
        messages = self._asked.request.messages
        doubted = False
        for number in range(MAX_TOOL_ROUNDS + 1):
            answer = self._new_answer()
            async with aclosing(self._answered(messages, answer)) as deltas:
                async for delta in deltas:
                    yield delta
            if not answer.calls:
                if not answer.claim:
                    self._check_end(answer)
                    return
                if doubted:
                    raise NothingDoneError
                doubted = True
                messages = (*messages, answer.message(), Message(role="user", content=_NUDGE))
                continue
            if number == MAX_TOOL_ROUNDS:
                break
            answer.calls = self._acting.repaired(answer.calls)
            for delta in answer.deltas_of_calls():
                yield delta
            results = await self._acting.act(answer.calls)
            for delta in _deltas_of_results(answer, results):
                yield delta
            question = await self._acting.settle()
            # What was claimed beside the calls is said when it is true.
            done = not any(result.error for result in results)
            claim = f"{answer.claim} " if answer.claim and done else ""
            if text := question or claim:
                self.said = True
                for delta in _deltas_of_text(text):
                    yield delta
            if question:
                return
            messages = (*messages, answer.message(), *_told(answer, results))
        raise ToolRoundsError(rounds=str(MAX_TOOL_ROUNDS))

    def _new_answer(self) -> Answer:
        asked = self._asked
        doubtful = bool(asked.tool_names and asked.sentence) and not self.acted
        doubtful = doubtful and is_command(asked.sentence, asked.language)
        return Answer(
            tool_names=asked.tool_names,
            spoken=asked.spoken,
            doubt=(lambda text: claims_done(text, asked.language)) if doubtful else None,
            notice=asked.notice,
        )

    def _check_end(self, answer: Answer) -> None:
        if answer.text.strip():
            return
        raise NothingSaidError if self.acted else EmptyReplyError

    async def _answered(
        self, messages: Sequence[Message], answer: Answer
    ) -> AsyncGenerator[LogDelta]:
        """Stream one round, asking again if it failed before anything came of it."""
        retry = Retry()
        while True:
            try:
                async with aclosing(self._streamed(messages, answer)) as deltas:
                    async for delta in deltas:
                        yield delta
            except ContextOverflowError:
                budget = self._asked.budget
                if answer.begun or self._harder or budget is None:
                    raise
                # It is longer than the window, whatever we took it for.
                budget.estimate.observe(self._estimated, budget.window)
                self._harder = True
            except BackendError as err:
                if answer.begun or self.acted or not await retry.again(err):
                    raise
            else:
                return
            self.record.retries += 1
            answer.restart()

    async def _streamed(
        self, messages: Sequence[Message], answer: Answer
    ) -> AsyncGenerator[LogDelta]:
        request = self._fitted(messages)
        async with aclosing(self._backend.chat(request)) as stream:
            async for delta in stream:
                deltas = answer.take(delta)
                self.said = self.said or bool(answer.text.strip())
                for log_delta in deltas:
                    yield log_delta
        if answer.done:
            self.record.figures.append(answer.done)
            self._learn(request, answer.done.prompt_tokens)

    def _learn(self, request: ChatRequest, prompt_tokens: int) -> None:
        """Learn how long the text of a prompt was, if it was mostly text.

        What an image takes is the model's own affair, and a short prompt is mostly the frame that
        the model's template puts around it.
        """
        images = any(message.images for message in request.messages)
        if self._asked.budget and prompt_tokens >= MOSTLY_TEXT and not images:
            self._asked.budget.estimate.observe(self._estimated, prompt_tokens)

    def _fitted(self, messages: Sequence[Message]) -> ChatRequest:
        """Return the request with what fits of the messages."""
        request, budget = self._asked.request, self._asked.budget
        if budget is None:
            return replace(request, messages=tuple(messages))
        fitted = fit(
            messages,
            request.tools,
            window=budget.window,
            reserve=budget.reserve,
            estimate=budget.estimate,
            harder=self._harder,
        )
        # What does not fit by our count may still fit by the server's, which has the last word.
        self.record.dropped_turns = fitted.dropped_turns
        self.record.shortened = fitted.shortened
        self._estimated = fitted.tokens
        return replace(request, messages=fitted.messages)


def _deltas_of_text(text: str) -> list[LogDelta]:
    return [{"role": "assistant"}, {"content": text}]


def _deltas_of_results(answer: Answer, results: Sequence[llm.ToolResult]) -> list[LogDelta]:
    return [
        {
            "role": "tool_result",
            "tool_call_id": call.id,
            "tool_name": call.tool_name,
            "result": result,
        }
        for call, result in zip(answer.calls, results, strict=True)
    ]


def _told(answer: Answer, results: Sequence[llm.ToolResult]) -> list[Message]:
    """Return what the tools answered, as the model is told."""
    return [
        tool_message(call.tool_name, call.id, result)
        for call, result in zip(answer.calls, results, strict=True)
    ]
