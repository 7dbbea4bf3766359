"""The conversation agents."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .agent import built_in, prompt, surroundings
from .agent.convert import async_messages, tool_specifications
from .agent.request import spoken_request
from .agent.tools import HouseTools
from .agent.turn import LogDelta, Turn
from .agent.unload import async_until_unload
from .agent.wording import async_spoken
from .backends.base import ChatRequest
from .const import (
    AGENT_DEFAULTS,
    CONF_LLM_HASS_API,
    CONF_MODEL,
    CONF_PROMPT,
    DOMAIN,
    EVENT_TURN,
    LOGGER,
    SUBENTRY_AGENT,
)
from .coordinator import OllamaCoordinator
from .entity import LocalAssistEntity
from .errors import (
    SERVER_GONE,
    BackendError,
    LlmApiError,
    LocalAssistError,
    NoModelError,
    TurnInterruptedError,
)
from .runtime import LocalAssistConfigEntry

PARALLEL_UPDATES = 0
HOME_ASSISTANT = "home_assistant"


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: LocalAssistConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up an entity for each agent."""
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_AGENT:
            async_add_entities(
                [AgentEntity(entry, subentry)], config_subentry_id=subentry.subentry_id
            )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a turn ended: what is said, by whom, and what went wrong on the way."""

    result: conversation.ConversationResult
    handled_by: str | None
    error: LocalAssistError | None


class AgentEntity(LocalAssistEntity, conversation.ConversationEntity):
    """An agent: a model where there is one, else Home Assistant's own agent.

    It is available also while its server is down, because it still answers.

    Each turn ends in an event `local_assist_turn`: `agent` (entity id), `conversation_id`,
    `device_id`, `handled_by` ("ollama:<model>", "home_assistant", or null when nobody could) and
    `error` (its translation key, or null). What was said is not in it.
    """

    _attr_translation_key = "agent"
    _attr_supports_streaming = True

    def __init__(self, entry: LocalAssistConfigEntry, subentry: ConfigSubentry) -> None:
        model = subentry.data.get(CONF_MODEL)
        super().__init__(entry, subentry, manufacturer="Ollama" if model else None, model=model)
        self._settings = AGENT_DEFAULTS | dict(subentry.data)
        self._apis: list[str] = self._settings.get(CONF_LLM_HASS_API) or []
        if self._apis:
            self._attr_supported_features = conversation.ConversationEntityFeature.CONTROL
        self._told_there_is_no_model = False
        self._loading: asyncio.Task[None] | None = None

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        return MATCH_ALL

    @property
    def _ollama(self) -> OllamaCoordinator | None:
        """Return the server, if there is one and the agent was given a model on it."""
        return self.entry.runtime_data.ollama if CONF_MODEL in self._settings else None

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Load the model in the background, and Home Assistant's own agent: somebody speaks."""
        ollama = self._ollama
        if ollama and (self._loading is None or self._loading.done()):
            self._loading = self.entry.async_create_background_task(
                self.hass, self._load(ollama), f"load the model of {self.entity_id}"
            )
        await conversation.async_prepare_agent(
            self.hass, conversation.HOME_ASSISTANT_AGENT, language or self.hass.config.language
        )

    async def _load(self, ollama: OllamaCoordinator) -> None:
        try:
            await ollama.backend.prepare(self._request(ollama))
        except BackendError as err:
            # The turn that follows meets the same error, and tells the person.
            LOGGER.debug("Cannot load the model of %s: %s", self.entity_id, err)

    def _request(self, ollama: OllamaCoordinator) -> ChatRequest:
        """Return the agent's request, still without messages and tools."""
        return spoken_request(self._settings, ollama.data.models if ollama.data else [])

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        answer = self._answer(user_input, chat_log)
        try:
            outcome = await async_until_unload(self.hass, self.entry, answer, "turn")
        except TurnInterruptedError as err:
            text = await async_spoken(self.hass, err, user_input.language)
            outcome = _Outcome(_apology(user_input, chat_log, text), None, err)
        data = {
            "agent": self.entity_id,
            "conversation_id": chat_log.conversation_id,
            "device_id": user_input.device_id,
            "handled_by": outcome.handled_by,
            "error": outcome.error.key if outcome.error else None,
        }
        chat_log.async_trace(data)
        self.hass.bus.async_fire(EVENT_TURN, data, context=user_input.context)
        return outcome.result

    async def _answer(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> _Outcome:
        """Have the model answer; if it cannot, and nothing came of it, Home Assistant's agent."""
        ollama = self._ollama
        try:
            if ollama is None:
                raise NoModelError
            outcome = await self._ask_model(ollama, user_input, chat_log)
        except LocalAssistError as err:
            outcome = await self._ask_home_assistant(user_input, chat_log, err)
        if ollama and isinstance(outcome.error, SERVER_GONE):
            ollama.mark_failed(outcome.error)
        return outcome

    async def _ask_model(
        self,
        ollama: OllamaCoordinator,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
    ) -> _Outcome:
        """Raise only while nothing was said or done; a later failure is told at the end."""
        turn = await self._turn(ollama, user_input, chat_log)
        spoken = _Spoken(self.hass, turn, user_input.language)
        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, spoken.deltas()):
            pass
        chat_log.async_trace({"stats": turn.stats()})
        result = conversation.async_get_result_from_chat_log(user_input, chat_log)
        if spoken.failure:
            code = intent.IntentResponseErrorCode.FAILED_TO_HANDLE
            result.response.async_set_error(code, result.response.speech["plain"]["speech"])
        return _Outcome(result, f"ollama:{self._settings[CONF_MODEL]}", spoken.failure)

    async def _turn(
        self,
        ollama: OllamaCoordinator,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
    ) -> Turn:
        """Build the whole request. Raises a LocalAssistError if a setting is broken."""
        template = self._settings[CONF_PROMPT]
        persona = await surroundings.async_persona(self.hass, template, user_input)
        try:
            await chat_log.async_provide_llm_data(
                user_input.as_llm_context(DOMAIN),
                self._apis,
                template,
                user_input.extra_system_prompt,
            )
        except conversation.ConverseError as err:
            raise LlmApiError from err
        api = chat_log.llm_api
        everywhere, here = prompt.split_instructions(api.api_prompt if api else "")
        context = prompt.context_block(
            dt_util.now(),
            surroundings.room(self.hass, user_input),
            [*here, chat_log.extra_system_prompt or ""],
        )
        history = await async_messages(self.hass, chat_log.content[1:], api)
        request = replace(
            self._request(ollama),
            messages=prompt.lay_out(prompt.head(persona, everywhere), history, context),
            tools=tool_specifications(api) if api else (),
        )
        return Turn(ollama.backend, request, HouseTools(api) if api else None)

    async def _ask_home_assistant(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        error: LocalAssistError,
    ) -> _Outcome:
        """Have Home Assistant's own agent answer; add why the model did not if it cannot either."""
        result = await built_in.async_ask(self.hass, user_input, chat_log)
        if built_in.understood(result.response):
            if not isinstance(error, (NoModelError, *SERVER_GONE)):
                # The person does not hear of it. A server that is gone is logged once elsewhere.
                LOGGER.warning("%s left it to Home Assistant: %s", self.entity_id, error)
            return _Outcome(result, HOME_ASSISTANT, error)
        text = result.response.speech["plain"]["speech"]
        if not (isinstance(error, NoModelError) and self._told_there_is_no_model):
            text = f"{text} {await async_spoken(self.hass, error, user_input.language)}"
        self._told_there_is_no_model |= isinstance(error, NoModelError)
        # Its apology is already in the log; ours, which says more, takes its place.
        chat_log.content.pop()
        return _Outcome(_apology(user_input, chat_log, text), None, error)


class _Spoken:
    """The deltas of a turn; a failure after something was said or done ends them in words."""

    def __init__(self, hass: HomeAssistant, turn: Turn, language: str) -> None:
        self._hass = hass
        self._turn = turn
        self._language = language
        self.failure: LocalAssistError | None = None

    async def deltas(self) -> AsyncGenerator[LogDelta]:
        """Yield them. Raises the LocalAssistError of a turn nothing came of."""
        try:
            async with aclosing(self._turn.run()) as deltas:
                async for delta in deltas:
                    yield delta
        except LocalAssistError as err:
            if not (self._turn.said or self._turn.acted):
                raise
            self.failure = err
            text = await async_spoken(self._hass, err, self._language)
            yield {"role": "assistant", "content": text}


def _apology(
    user_input: conversation.ConversationInput, chat_log: conversation.ChatLog, text: str
) -> conversation.ConversationResult:
    """Say that it did not work: in the log and in a response."""
    chat_log.async_add_assistant_content_without_tools(
        conversation.AssistantContent(agent_id=user_input.agent_id, content=text)
    )
    response = intent.IntentResponse(language=user_input.language)
    response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, text)
    return conversation.ConversationResult(response, chat_log.conversation_id)
