"""What a service call would really do: to which entities, through scripts, scenes and groups too.

Nothing is run. What a call comes to is followed as far as Home Assistant's configuration says it:
`homeassistant.turn_off` to the service each entity has, scripts and automations to their actions,
scenes to their states, entities of `template` and `switch_as_x` to what they act on. The user's
automations that listen to a state or an event are not followed.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.components.homeassistant.scene import HomeAssistantScene
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TOGGLE, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.helpers.script import Script
from homeassistant.helpers.template import Template

from .effects import Call, Effect, distinct
from .inspect import calls_in, is_templated
from .scenes import calls_for_states, states_in
from .targets import TARGET_KEYS, Targets, device_class_of, entity_of, targets_of

_ANYTHING: Final = Effect("", "", "", certain=False)
# Far more than any house needs: a bound on the time that looking takes.
_MAX_CALLS: Final = 5000

_SWITCHING: Final = frozenset({SERVICE_TURN_ON, SERVICE_TURN_OFF, SERVICE_TOGGLE})
# What switching comes to where a domain has services of other names: (on, off).
_ON_OFF: Final = {
    "cover": ("open_cover", "close_cover"),
    "lock": ("lock", "unlock"),
    "valve": ("open_valve", "close_valve"),
}
# What a switch that is shown as something else does to it: (on, off). Inverted ones do the reverse.
_SHOWN_ON_OFF: Final = _ON_OFF | {"lock": ("unlock", "lock")}
# With services that may come to anything.
_GENERAL: Final = frozenset({"automation", "homeassistant", "scene", "script"})
# They carry out a text or a program that can call any service.
_ANY_SERVICE: Final = frozenset({"pyscript", "python_script"})
_SENTENCE: Final = ("conversation", "process")
_SECRETS: Final = frozenset({"code", "password", "pin", "token"})


async def effects_of_action(
    hass: HomeAssistant, domain: str, service: str, data: Mapping[str, Any]
) -> tuple[Effect, ...]:
    """Return all that a service call would do, each once; nothing is called.

    Args:
        hass: Home Assistant.
        domain: domain of the service.
        service: the service.
        data: service data with the targets in it, as Home Assistant merges them.
    """
    return effects_of_calls(hass, [Call(domain, service, data)])


@callback
def effects_of_calls(hass: HomeAssistant, calls: Iterable[Call]) -> tuple[Effect, ...]:
    """Return all that some service calls would do, each once."""
    following = _Following(hass)
    waiting = deque(calls)
    effects: list[Effect] = []
    for _ in range(_MAX_CALLS):
        if not waiting:
            return distinct(effects)
        for found in following.follow(waiting.popleft()):
            if isinstance(found, Call):
                waiting.append(found)
            else:
                effects.append(found)
    return distinct([*effects, _ANYTHING])


class _Following:
    """Follows calls to what they do. What was looked into is not looked into again."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._seen: set[tuple[str, str]] = set()

    def follow(self, call: Call) -> Iterator[Effect | Call]:
        """Yield what a call does, and the calls it comes to in its turn."""
        domain, service = call.domain.lower(), call.service.lower()
        unsaid = not service and domain in _GENERAL
        if not domain or unsaid or domain in _ANY_SERVICE or (domain, service) == _SENTENCE:
            yield _ANYTHING
            return
        if domain == "scene" and service in ("apply", "create"):
            yield from self._states(call, service)
            return
        if domain == "script" and service not in _SWITCHING | {"reload"}:
            yield from self._script(call, service)
            return
        targets = targets_of(self._hass, domain, call.data)
        if domain == "homeassistant" and service in _SWITCHING:
            yield from self._switching(call, service, targets)
        else:
            yield from self._plain(Call(domain, service, call.data, certain=call.certain), targets)
        if call.anywhere or targets.unsure or not targets.given:
            sure = not call.anywhere and not targets.unsure and call.certain
            yield Effect(domain, service, "", data=_as_text(call.data), certain=sure)

    def _plain(self, call: Call, targets: Targets) -> Iterator[Effect | Call]:
        """Yield what a call does to each target as it is, and what is behind these."""
        data = _as_text(call.data)
        for entity_id in (*targets.named, *targets.swept):
            yield Effect(
                call.domain,
                call.service,
                entity_id,
                device_class_of(self._hass, entity_id),
                data,
                call.certain,
            )
            if split_entity_id(entity_id)[0] == call.domain:
                yield from self._behind(entity_id, call.service)
            yield from self._shown_as(entity_id, call)

    def _switching(self, call: Call, service: str, targets: Targets) -> Iterator[Effect | Call]:
        """Yield what `homeassistant.turn_on` and the like come to for each target.

        Home Assistant passes by what cannot be switched; a lock or cover that somebody names is
        taken for meant all the same.
        """
        data = {key: value for key, value in call.data.items() if key not in TARGET_KEYS}
        for entity_id in (*targets.named, *targets.swept):
            domain = split_entity_id(entity_id)[0]
            if self._hass.services.has_service(domain, service):
                meant = service
            elif entity_id in targets.named:
                on, off = _ON_OFF.get(domain, (SERVICE_TURN_ON, SERVICE_TURN_OFF))
                meant = {SERVICE_TURN_ON: on, SERVICE_TURN_OFF: off}.get(service, service)
            else:
                continue
            yield Call(domain, meant, data | {ATTR_ENTITY_ID: [entity_id]}, certain=call.certain)

    def _script(self, call: Call, name: str) -> Iterator[Effect | Call]:
        """Yield what `script.<name>` does; its data are variables, not targets."""
        component = self._hass.data.get(DATA_INSTANCES, {}).get("script")
        for entity in component.entities if component else ():
            if str(entity.unique_id).lower() == name:
                data = _as_text(call.data, variables=True)
                yield Effect("script", "turn_on", entity.entity_id, None, data, call.certain)
                yield from self._behind(entity.entity_id, SERVICE_TURN_ON)
                return
        yield Effect("script", "turn_on", "", certain=False)

    def _states(self, call: Call, service: str) -> Iterator[Effect | Call]:
        """Yield what `scene.apply` does, or what a scene that is created may do once turned on."""
        entities = call.data.get("entities") or {}
        states = states_in(entities) if isinstance(entities, Mapping) else None
        snapshot = call.data.get("snapshot_entities") or []
        if states is None or is_templated([entities, snapshot]) or call.anywhere:
            yield Effect("scene", "apply", "", data=_as_text(call.data), certain=False)
        kept = targets_of(self._hass, "homeassistant", {ATTR_ENTITY_ID: snapshot}).named
        now = [state for entity_id in kept if (state := self._hass.states.get(entity_id))]
        for wanted in calls_for_states(self._hass, [*(states or ()), *now]):
            yield Call(wanted.domain, wanted.service, wanted.data, certain=service == "apply")

    def _behind(self, entity_id: str, service: str) -> Iterator[Call]:
        """Yield the calls an entity makes when a service of its domain is called for it."""
        if (entity_id, service) in self._seen:
            return
        self._seen.add((entity_id, service))
        entity: Any = entity_of(self._hass, entity_id)
        if isinstance(entity, HomeAssistantScene):
            if service in ("", SERVICE_TURN_ON):
                yield from calls_for_states(self._hass, entity.scene_config.states.values())
            return
        for script in _scripts_of(entity, service):
            yield from calls_in(script.sequence)

    def _shown_as(self, entity_id: str, call: Call) -> Iterator[Effect]:
        """Yield what a call for a switch does to the lock, cover or valve it is shown as."""
        if call.domain != "switch":
            return
        registry = er.async_get(self._hass)
        for shown in self._hass.config_entries.async_entries("switch_as_x"):
            switch: str = shown.options.get("entity_id", "")
            if er.async_resolve_entity_id(registry, switch) != entity_id:
                continue
            for entry in er.async_entries_for_config_entry(registry, shown.entry_id):
                on, off = _SHOWN_ON_OFF.get(entry.domain, (SERVICE_TURN_ON, SERVICE_TURN_OFF))
                if shown.options.get("invert"):
                    on, off = off, on
                meant = {SERVICE_TURN_ON: on, SERVICE_TURN_OFF: off}.get(call.service, call.service)
                device_class = device_class_of(self._hass, entry.entity_id)
                yield Effect(
                    entry.domain, meant, entry.entity_id, device_class, certain=call.certain
                )


def _scripts_of(entity: Any, service: str) -> list[Script]:
    """Return the scripts an entity runs for a service: those of scripts, automations, templates."""
    domain = entity.entity_id.partition(".")[0] if entity else ""
    if domain == "script" and service != SERVICE_TURN_OFF:
        return [script] if isinstance(script := getattr(entity, "script", None), Script) else []
    if domain == "automation" and service in ("", "trigger"):
        script = getattr(entity, "action_script", None)
        return [script] if isinstance(script, Script) else []
    # components/template/entity.py
    scripts = getattr(entity, "_action_scripts", {})
    if service in scripts and (service != SERVICE_TURN_ON or domain == "switch"):
        return [scripts[service]]
    return list(scripts.values())


def _as_text(data: Mapping[str, Any], *, variables: bool = False) -> str:
    """Return service data without targets as sorted JSON, "" if there are none.

    Codes are left out: effects are logged. Templates are given as they are written.
    """
    if any(not isinstance(key, str) for key in data):
        return json.dumps([[_plain(key), _plain(value)] for key, value in data.items()])
    told = {
        key: "***" if key.lower() in _SECRETS else _plain(value)
        for key, value in data.items()
        if variables or key not in TARGET_KEYS
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False) if told else ""


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it."""
    if isinstance(value, Template):
        return value.template
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
