"""Who answers: the agent's model, and when it cannot, the others in the user's order."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

from ..backends.base import ChatRequest, Message
from ..const import CONF_MODEL, LOGGER
from ..errors import BackendError, LocalAssistError, ModelLoadingError, OtherAgentError
from .answer import LogDelta
from .built_in import async_ask, async_question
from .composing import Composed
from .consenting import say
from .guarding import GUARD, Guarding
from .model_server import ModelServer
from .printed_tools import tell_first
from .request import spoken_request
from .tools import HouseTools
from .turn import Asked, Turn
from .wording import async_spoken

# The agents that wait for the one they handed a sentence to, lest two hand it to and fro.
_waiting: ContextVar[frozenset[str]] = ContextVar("local_assist_waiting", default=frozenset())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended: what is said, by whom, and what went wrong on the way."""

    result: conversation.ConversationResult
    handled_by: str | None
    error: LocalAssistError | None = None


@dataclass(slots=True)
class Asking:
    """One turn of an agent, while it looks for an answer.

    Attributes:
        guarding: holds back what needs a person's word.
        trace: what Home Assistant's conversation trace is told of the turn.
    """

    hass: HomeAssistant
    entity_id: str
    user: str
    settings: Mapping[str, Any]
    user_input: conversation.ConversationInput
    chat_log: conversation.ChatLog
    composed: Composed
    guarding: Guarding
    trace: dict[str, Any] = field(default_factory=dict)


class Link(Protocol):
    """One who may answer."""

    @property
    def name(self) -> str:
        """Return what traces and events call it."""

    def why_not(self) -> LocalAssistError | None:
        """Return why it is not worth asking now."""

    async def answer(self, asking: Asking) -> Outcome:
        """Answer. Raises a LocalAssistError while nothing was said or done; later it is told."""


async def async_first_answer(asking: Asking, links: Sequence[Link]) -> Outcome:
    """Return the answer of the first who has one.

    Raises:
        LocalAssistError: why the first of them did not; nobody did.
    """
    failures: dict[str, LocalAssistError] = {}
    for link in links:
        err = link.why_not()
        if err is None:
            try:
                outcome = await link.answer(asking)
            except LocalAssistError as failure:
                err = failure
            else:
                first = next(iter(failures.values()), None)
                return replace(outcome, error=outcome.error or first)
        failures[link.name] = err
        asking.trace["failed"] = {
            name: {"error": error.key, **error.placeholders} for name, error in failures.items()
        }
        LOGGER.debug("%s did not answer %s: %s", link.name, asking.entity_id, err)
    raise next(iter(failures.values()))


@dataclass(frozen=True, slots=True)
class ModelLink:
    """A model on a server."""

    server: ModelServer
    model: str

    @property
    def name(self) -> str:
        """Return what traces and events call it."""
        return f"{self.server.name}:{self.model}"

    def why_not(self) -> LocalAssistError | None:
        """Return why the server is not worth asking now."""
        return None if self.server.health.usable else self.server.health.error

    async def answer(self, asking: Asking) -> Outcome:
        """Have the model answer."""
        try:
            outcome = await self._answer(asking)
        except BackendError as err:
            self.server.health.failed(err)
            raise
        if isinstance(outcome.error, BackendError):
            self.server.health.failed(outcome.error)
        else:
            self.server.health.succeeded()
        return outcome

    def request(
        self,
        user: str,
        settings: Mapping[str, Any],
        messages: tuple[Message, ...],
        tools: tuple[dict[str, Any], ...],
    ) -> ChatRequest:
        """Return the whole request of a user of the model, a subentry's id."""
        settings = dict(settings) | {CONF_MODEL: self.model}
        request = spoken_request(settings, self.server.models)
        request = replace(request, messages=messages, tools=tools)
        if self.server.tells_tools_last(self.model):
            request = tell_first(request)
        num_ctx = self.server.num_ctx(user, self.model, settings, request)
        return replace(request, options=request.options | {"num_ctx": num_ctx})

    async def _answer(self, asking: Asking) -> Outcome:
        head, user_input = asking.composed.head, asking.user_input
        await self.server.learn(self.model)
        request = self.request(asking.user, asking.settings, asking.composed.messages, head.tools)
        asked = Asked(
            request=request,
            tool_names=tuple(tool["function"]["name"] for tool in head.tools),
            tools=HouseTools(head.api, asking.guarding) if head.api else None,
            repair=head.repair,
            budget=self.server.budget(request),
            sentence=user_input.text,
            language=user_input.language,
            notice=await async_spoken(asking.hass, ModelLoadingError(), user_input.language),
        )
        turn = Turn(self.server.backend, asked)
        spoken = _Spoken(asking.hass, turn, user_input.language)
        started = time.monotonic()
        log = asking.chat_log
        try:
            async for _ in log.async_add_delta_content_stream(asking.entity_id, spoken.deltas()):
                pass
        finally:
            asking.trace |= self._told(turn, spoken, started)
            asking.trace["tools"] = turn.calls
            if spoken.first:
                asking.trace.setdefault("times", {}).update(
                    first_token=(started, spoken.first), reply=(spoken.first, time.monotonic())
                )
        result = conversation.async_get_result_from_chat_log(user_input, log)
        if spoken.failure:
            code = intent.IntentResponseErrorCode.FAILED_TO_HANDLE
            result.response.async_set_error(code, result.response.speech["plain"]["speech"])
        return Outcome(result, self.name, spoken.failure)

    def _told(self, turn: Turn, spoken: _Spoken, started: float) -> dict[str, Any]:
        """Return what the trace is told."""
        figures = turn.record.figures
        return {
            "stats": self.server.stats(turn),
            "model": {
                "rounds": len(figures),
                "retries": turn.record.retries,
                "dropped_turns": turn.record.dropped_turns,
                "shortened": turn.record.shortened,
                "repairs": turn.repairs,
                "first_words_seconds": spoken.first and spoken.first - started,
                "seconds": time.monotonic() - started,
                "load_seconds": sum(done.load_seconds for done in figures),
                "prompt_seconds": sum(done.prompt_seconds for done in figures),
                "reply_seconds": sum(done.reply_seconds for done in figures),
            },
        }


@dataclass(frozen=True, slots=True)
class AgentLink:
    """Another agent of Home Assistant."""

    hass: HomeAssistant
    agent_id: str

    @property
    def name(self) -> str:
        """Return what traces and events call it."""
        return self.agent_id

    def why_not(self) -> LocalAssistError | None:
        """Return an error if it is this agent that is waiting for us."""
        return OtherAgentError(agent=self.agent_id) if self.agent_id in _waiting.get() else None

    async def answer(self, asking: Asking) -> Outcome:
        """Hand the sentence over, in the same conversation.

        What it does with its own tools the guard does not see. But a command that Home Assistant
        understands as well is not handed over unasked.
        """
        if question := await async_question(asking.user_input, asking.guarding):
            return Outcome(say(question, asking.user_input, asking.chat_log), GUARD)
        contents = asking.chat_log.content
        before = len(contents)
        token = _waiting.set(_waiting.get() | {asking.entity_id})
        try:
            result = await async_ask(asking.hass, asking.user_input, asking.chat_log, self.agent_id)
        except Exception as err:
            # Agents come from any integration.
            LOGGER.warning("%s failed: %r", self.agent_id, err)
            raise OtherAgentError(agent=self.agent_id) from err
        finally:
            _waiting.reset(token)
        acted = any(
            isinstance(content, conversation.ToolResultContent) for content in contents[before:]
        )
        if result.response.error_code is not None and not acted:
            # What it says of itself does not help the person; the next one may.
            del contents[before:]
            raise OtherAgentError(agent=self.agent_id)
        return Outcome(result, self.agent_id)


class _Spoken:
    """The deltas of a turn; a failure after something was said or done ends them in words."""

    def __init__(self, hass: HomeAssistant, turn: Turn, language: str) -> None:
        self._hass = hass
        self._turn = turn
        self._language = language
        self.failure: LocalAssistError | None = None
        self.first: float | None = None

    async def deltas(self) -> AsyncGenerator[LogDelta]:
        """Yield them. Raises the LocalAssistError of a turn nothing came of."""
        try:
            async with aclosing(self._turn.run()) as deltas:
                async for delta in deltas:
                    if self.first is None and self._turn.said:
                        self.first = time.monotonic()
                    yield delta
        except LocalAssistError as err:
            if not (self._turn.said or self._turn.acted):
                raise
            self.failure = err
            text = await async_spoken(self._hass, err, self._language)
            yield {"role": "assistant", "content": text}
