"""A house with everything that secures one, and many ways to get at it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.const import Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import label_registry as lr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.local_assist.guard.actions import effects_of_action
from custom_components.local_assist.guard.effects import Effect

SECURING = {"alarm_control_panel", "cover", "lock", "siren", "valve"}

_NOTHING = [{"event": "did"}]
_PLACES = {
    "lock.front": "hall",
    "light.hall": "hall",
    "cover.blind": "hall",
    "cover.garage": "garage",
    "siren.siren": "garage",
    "valve.orchard": "garage",
    "switch.strike": "hall",
    "button.buzzer": "hall",
}
HIDDEN = "lock.cellar"


def unlock(entity_id: str = "lock.front", **more: Any) -> dict[str, Any]:
    """Return a script's action that unlocks a lock."""
    return {"action": "lock.unlock", "target": {"entity_id": entity_id}} | more


SCRIPTS: dict[str, list[dict[str, Any]]] = {
    "direct": [unlock()],
    "nested": [{"action": "script.direct"}],
    "nested_twice": [{"action": "homeassistant.turn_on", "target": {"entity_id": "script.nested"}}],
    "circle": [{"if": "{{ false }}", "then": [{"action": "script.circle"}]}, unlock()],
    "chosen": [
        {"choose": [{"conditions": "{{ false }}", "sequence": []}], "default": [unlock()]},
    ],
    "when": [{"if": "{{ true }}", "then": [unlock()]}],
    "otherwise": [{"if": "{{ false }}", "then": [], "else": [unlock()]}],
    "at_once": [{"parallel": [[{"event": "x"}, unlock()], {"event": "y"}]}],
    "again": [{"repeat": {"count": 1, "sequence": [unlock()]}}],
    "one_by_one": [
        {
            "repeat": {
                "for_each": ["lock.front"],
                "sequence": [unlock("{{ repeat.item }}")],
            }
        }
    ],
    "in_turn": [{"sequence": [{"delay": 0}, unlock()]}],
    "by_area": [{"action": "lock.unlock", "target": {"area_id": "hall"}}],
    "by_old_way": [{"service": "lock.unlock", "entity_id": "lock.front"}],
    "by_data": [{"action": "lock.unlock", "data": {"entity_id": "lock.front"}}],
    "by_scene_step": [{"scene": "scene.welcome"}],
    "to_a_target": [unlock("{{ door }}")],
    "to_an_area": [{"action": "lock.unlock", "target": {"area_id": "{{ area }}"}}],
    "to_targets": [{"action": "lock.unlock", "target": "{{ {'entity_id': door} }}"}],
    "to_data": [{"action": "lock.unlock", "data": "{{ {'entity_id': door} }}"}],
    "to_one_of_two": [
        {"action": "lock.unlock", "target": {"entity_id": ["lock.cellar", "{{ door }}"]}}
    ],
    "any_action": [{"action": "{{ what }}", "target": {"entity_id": "lock.front"}}],
    "any_lock_action": [{"action": "lock.{{ what }}", "target": {"entity_id": "lock.front"}}],
    "any_switching": [
        {"action": "homeassistant.{{ what }}", "target": {"entity_id": "cover.garage"}}
    ],
    "any_entity_on": [{"action": "homeassistant.turn_on", "target": {"entity_id": "{{ door }}"}}],
    "any_script": [{"action": "script.turn_on", "target": {"entity_id": "{{ door }}"}}],
    "any_scene": [
        {"action": "scene.apply", "data": {"entities": "{{ {door: 'unlocked'} }}"}},
    ],
    "a_sentence": [
        {
            "action": "conversation.process",
            "data": {"text": "{{ text }}", "agent_id": "conversation.home_assistant"},
        }
    ],
    "any_position": [
        {
            "action": "cover.set_cover_position",
            "target": {"entity_id": "cover.garage"},
            "data": {"position": "{{ position }}"},
        }
    ],
    "keeps_and_restores": [
        {
            "action": "scene.create",
            "data": {"scene_id": "before", "snapshot_entities": ["lock.front"]},
        },
        {"action": "lock.lock", "target": {"entity_id": "lock.front"}},
        {"action": "scene.turn_on", "target": {"entity_id": "scene.before"}},
    ],
    "harmless": [
        {"action": "light.turn_on", "target": {"entity_id": "light.hall"}},
        {"action": "lock.lock", "target": {"entity_id": "lock.front"}},
        unlock(enabled=False),
    ],
    "good_night": [{"action": "homeassistant.turn_off", "target": {"area_id": "hall"}}],
}
SCENES: dict[str, dict[str, Any]] = {
    "welcome": {"lock.front": "unlocked", "light.hall": "on"},
    "latch": {"lock.front": "open"},
    "leaving": {"cover.garage": {"state": "open", "current_position": 100}},
    "ajar": {"cover.garage": {"state": "open", "current_position": 20}},
    "home": {"alarm_control_panel.home": "disarmed"},
    "away": {"alarm_control_panel.home": "armed_away", "lock.front": "locked"},
    "water": {"valve.orchard": "open"},
    "noise": {"siren.siren": "on"},
    "all_doors": {"group.everything": "unlocked"},
    "lit": {"light.hall": "on"},
}


@dataclass
class Securing:
    """The house."""

    hass: HomeAssistant
    changed: list[Event]

    async def effects(self, domain: str, service: str, **data: Any) -> tuple[Effect, ...]:
        """Return what a call is said to do."""
        return await effects_of_action(self.hass, domain, service, data)

    async def done(self, domain: str, service: str, **data: Any) -> set[str]:
        """Make a call, and return which of the things that secure the house it changed."""
        self.changed.clear()
        # A group of locks, unlike its members, cannot be unlocked with all others.
        with suppress(NotImplementedError):
            await self.hass.services.async_call(domain, service, data, blocking=True)
        await self.hass.async_block_till_done()
        return self.touched()

    def touched(self) -> set[str]:
        """Return which of the things that secure the house changed lately, but for groups."""
        return {
            state.entity_id
            for event in self.changed
            if (state := event.data["new_state"]) is not None
            and state.domain in SECURING
            and "entity_id" not in state.attributes
        }


def pairs(effects: tuple[Effect, ...]) -> set[tuple[str, str]]:
    """Return the services of effects, with their domains, and the entities."""
    return {(f"{e.domain}.{e.service}", e.entity_id) for e in effects}


def _template() -> list[dict[str, Any]]:
    def named(name: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "unique_id": name, "default_entity_id": more.pop("id")} | more

    lock = {"lock": _NOTHING, "unlock": _NOTHING, "open": _NOTHING}
    cover = {"open_cover": _NOTHING, "close_cover": _NOTHING, "set_cover_position": _NOTHING}
    arming = dict.fromkeys(("arm_away", "arm_home", "disarm"), _NOTHING)
    return [
        {
            "lock": [
                named("Front door", id="lock.front", **lock),
                named("Cellar door", id=HIDDEN, **lock),
            ]
        },
        {
            "cover": [
                named("Garage", id="cover.garage", device_class="garage", **cover),
                named("Blind", id="cover.blind", device_class="blind", **cover),
            ]
        },
        {
            "alarm_control_panel": [
                named("Alarm", id="alarm_control_panel.home", code_arm_required=False, **arming)
            ]
        },
        {"light": [named("Hall light", id="light.hall", turn_on=_NOTHING, turn_off=_NOTHING)]},
        {
            "switch": [
                named(
                    "Door strike",
                    id="switch.strike",
                    turn_on=[unlock()],
                    turn_off=[{"action": "lock.lock", "target": {"entity_id": "lock.front"}}],
                ),
                named("Relay", id="switch.relay", turn_on=_NOTHING, turn_off=_NOTHING),
            ]
        },
        {
            "button": [
                named(
                    "Buzzer",
                    id="button.buzzer",
                    press=[{"action": "lock.open", "target": {"entity_id": "lock.front"}}],
                )
            ]
        },
    ]


async def _build(hass: HomeAssistant) -> None:
    for domain in ("homeassistant", "conversation", "llm", "intent"):
        assert await async_setup_component(hass, domain, {})
    everything = ["light.hall", "lock.front", "cover.garage", "valve.orchard", "siren.siren"]
    groups = {
        "everything": {"entities": everything},
        "outer": {"entities": ["group.everything"]},
    }
    assert await async_setup_component(hass, "group", {"group": groups})
    demo = MockConfigEntry(domain="demo")
    demo.add_to_hass(hass)
    with patch(
        "homeassistant.components.demo.COMPONENTS_WITH_CONFIG_ENTRY_DEMO_PLATFORM",
        [Platform.VALVE, Platform.SIREN, Platform.MEDIA_PLAYER],
    ):
        assert await hass.config_entries.async_setup(demo.entry_id)
    assert await async_setup_component(hass, "template", {"template": _template()})
    await hass.async_block_till_done()
    for domain, members in (
        ("lock", ["lock.front", HIDDEN]),
        ("cover", ["cover.garage", "cover.blind"]),
        ("valve", ["valve.orchard"]),
    ):
        group = MockConfigEntry(
            domain="group",
            title=f"All {domain}s",
            options={"group_type": domain, "name": f"All {domain}s", "entities": members},
        )
        group.add_to_hass(hass)
        assert await hass.config_entries.async_setup(group.entry_id)
    scripts = {name: {"sequence": sequence} for name, sequence in SCRIPTS.items()}
    assert await async_setup_component(hass, "script", {"script": scripts})
    automation = {
        "id": "a",
        "alias": "Courier",
        "triggers": [{"trigger": "event", "event_type": "never"}],
        "actions": [unlock()],
    }
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    scenes = [{"name": name, "entities": states} for name, states in SCENES.items()]
    assert await async_setup_component(hass, "scene", {"scene": scenes})
    await hass.async_block_till_done()


def _furnish(hass: HomeAssistant) -> None:
    floor = fr.async_get(hass).async_create("Ground")
    label = lr.async_get(hass).async_create("Outside")
    areas = {name: ar.async_get(hass).async_create(name) for name in ("hall", "garage")}
    ar.async_get(hass).async_update(areas["hall"].id, floor_id=floor.floor_id)
    registry = er.async_get(hass)
    for entity_id, place in _PLACES.items():
        entry = registry.async_get(entity_id)
        if entry and entry.device_id:
            dr.async_get(hass).async_update_device(entry.device_id, area_id=areas[place].id)
        elif entry:
            registry.async_update_entity(entity_id, area_id=areas[place].id)
    registry.async_update_entity("cover.garage", labels={label.label_id})
    registry.async_update_entity(HIDDEN, hidden_by=er.RegistryEntryHider.USER)
    for state in hass.states.async_all():
        exposed = state.entity_id != HIDDEN and state.domain not in ("valve", "siren")
        async_expose_entity(hass, "conversation", state.entity_id, exposed)


@pytest.fixture
async def securing(hass: HomeAssistant) -> AsyncGenerator[Securing]:
    """Build the house."""
    await _build(hass)
    _furnish(hass)
    yield Securing(hass, async_capture_events(hass, "state_changed"))
    for entry in hass.config_entries.async_entries():
        if entry.domain in ("demo", "group"):
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def expose(hass: HomeAssistant) -> Callable[[str], None]:
    """Return what exposes an entity to the assistant."""
    return lambda entity_id: async_expose_entity(hass, "conversation", entity_id, True)
