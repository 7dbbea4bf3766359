"""Which effects need a person's consent, and how it is given.

What secures a house is guarded unless the user says otherwise: locks, doors, alarms, water and
gas, sirens. Everything else is guarded if the user marked it. The safe direction (to lock, to
close, to arm, to silence) is free, and so is reading.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from ..const import (
    CONF_GUARD_AREAS,
    CONF_GUARD_DOMAINS,
    CONF_GUARD_ENTITIES,
    CONF_GUARD_LABELS,
    CONF_GUARD_MODES,
)
from .effects import Effect


class Kind(StrEnum):
    """What is guarded, as the person would call it."""

    UNLOCK = "unlock"
    OPEN = "open"
    DISARM = "disarm"
    VALVE = "valve"
    SIREN = "siren"
    MARKED = "marked"


class Mode(StrEnum):
    """How consent to a kind is given, from the strictest to none at all."""

    NEVER = "never"
    PIN = "pin"
    ASK = "ask"
    FREE = "free"


_STRICTEST_FIRST: Final = tuple(Mode)
_DEFAULT: Final = Mode.ASK

_KINDS: Final = {
    "lock": Kind.UNLOCK,
    "cover": Kind.OPEN,
    "alarm_control_panel": Kind.DISARM,
    "valve": Kind.VALVE,
    "siren": Kind.SIREN,
}
"""The kind of whatever is done in a domain that secures the house."""

_WAYS_IN: Final = frozenset({"door", "garage", "gate"})
"""The device classes of covers that somebody could come in by."""

_SAFE: Final = frozenset(
    {
        ("lock", "lock"),
        ("cover", "close_cover"),
        ("cover", "close_cover_tilt"),
        ("cover", "stop_cover"),
        ("cover", "stop_cover_tilt"),
        ("alarm_control_panel", "alarm_arm_away"),
        ("alarm_control_panel", "alarm_arm_custom_bypass"),
        ("alarm_control_panel", "alarm_arm_home"),
        ("alarm_control_panel", "alarm_arm_night"),
        ("alarm_control_panel", "alarm_arm_vacation"),
        ("valve", "close_valve"),
        ("valve", "stop_valve"),
        ("siren", "turn_off"),
    }
)

_POSITIONS: Final = {
    ("cover", "set_cover_position"): "position",
    ("cover", "set_cover_tilt_position"): "tilt_position",
    ("valve", "set_valve_position"): "position",
}
"""Services that are safe at 0, which is closed, and the datum that says so."""

_READING: Final = frozenset(
    {
        ("calendar", "get_events"),
        ("homeassistant", "update_entity"),
        ("media_player", "browse_media"),
        ("media_player", "search_media"),
        ("schedule", "get_schedule"),
        ("todo", "get_items"),
        ("weather", "get_forecasts"),
    }
)

_ANYTHING: Final = frozenset(
    {
        ("automation", "trigger"),
        ("homeassistant", "toggle"),
        ("homeassistant", "turn_off"),
        ("homeassistant", "turn_on"),
        ("scene", "apply"),
        ("scene", "turn_on"),
        ("script", "toggle"),
        ("script", "turn_on"),
    }
)
"""Services that may do whatever there is, as long as their target is not known."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one agent: a mode for each kind, and what the user marked."""

    modes: Mapping[Kind, Mode] = field(default_factory=dict)
    entities: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the rules in an agent's settings; what these do not say is asked for."""
        chosen = settings.get(CONF_GUARD_MODES) or {}
        return cls(
            modes={kind: Mode(chosen.get(kind, _DEFAULT)) for kind in Kind},
            entities=frozenset(settings.get(CONF_GUARD_ENTITIES) or ()),
            areas=frozenset(settings.get(CONF_GUARD_AREAS) or ()),
            domains=frozenset(settings.get(CONF_GUARD_DOMAINS) or ()),
            labels=frozenset(settings.get(CONF_GUARD_LABELS) or ()),
        )

    def mode(self, kind: Kind) -> Mode:
        """Return how consent to a kind is given."""
        return self.modes.get(kind, _DEFAULT)

    def strictest(self, kinds: Iterable[Kind]) -> Mode:
        """Return the strictest mode among kinds, FREE if there are none."""
        return min(map(self.mode, kinds), key=_STRICTEST_FIRST.index, default=Mode.FREE)

    def kind(self, effect: Effect, *, area: str | None, labels: Collection[str]) -> Kind | None:
        """Return what is guarded about an effect, or None if nothing is.

        Args:
            effect: what would happen to one entity.
            area: the id of the area the entity is in.
            labels: the ids of the labels of the entity, its device and its area.

        What is guarded for two reasons is of the kind whose mode is stricter. The mode of the
        kind may be FREE all the same: `mode` tells.
        """
        if _is_anything(effect):
            reasons = [Kind.MARKED, *_KINDS.values()]
        else:
            reasons = [kind for kind in (_securing(effect),) if kind]
            if self._is_marked(effect, area, labels) and not _is_harmless(effect):
                reasons.append(Kind.MARKED)
        return min(reasons, key=lambda kind: _STRICTEST_FIRST.index(self.mode(kind)), default=None)

    def _is_marked(self, effect: Effect, area: str | None, labels: Collection[str]) -> bool:
        domain = _domain(effect)
        if not self.domains.isdisjoint((effect.domain, domain)):
            return True
        if effect.entity_id:
            return (
                effect.entity_id in self.entities
                or area in self.areas
                or not self.labels.isdisjoint(labels)
            )
        # It may be any entity of the domain, in any area.
        named = any(entity_id.partition(".")[0] == domain for entity_id in self.entities)
        return named or bool(self.areas or self.labels)


def _securing(effect: Effect) -> Kind | None:
    """Return the kind of an effect on what secures the house, unless it is a safe one."""
    kind = _KINDS.get(_domain(effect))
    if kind is None or _is_harmless(effect):
        return None
    if kind is Kind.OPEN and effect.entity_id and effect.device_class not in _WAYS_IN:
        return None
    if (effect.domain, effect.service) == ("alarm_control_panel", "alarm_trigger"):
        return Kind.SIREN
    return kind


def _domain(effect: Effect) -> str:
    """Return the domain of what is acted on: a service of another domain may act on a lock."""
    return effect.entity_id.partition(".")[0] or effect.domain


def _is_anything(effect: Effect) -> bool:
    """Return whether nothing is known about what would happen."""
    service = (effect.domain, effect.service)
    return not effect.entity_id and (not all(service) or service in _ANYTHING)


def _is_harmless(effect: Effect) -> bool:
    """Return whether an effect only reads, or goes in the safe direction."""
    service = (effect.domain, effect.service)
    if datum := _POSITIONS.get(service):
        return _is_zero(effect.data, datum)
    return service in _SAFE or service in _READING


def _is_zero(data: str, datum: str) -> bool:
    """Return whether a datum of a service call is surely 0; a template may become anything."""
    try:
        return float(json.loads(data)[datum]) == 0
    except KeyError, OverflowError, TypeError, ValueError:
        return False
