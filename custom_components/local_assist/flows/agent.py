"""Adding and changing an agent or an AI task: the subentries that use a language model."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers import llm

from ..backends.ollama import OllamaModel
from ..const import (
    AGENT_DEFAULTS,
    CONF_FALLBACKS,
    CONF_LLM_HASS_API,
    CONF_MODEL,
    CONF_PROMPT,
    DEFAULT_AGENT_NAME,
    DEFAULT_AI_TASK_NAME,
    SUBENTRY_AGENT,
    TASK_DEFAULTS,
)
from ..runtime import LocalAssistConfigEntry
from .agent_form import agent_fields, fallback_names, flat, nested, task_fields
from .guard_form import SECTION_GUARD, async_guard_settings, guard_values, pin_problem


def new_agent(model: OllamaModel | None) -> dict[str, Any]:
    """Return the settings of the agent that set-up makes."""
    if model is None:
        return {}
    # A model that cannot use tools answers questions; commands are the house intents' part.
    apis = [llm.LLM_API_ASSIST] if "tools" in model.capabilities else []
    return {CONF_MODEL: model.name, CONF_LLM_HASS_API: apis}


class ModelSubentryFlow(ConfigSubentryFlow):
    """One form; the type of the subentry says what it is for."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add an agent or an AI task."""
        return await self._form("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change an agent or an AI task."""
        return await self._form("reconfigure", user_input)

    async def _form(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        entry: LocalAssistConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        ollama = entry.runtime_data.ollama
        # Without a model an agent has stand-ins, or Home Assistant's own, and its guard.
        if ollama is None and self._subentry_type != SUBENTRY_AGENT:
            return self.async_abort(reason="no_ollama")
        errors: dict[str, str] = {}
        values = self._current()
        if user_input is not None:
            values = flat(user_input)
            problem = pin_problem(values, self._settings())
            if problem is None:
                return await self._save(values)
            errors[SECTION_GUARD] = problem
        models = None if ollama is None else ollama.data.models if ollama.data else []
        schema = self._schema(models, values)
        return self.async_show_form(step_id=step_id, data_schema=schema, errors=errors)

    def _schema(self, models: list[OllamaModel] | None, values: dict[str, Any]) -> vol.Schema:
        """Return the fields, which start with values. `models` is None without an Ollama."""
        fields: dict[vol.Marker, Any] = {}
        if self.source == SOURCE_USER:
            fields[vol.Required(CONF_NAME)] = str
        if self._subentry_type == SUBENTRY_AGENT:
            fallbacks = self._fallbacks(values)
            values = guard_values(values) | self._still_there(values, fallbacks)
            fields |= agent_fields(self.hass, models or [], fallbacks, values)
        else:
            fields |= task_fields(models or [])
        if models is None:
            del fields[vol.Required(CONF_MODEL)]
        schema = vol.Schema(fields)
        return self.add_suggested_values_to_schema(schema, nested(schema, values))

    def _settings(self) -> Mapping[str, Any]:
        """Return what is stored so far."""
        return {} if self.source == SOURCE_USER else self._get_reconfigure_subentry().data

    def _current(self) -> dict[str, Any]:
        """Return the form's values to start from, settings of today or defaults."""
        agent = self._subentry_type == SUBENTRY_AGENT
        defaults = AGENT_DEFAULTS if agent else TASK_DEFAULTS
        if self.source != SOURCE_USER:
            return defaults | dict(self._settings())
        name = DEFAULT_AGENT_NAME if agent else DEFAULT_AI_TASK_NAME
        return defaults | {CONF_NAME: name, CONF_LLM_HASS_API: [llm.LLM_API_ASSIST]}

    def _fallbacks(self, values: Mapping[str, Any]) -> dict[str, str]:
        own = None
        if self.source != SOURCE_USER:
            own = self._get_reconfigure_subentry().subentry_id
        return fallback_names(self.hass, self._get_entry(), own, values.get(CONF_FALLBACKS, ()))

    def _still_there(
        self, values: Mapping[str, Any], fallbacks: Mapping[str, str]
    ) -> dict[str, list[str]]:
        """Return what is chosen without what is gone, which would make the whole form invalid."""
        apis = {api.id for api in llm.async_get_apis(self.hass)}
        return {
            key: [item for item in values.get(key, ()) if item in there]
            for key, there in ((CONF_LLM_HASS_API, apis), (CONF_FALLBACKS, fallbacks))
        }

    async def _save(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Store what was filled in, without sections."""
        if self._subentry_type == SUBENTRY_AGENT:
            data = await async_guard_settings(self.hass, data, self._settings())
            # A field that is emptied does not come at all, and must not fall back to the default.
            data = {CONF_PROMPT: "", CONF_LLM_HASS_API: []} | data
            if model := self._settings().get(CONF_MODEL):
                data.setdefault(CONF_MODEL, model)
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=data.pop(CONF_NAME), data=data)
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=data
        )
