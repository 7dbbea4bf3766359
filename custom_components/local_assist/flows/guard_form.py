"""The section of an agent's form about what it asks for before it does it."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    AreaSelector,
    AreaSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    LabelSelector,
    LabelSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_GUARD_AREAS,
    CONF_GUARD_DOMAINS,
    CONF_GUARD_ENTITIES,
    CONF_GUARD_LABELS,
    CONF_GUARD_MODES,
    CONF_GUARD_PIN,
)
from ..guard.pin import hash_pin, is_pin
from ..guard.rules import Kind, Mode, Rules

SECTION_GUARD: Final = "guard"
# The field of each kind's mode. A form has no dictionaries.
MODE_FIELDS: Final = {kind: f"guard_{kind}" for kind in Kind}
MODE_OPTIONS: Final = [Mode.ASK, Mode.PIN, Mode.NEVER, Mode.FREE]

_MARKED: Final = (CONF_GUARD_ENTITIES, CONF_GUARD_AREAS, CONF_GUARD_DOMAINS, CONF_GUARD_LABELS)
_SETTINGS: Final = (CONF_GUARD_MODES, CONF_GUARD_PIN, *_MARKED)


def guard_fields(hass: HomeAssistant, values: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    """Return the fields of the section. `values` are those it starts with."""
    mode = SelectSelector(
        SelectSelectorConfig(
            options=list(map(str, MODE_OPTIONS)),
            translation_key="guard_mode",
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
    domains = {entity_id.partition(".")[0] for entity_id in hass.states.async_entity_ids()}
    # What acts without an entity, such as shell commands; and what is away just now.
    domains |= {*hass.services.async_services(), *values.get(CONF_GUARD_DOMAINS, ())}
    return {
        **{vol.Required(field, default=str(Mode.ASK)): mode for field in MODE_FIELDS.values()},
        vol.Optional(CONF_GUARD_ENTITIES): EntitySelector(EntitySelectorConfig(multiple=True)),
        vol.Optional(CONF_GUARD_AREAS): AreaSelector(AreaSelectorConfig(multiple=True)),
        vol.Optional(CONF_GUARD_DOMAINS): SelectSelector(
            SelectSelectorConfig(
                options=sorted(domains), multiple=True, mode=SelectSelectorMode.DROPDOWN
            )
        ),
        vol.Optional(CONF_GUARD_LABELS): LabelSelector(LabelSelectorConfig(multiple=True)),
        vol.Optional(CONF_GUARD_PIN): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
        ),
    }


def guard_values(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as the form shows them: the modes one by one, and nothing of the PIN.

    What was filled in already is shown as it is.
    """
    rules = Rules.of(settings)
    hidden = (CONF_GUARD_MODES, CONF_GUARD_PIN)
    modes = {field: str(rules.mode(kind)) for kind, field in MODE_FIELDS.items()}
    return modes | {key: value for key, value in settings.items() if key not in hidden}


def pin_problem(filled: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
    """Return the key of what is wrong about the PIN filled in, given the settings so far."""
    if not _is_filled(filled):
        return None
    pin = _pin(filled)
    wanted = Mode.PIN in _modes(filled).values()
    if pin and not is_pin(pin):
        return "guard_pin_format"
    if pin and not wanted:
        return "guard_pin_unused"
    if wanted and not pin and CONF_GUARD_PIN not in settings:
        return "guard_pin_missing"
    return None


async def async_guard_settings(
    hass: HomeAssistant, filled: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was filled in, without sections, as it is stored.

    A section that did not come at all changes no rule. Without a new PIN the present one stays as
    long as a rule asks for it. What is asked for anyway is not stored.
    """
    if not _is_filled(filled):
        return {**filled, **{key: settings[key] for key in _SETTINGS if key in settings}}
    pin = _pin(filled)
    modes = _modes(filled)
    passed_over = {CONF_GUARD_PIN, *MODE_FIELDS.values()}
    passed_over |= {key for key in _MARKED if not filled.get(key)}
    found = {key: value for key, value in filled.items() if key not in passed_over}
    if chosen := {str(kind): str(mode) for kind, mode in modes.items() if mode is not Mode.ASK}:
        found[CONF_GUARD_MODES] = chosen
    if pin:
        found[CONF_GUARD_PIN] = await hass.async_add_executor_job(hash_pin, pin)
    elif Mode.PIN in modes.values():
        found[CONF_GUARD_PIN] = settings[CONF_GUARD_PIN]
    return found


def _is_filled(filled: Mapping[str, Any]) -> bool:
    # Its modes are required.
    return not filled.keys().isdisjoint(MODE_FIELDS.values())


def _modes(filled: Mapping[str, Any]) -> dict[Kind, Mode]:
    return {kind: Mode(filled[field]) for kind, field in MODE_FIELDS.items()}


def _pin(filled: Mapping[str, Any]) -> str:
    pin: str = filled.get(CONF_GUARD_PIN, "")
    return pin.strip()
