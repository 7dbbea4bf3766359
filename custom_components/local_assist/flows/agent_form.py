"""The fields of an agent's and of an AI task's form.

Fields that are left empty are not stored: the model's maker, the house or a default settles them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    BooleanSelector,
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
    CONF_CONNECT_TIMEOUT,
    CONF_EMBEDDING_MODEL,
    CONF_FALLBACKS,
    CONF_FIRST_TOKEN_TIMEOUT,
    CONF_HOUSE_INTENTS,
    CONF_KEEP_ALIVE,
    CONF_LLM_HASS_API,
    CONF_MIN_P,
    CONF_MODEL,
    CONF_NUM_CTX,
    CONF_NUM_PREDICT,
    CONF_PROMPT,
    CONF_REPEAT_PENALTY,
    CONF_SEED,
    CONF_TEMPERATURE,
    CONF_THINK,
    CONF_TOKEN_GAP_TIMEOUT,
    CONF_TOP_K,
    CONF_TOP_P,
    FALLBACK_BACKEND,
    SUBENTRY_BACKEND,
)
from .guard_form import SECTION_GUARD, guard_fields
from .ollama import model_selector

THINK_OPTIONS: Final = ["off", "on", "low", "medium", "high"]

SECTION_ANSWERS: Final = "answers"
SECTION_RUNNING: Final = "running"
SECTION_FALLBACKS: Final = "others"
SECTION_DEADLINES: Final = "deadlines"


def _number(minimum: float, maximum: float, step: float, unit: str | None = None) -> NumberSelector:
    # A slider cannot be emptied.
    config = NumberSelectorConfig(min=minimum, max=maximum, step=step, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _whole(minimum: int, maximum: int, unit: str | None = None) -> vol.All[Any]:
    return vol.All(_number(minimum, maximum, 1, unit), vol.Coerce(int))


ANSWERS: Final = {
    vol.Optional(CONF_NUM_PREDICT): _whole(16, 32_768, "tokens"),
    vol.Optional(CONF_TEMPERATURE): _number(0, 2, 0.01),
    vol.Optional(CONF_TOP_P): _number(0, 1, 0.01),
    vol.Optional(CONF_TOP_K): _whole(0, 1000),
    vol.Optional(CONF_MIN_P): _number(0, 1, 0.01),
    vol.Optional(CONF_REPEAT_PENALTY): _number(0.5, 2, 0.01),
    vol.Optional(CONF_SEED): _whole(0, 2**31 - 1),
}
RUNNING: Final = {
    vol.Optional(CONF_NUM_CTX): _whole(2048, 1 << 20, "tokens"),
    vol.Optional(CONF_KEEP_ALIVE): _whole(-1, 7 * 24 * 3600, "s"),
}
DEADLINES: Final = {
    vol.Optional(CONF_CONNECT_TIMEOUT): _number(0.5, 60, 0.5, "s"),
    vol.Optional(CONF_FIRST_TOKEN_TIMEOUT): _number(1, 600, 1, "s"),
    vol.Optional(CONF_TOKEN_GAP_TIMEOUT): _number(1, 600, 1, "s"),
}

THINK_SELECTOR: Final = SelectSelector(
    SelectSelectorConfig(
        options=THINK_OPTIONS, translation_key=CONF_THINK, mode=SelectSelectorMode.DROPDOWN
    )
)


def task_fields(models: Iterable[OllamaModel]) -> dict[vol.Marker, Any]:
    """Return the fields of an AI task."""
    return {
        vol.Required(CONF_MODEL): _chat_model_selector(models),
        vol.Required(CONF_THINK): THINK_SELECTOR,
        **_sections({SECTION_ANSWERS: ANSWERS, SECTION_RUNNING: RUNNING}),
        **_sections({SECTION_DEADLINES: DEADLINES}),
    }


def agent_fields(
    hass: HomeAssistant,
    models: list[OllamaModel],
    fallbacks: Mapping[str, str],
    values: Mapping[str, Any],
) -> dict[vol.Marker, Any]:
    """Return the fields of an agent.

    `fallbacks` are those there are, with their names; `values` are what the form starts with.
    """
    embedding = [model for model in models if "embedding" in model.capabilities]
    running = RUNNING | {
        vol.Optional(CONF_EMBEDDING_MODEL): model_selector(embedding, custom_value=True)
    }
    others = {vol.Optional(CONF_FALLBACKS): _choice(fallbacks)}
    return {
        vol.Required(CONF_MODEL): _chat_model_selector(models),
        vol.Optional(CONF_PROMPT): TemplateSelector(),
        vol.Optional(CONF_LLM_HASS_API): _choice(
            {api.id: api.name for api in llm.async_get_apis(hass)}
        ),
        vol.Optional(CONF_HOUSE_INTENTS): BooleanSelector(),
        vol.Required(CONF_THINK): THINK_SELECTOR,
        **_sections({SECTION_GUARD: guard_fields(hass, values)}),
        **_sections({SECTION_ANSWERS: ANSWERS, SECTION_RUNNING: running}),
        **_sections({SECTION_FALLBACKS: others, SECTION_DEADLINES: DEADLINES}),
    }


def fallback_names(
    hass: HomeAssistant, entry: ConfigEntry[Any], subentry_id: str | None, chosen: Iterable[str]
) -> dict[str, str]:
    """Return who else may answer, by the value that is stored, with their names.

    `subentry_id` is the agent's own, unless it is new; `chosen` are its fallbacks so far. Home
    Assistant's own agent is asked last in any case. An agent that is not there just now stays if
    it was chosen; a server that was removed is gone.
    """
    registry = er.async_get(hass)
    passed_over = {HOME_ASSISTANT_AGENT} | {
        item.entity_id
        for item in er.async_entries_for_config_entry(registry, entry.entry_id)
        if subentry_id and item.config_subentry_id == subentry_id
    }
    names = {other: other for other in chosen if not other.startswith(FALLBACK_BACKEND)}
    names |= {state.entity_id: state.name for state in hass.states.async_all(CONVERSATION)}
    servers = {
        f"{FALLBACK_BACKEND}{server.subentry_id}": server.title
        for server in entry.get_subentries_of_type(SUBENTRY_BACKEND)
    }
    return {key: name for key, name in (servers | names).items() if key not in passed_over}


def nested(schema: vol.Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the form holds them: those of a section together, in it."""
    found: dict[str, Any] = {}
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            found[str(marker)] = nested(field.schema, values)
        elif str(marker) in values:
            found[str(marker)] = values[str(marker)]
    return found


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in without its sections."""
    found: dict[str, Any] = {}
    for key, value in user_input.items():
        found |= value if isinstance(value, dict) else {key: value}
    return found


def _sections(fields: Mapping[str, dict[Any, Any]]) -> dict[vol.Marker, section]:
    return {
        vol.Optional(name): section(vol.Schema(below), {"collapsed": True})
        for name, below in fields.items()
    }


def _chat_model_selector(models: Iterable[OllamaModel]) -> SelectSelector:
    # A server that names no capabilities may still hold a model that talks.
    talking = [
        model for model in models if not model.capabilities or "completion" in model.capabilities
    ]
    return model_selector(talking, custom_value=True)


def _choice(names: Mapping[str, str]) -> SelectSelector:
    """Return a choice of several, kept in the order they are chosen."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=key, label=name) for key, name in names.items()],
            multiple=True,
        )
    )
