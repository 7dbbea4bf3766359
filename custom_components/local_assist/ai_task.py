"""The AI tasks: data on request, by a JSON schema if one is given, also about images."""

from dataclasses import replace
from typing import override

from homeassistant.components import ai_task, conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import JsonValueType, json_loads

from .agent.convert import async_messages, schema, tool_specifications
from .agent.guarding import Act, Guarding
from .agent.request import find_model, task_request
from .agent.tools import HouseTools
from .agent.turn import Asked, Turn
from .agent.unload import async_until_unload
from .backends.ollama import OllamaModel
from .const import CONF_MODEL, GUARD_MARKS, SUBENTRY_AGENT, SUBENTRY_AI_TASK
from .coordinator import OllamaCoordinator
from .entity import LocalAssistEntity
from .errors import SERVER_GONE, EmptyReplyError, StructureError
from .guard.guard import Guard
from .runtime import LocalAssistConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001
    entry: LocalAssistConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up an entity for each AI task; without Ollama there is nobody to do one."""
    ollama = entry.runtime_data.ollama
    if ollama is None:
        return
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_AI_TASK:
            async_add_entities(
                [TaskEntity(entry, subentry, ollama)], config_subentry_id=subentry.subentry_id
            )


class TaskEntity(LocalAssistEntity, ai_task.AITaskEntity):
    """A model that answers tasks."""

    _attr_translation_key = "task"

    def __init__(
        self, entry: LocalAssistConfigEntry, subentry: ConfigSubentry, ollama: OllamaCoordinator
    ) -> None:
        model = subentry.data[CONF_MODEL]
        super().__init__(entry, subentry, manufacturer="Ollama", model=model)
        self._ollama = ollama
        self._look_at_server()

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the server."""
        await super().async_added_to_hass()
        self.async_on_remove(self._ollama.async_add_listener(self._server_changed))

    @callback
    def _server_changed(self) -> None:
        self._look_at_server()
        self.async_write_ha_state()

    @property
    def _models(self) -> list[OllamaModel]:
        return self._ollama.data.models if self._ollama.data else []

    def _look_at_server(self) -> None:
        """Take over whether the server answers and whether the model sees images."""
        self._attr_available = self._ollama.last_update_success
        model = find_model(self._models, self.subentry.data[CONF_MODEL])
        features = ai_task.AITaskEntityFeature.GENERATE_DATA
        if model and "vision" in model.capabilities:
            features |= ai_task.AITaskEntityFeature.SUPPORT_ATTACHMENTS
        self._attr_supported_features = features

    @override
    async def _async_generate_data(
        self, task: ai_task.GenDataTask, chat_log: conversation.ChatLog
    ) -> ai_task.GenDataTaskResult:
        work = self._generate(task, chat_log)
        try:
            text = await async_until_unload(self.hass, self.entry, work, "task")
        except SERVER_GONE as err:
            self._ollama.mark_failed(err)
            raise
        data = _parsed(text) if task.structure else text
        return ai_task.GenDataTaskResult(chat_log.conversation_id, data)

    async def _generate(self, task: ai_task.GenDataTask, chat_log: conversation.ChatLog) -> str:
        """Return the model's last words."""
        api = chat_log.llm_api
        shape = schema(task.structure, api) if task.structure else None
        request = replace(
            task_request(self.subentry.data, self._models, shape),
            messages=tuple(await async_messages(self.hass, chat_log.content, api)),
            tools=tool_specifications(api) if api else (),
        )
        server, data = self._ollama.server, self.subentry.data
        num_ctx = server.num_ctx(self.subentry.subentry_id, request.model, data, request)
        request = replace(request, options=request.options | {"num_ctx": num_ctx})
        asked = Asked(
            request=request,
            tool_names=tuple(tool["function"]["name"] for tool in request.tools),
            tools=HouseTools(api, self._guarding(chat_log)) if api else None,
            budget=server.budget(request),
            spoken=False,
        )
        turn = Turn(server.backend, asked)
        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, turn.run()):
            pass
        chat_log.async_trace({"stats": server.stats(turn)})
        last = chat_log.content[-1]
        if not isinstance(last, conversation.AssistantContent) or not last.content:
            raise EmptyReplyError
        return last.content

    def _guarding(self, chat_log: conversation.ChatLog) -> Guarding:
        """Return the guard, with nobody there who could be asked."""
        agents = self.entry.get_subentries_of_type(SUBENTRY_AGENT)
        # What is marked for one of the agents is not to be had by way of a task.
        marked = {
            key: [each for agent in agents for each in agent.data.get(key, ())]
            for key in GUARD_MARKS
        }
        guard = Guard[Act](self.hass, self.entity_id, marked)
        return Guarding(self.hass, guard, None, chat_log.conversation_id)


def _parsed(text: str) -> JsonValueType:
    try:
        return json_loads(text)
    except ValueError as err:
        raise StructureError from err
