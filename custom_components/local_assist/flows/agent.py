"""Adding and changing an agent or an AI task: the subentries that use a language model."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TemplateSelector,
)

from ..backends.ollama import OllamaModel
from ..const import (
    AGENT_DEFAULTS,
    CONF_KEEP_ALIVE,
    CONF_LLM_HASS_API,
    CONF_MODEL,
    CONF_NUM_CTX,
    CONF_NUM_PREDICT,
    CONF_PROMPT,
    CONF_TEMPERATURE,
    CONF_THINK,
    DEFAULT_AGENT_NAME,
    DEFAULT_AI_TASK_NAME,
    SUBENTRY_AGENT,
)
from ..runtime import LocalAssistConfigEntry
from .ollama import model_selector

SECTION_ADVANCED: Final = "advanced"
THINK_OPTIONS: Final = ["off", "on", "low", "medium", "high"]


def _whole(minimum: int, maximum: int, unit: str) -> vol.All[Any]:
    selector = NumberSelector(
        NumberSelectorConfig(
            min=minimum,
            max=maximum,
            step=1,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=unit,
        )
    )
    return vol.All(selector, vol.Coerce(int))


ADVANCED: Final = vol.Schema(
    {
        vol.Required(CONF_TEMPERATURE): NumberSelector(
            NumberSelectorConfig(min=0, max=2, step=0.05, mode=NumberSelectorMode.SLIDER)
        ),
        vol.Required(CONF_NUM_CTX): _whole(2048, 1 << 20, "tokens"),
        vol.Required(CONF_NUM_PREDICT): _whole(16, 32_768, "tokens"),
        vol.Required(CONF_KEEP_ALIVE): _whole(-1, 7 * 24 * 3600, "s"),
    }
)


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
        if ollama is None:
            return self.async_abort(reason="no_ollama")
        if user_input is not None:
            return self._save(user_input)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                self._schema(ollama.data.models if ollama.data else []), self._suggestions()
            ),
        )

    def _schema(self, models: list[OllamaModel]) -> vol.Schema:
        fields: dict[vol.Marker, Any] = {}
        if self.source == SOURCE_USER:
            fields[vol.Required(CONF_NAME)] = str
        fields[vol.Required(CONF_MODEL)] = model_selector(models, custom_value=True)
        if self._subentry_type == SUBENTRY_AGENT:
            fields[vol.Optional(CONF_PROMPT)] = TemplateSelector()
            fields[vol.Optional(CONF_LLM_HASS_API)] = _api_selector(self.hass)
        fields[vol.Required(CONF_THINK)] = SelectSelector(
            SelectSelectorConfig(
                options=THINK_OPTIONS,
                translation_key=CONF_THINK,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        fields[vol.Required(SECTION_ADVANCED)] = section(ADVANCED, {"collapsed": True})
        return vol.Schema(fields)

    def _suggestions(self) -> dict[str, Any]:
        """Return the form's values to start from, settings of today or defaults."""
        if self.source == SOURCE_USER:
            agent = self._subentry_type == SUBENTRY_AGENT
            current: Mapping[str, Any] = {
                CONF_NAME: DEFAULT_AGENT_NAME if agent else DEFAULT_AI_TASK_NAME,
                CONF_LLM_HASS_API: [llm.LLM_API_ASSIST],
            }
        else:
            current = self._get_reconfigure_subentry().data
        values = AGENT_DEFAULTS | dict(current)
        # An API whose integration is gone would make the whole form invalid.
        known = {api.id for api in llm.async_get_apis(self.hass)}
        values[CONF_LLM_HASS_API] = [
            api for api in values.get(CONF_LLM_HASS_API, []) if api in known
        ]
        advanced = {str(key): values[str(key)] for key in ADVANCED.schema if str(key) in values}
        return values | {SECTION_ADVANCED: advanced}

    def _save(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        advanced = user_input.pop(SECTION_ADVANCED)
        data = user_input | advanced
        if self._subentry_type == SUBENTRY_AGENT:
            # A field that is emptied does not come at all, and must not fall back to the default.
            data = {CONF_PROMPT: "", CONF_LLM_HASS_API: []} | data
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=data.pop(CONF_NAME), data=data)
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=data
        )


def _api_selector(hass: HomeAssistant) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=api.id, label=api.name) for api in llm.async_get_apis(hass)
            ],
            multiple=True,
        )
    )
