"""The conversation agents."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, Literal, override

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import MATCH_ALL
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import llm
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.start import async_at_started

from .agent import built_in, citing, house_intents, prompt
from .agent.chain import AgentLink, Asking, Link, ModelLink, Outcome, async_first_answer
from .agent.composing import Composer
from .agent.consenting import async_hear, say
from .agent.guarding import GUARD, Act, Guarding
from .agent.unload import async_until_unload
from .agent.wording import async_spoken
from .const import (
    AGENT_DEFAULTS,
    CONF_EMBEDDING_MODEL,
    CONF_FALLBACKS,
    CONF_HOUSE_INTENTS,
    CONF_KEEP_ALIVE,
    CONF_LLM_HASS_API,
    CONF_MODEL,
    DOMAIN,
    EVENT_TURN,
    FALLBACK_BACKEND,
    LOGGER,
    SUBENTRY_AGENT,
)
from .entity import LocalAssistEntity
from .errors import SERVER_GONE, LocalAssistError, NoModelError, TurnInterruptedError
from .guard.guard import Guard
from .memory import embedder
from .runtime import LocalAssistConfigEntry
from .turns.recording import async_begin, async_end

PARALLEL_UPDATES = 0
HOME_ASSISTANT = "home_assistant"
# Seconds the house must be left alone before the head of the prompt that tells of it is read anew.
SETTLE = 10.0


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


class AgentEntity(LocalAssistEntity, conversation.ConversationEntity):
    """An agent: Home Assistant's intents, a model where there is one, and who stands in for it.

    It is available also while its server is down, because it still answers.

    Each turn ends in an event `local_assist_turn`: `agent` (entity id), `conversation_id`,
    `device_id`, `handled_by` ("ollama:<model>", "<server>:<model>", the entity id of another agent,
    "home_assistant", "guard" for an answer to its question, or null when nobody could) and `error`
    (its translation key, or null). What was said is not in it.
    """

    _attr_translation_key = "agent"
    _attr_supports_streaming = True

    def __init__(self, entry: LocalAssistConfigEntry, subentry: ConfigSubentry) -> None:
        model = subentry.data.get(CONF_MODEL)
        super().__init__(entry, subentry, manufacturer="Ollama" if model else None, model=model)
        self._settings: Mapping[str, Any] = AGENT_DEFAULTS | dict(subentry.data)
        self._apis: list[str] = self._settings.get(CONF_LLM_HASS_API) or []
        if self._apis:
            self._attr_supported_features = conversation.ConversationEntityFeature.CONTROL
        self._told_there_is_no_model = False
        # That it was last spoken to in.
        self._language: str | None = None

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        return MATCH_ALL

    @override
    async def async_added_to_hass(self) -> None:
        """Keep the head of the prompt read: from the start, and after a change of the house."""
        await super().async_added_to_hass()
        self._guard = Guard[Act](self.hass, self.entity_id, self._settings)
        data = self.entry.runtime_data
        embeddings = None
        if data.ollama and (model := self._settings.get(CONF_EMBEDDING_MODEL)):
            embeddings = data.ollama.embeddings(model, int(self._settings[CONF_KEEP_ALIVE]))
            self.async_on_remove(embedder.async_offer(self.hass, embeddings.look_up))
        self._composer = Composer(self.hass, data.index, self._settings, embeddings)
        self._links = self._make_links()
        self.async_on_remove(async_at_started(self.hass, self._read_head))
        settled = Debouncer(
            self.hass, LOGGER, cooldown=SETTLE, immediate=False, function=self._read_head_if_loaded
        )
        self.async_on_remove(settled.async_shutdown)
        self.async_on_remove(data.index.async_listen(settled.async_schedule_call))
        if data.ollama:
            # A server that was gone has forgotten it.
            self.async_on_remove(data.ollama.async_on_return(self._start_reading))

    def _make_links(self) -> list[Link]:
        """Return who may answer, in the user's order; Home Assistant's own agent comes after."""
        data = self.entry.runtime_data
        links: list[Link] = []
        if data.ollama and CONF_MODEL in self._settings:
            links.append(ModelLink(data.ollama.server, self._settings[CONF_MODEL]))
        for fallback in self._settings[CONF_FALLBACKS]:
            if not fallback.startswith(FALLBACK_BACKEND):
                links.append(AgentLink(self.hass, fallback))
            elif server := data.servers.get(fallback.removeprefix(FALLBACK_BACKEND)):
                links.append(ModelLink(server.server, server.model))
        return links

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Read the head of the prompt in the background, and load Home Assistant's own agent."""
        self._language = language
        self._start_reading()
        await conversation.async_prepare_agent(
            self.hass, conversation.HOME_ASSISTANT_AGENT, language or self.hass.config.language
        )

    async def _read_head(self, _hass: HomeAssistant, *, only_if_loaded: bool = False) -> None:
        first = next(iter(self._links), None)
        if not isinstance(first, ModelLink) or first.why_not():
            return
        heads = first.server.heads
        # A model that is not kept would forget it at once.
        if heads is None or int(self._settings[CONF_KEEP_ALIVE]) == 0:
            return
        await self._composer.prepare(self._language or self.hass.config.language)
        anybody = llm.LLMContext(DOMAIN, Context(), None, conversation.DOMAIN, None)
        try:
            head = await self._composer.head(anybody)
        except LocalAssistError as err:
            # The turn that follows meets the same error, and tells the person.
            LOGGER.debug("Cannot prepare %s: %s", self.entity_id, err)
            return
        await first.server.learn(first.model)
        request = first.request(
            self.subentry.subentry_id, self._settings, prompt.beginning(head.system), head.tools
        )
        heads.prepare(request, only_if_loaded=only_if_loaded)

    async def _read_head_if_loaded(self) -> None:
        await self._read_head(self.hass, only_if_loaded=True)

    @callback
    def _start_reading(self) -> None:
        """Read the head in the background."""
        self.entry.async_create_background_task(
            self.hass, self._read_head(self.hass), f"read the head of {self.entity_id}"
        )

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        turn = async_begin(self.hass, self.entity_id, user_input)
        trace: dict[str, Any] = {}
        answer = self._answer(user_input, chat_log, trace)
        try:
            outcome = await async_until_unload(self.hass, self.entry, answer, "turn")
        except TurnInterruptedError as err:
            text = await async_spoken(self.hass, err, user_input.language)
            outcome = Outcome(say(text, user_input, chat_log, failed=True), None, err)
        data = {
            "agent": self.entity_id,
            "conversation_id": chat_log.conversation_id,
            "device_id": user_input.device_id,
            "handled_by": outcome.handled_by,
            "error": outcome.error.key if outcome.error else None,
        }
        async_end(
            self.hass,
            turn,
            chat_log,
            trace,
            handled_by=outcome.handled_by,
            error=outcome.error,
        )
        chat_log.async_trace(data | trace)
        self.hass.bus.async_fire(EVENT_TURN, data, context=user_input.context)
        return outcome.result

    async def _answer(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        trace: dict[str, Any],
    ) -> Outcome:
        """Answer by what Home Assistant understands, else by a model, else as well as can be."""
        guarding = Guarding(self.hass, self._guard, user_input, chat_log.conversation_id)
        try:
            return await self._answer_guarded(user_input, chat_log, guarding, trace)
        finally:
            trace["guard"] = guarding.outcome

    async def _answer_guarded(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        guarding: Guarding,
        trace: dict[str, Any],
    ) -> Outcome:
        user_input, result = await async_hear(guarding, user_input, chat_log)
        if result:
            return Outcome(result, GUARD)
        self._composer.hear(user_input.text)
        if self._settings[CONF_HOUSE_INTENTS] and llm.LLM_API_ASSIST in self._apis:
            result = await house_intents.async_try(user_input, chat_log, guarding)
            if result:
                return Outcome(result, HOME_ASSISTANT)
        try:
            if not self._links:
                raise NoModelError
            return await self._ask_others(user_input, chat_log, guarding, trace)
        except LocalAssistError as err:
            return await self._ask_home_assistant(user_input, chat_log, guarding, err)

    async def _ask_others(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        guarding: Guarding,
        trace: dict[str, Any],
    ) -> Outcome:
        started = monotonic()
        composed = await self._composer.compose(user_input, chat_log)
        trace["times"] = {"context": (started, monotonic())}
        trace["prompt"] = {
            "characters": sum(len(message.content) for message in composed.messages),
            "messages": len(composed.messages),
            "tools": len(composed.head.tools),
        }
        if composed.found:
            trace["retrieved"] = {
                "entities": list(composed.found.things),
                "groups": [group.things for group in composed.found.groups],
                "areas": list(composed.found.areas),
                "floors": list(composed.found.floors),
                "facts": [fact.text for fact in composed.recalled],
                "knowledge": citing.names(composed.knowledge),
            }
        asking = Asking(
            self.hass,
            self.entity_id,
            self.subentry.subentry_id,
            self._settings,
            user_input,
            chat_log,
            composed,
            guarding,
            trace,
        )
        return await async_first_answer(asking, self._links)

    async def _ask_home_assistant(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        guarding: Guarding,
        error: LocalAssistError,
    ) -> Outcome:
        """Have Home Assistant's own agent answer; add why the model did not if it cannot either."""
        result = await built_in.async_ask_guarded(user_input, chat_log, guarding)
        if built_in.understood(result.response):
            if not isinstance(error, (NoModelError, *SERVER_GONE)):
                # The person does not hear of it. A server that is gone is logged once elsewhere.
                LOGGER.warning("%s left it to Home Assistant: %s", self.entity_id, error)
            return Outcome(result, HOME_ASSISTANT, error)
        text = result.response.speech["plain"]["speech"]
        if not (isinstance(error, NoModelError) and self._told_there_is_no_model):
            text = f"{text} {await async_spoken(self.hass, error, user_input.language)}"
        self._told_there_is_no_model |= isinstance(error, NoModelError)
        # Its apology is already in the log; ours, which says more, takes its place.
        chat_log.content.pop()
        return Outcome(say(text, user_input, chat_log, failed=True), None, error)
