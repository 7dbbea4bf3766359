"""A house with everything that is guarded in it, whose things remember what was done to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, override

import yaml
from homeassistant.components import conversation
from homeassistant.components.alarm_control_panel import (
    AlarmControlPanelEntity,
    AlarmControlPanelEntityFeature,
    AlarmControlPanelState,
)
from homeassistant.components.cover import CoverDeviceClass, CoverEntity, CoverEntityFeature
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.light import ColorMode, LightEntity
from homeassistant.components.lock import LockEntity, LockEntityFeature
from homeassistant.components.siren import SirenEntity, SirenEntityFeature
from homeassistant.components.switch import SwitchEntity
from homeassistant.components.valve import ValveEntity, ValveEntityFeature
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    setup_test_component_platform,
)

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.conversation import AgentEntity
from tests.integration.agent_house import agent

AGENTS = ("ada", "bea")

# What was done: "lock.unlock", and the entity id of the thing itself.
type Deed = tuple[str, str]


class Remembering(Entity):
    """A thing that never changes, and writes down what it was told to do."""

    _attr_should_poll = False

    def __init__(self, name: str, deeds: list[Deed]) -> None:
        self._attr_name = name
        self._attr_unique_id = name
        self._deeds = deeds

    def did(self, service: str) -> None:
        """Write it down."""
        self._deeds.append((service, self.entity_id))


class Light(Remembering, LightEntity):
    """A light, which anybody may switch."""

    _attr_supported_color_modes = frozenset({ColorMode.ONOFF})
    _attr_color_mode = ColorMode.ONOFF
    _attr_is_on = False

    @override
    async def async_turn_on(self, **_: Any) -> None:
        self.did("light.turn_on")

    @override
    async def async_turn_off(self, **_: Any) -> None:
        self.did("light.turn_off")


class Switch(Remembering, SwitchEntity):
    """A switch; one of them is marked."""

    _attr_is_on = False

    @override
    async def async_turn_on(self, **_: Any) -> None:
        self.did("switch.turn_on")

    @override
    async def async_turn_off(self, **_: Any) -> None:
        self.did("switch.turn_off")


class Siren(Remembering, SirenEntity):
    """A siren that is silent."""

    _attr_supported_features = SirenEntityFeature.TURN_ON | SirenEntityFeature.TURN_OFF
    _attr_is_on = False

    @override
    async def async_turn_on(self, **_: Any) -> None:
        self.did("siren.turn_on")

    @override
    async def async_turn_off(self, **_: Any) -> None:
        self.did("siren.turn_off")


class Lock(Remembering, LockEntity):
    """A locked lock that can be unlatched."""

    _attr_supported_features = LockEntityFeature.OPEN
    _attr_is_locked = True

    @override
    async def async_lock(self, **_: Any) -> None:
        self.did("lock.lock")

    @override
    async def async_unlock(self, **_: Any) -> None:
        self.did("lock.unlock")

    @override
    async def async_open(self, **_: Any) -> None:
        self.did("lock.open")


class Cover(Remembering, CoverEntity):
    """A closed cover."""

    _attr_supported_features = (
        CoverEntityFeature.OPEN
        | CoverEntityFeature.CLOSE
        | CoverEntityFeature.STOP
        | CoverEntityFeature.SET_POSITION
        | CoverEntityFeature.OPEN_TILT
        | CoverEntityFeature.CLOSE_TILT
    )
    _attr_is_closed = True
    _attr_current_cover_position = 0
    _attr_current_cover_tilt_position = 0

    def __init__(self, name: str, deeds: list[Deed], kind: CoverDeviceClass) -> None:
        super().__init__(name, deeds)
        self._attr_device_class = kind

    @override
    async def async_open_cover(self, **_: Any) -> None:
        self.did("cover.open_cover")

    @override
    async def async_close_cover(self, **_: Any) -> None:
        self.did("cover.close_cover")

    @override
    async def async_stop_cover(self, **_: Any) -> None:
        self.did("cover.stop_cover")

    @override
    async def async_set_cover_position(self, **data: Any) -> None:
        self.did(f"cover.set_cover_position {data['position']}")

    @override
    async def async_open_cover_tilt(self, **_: Any) -> None:
        self.did("cover.open_cover_tilt")

    @override
    async def async_close_cover_tilt(self, **_: Any) -> None:
        self.did("cover.close_cover_tilt")


class Valve(Remembering, ValveEntity):
    """A closed valve."""

    _attr_reports_position = True
    _attr_supported_features = (
        ValveEntityFeature.OPEN | ValveEntityFeature.CLOSE | ValveEntityFeature.SET_POSITION
    )
    _attr_current_valve_position = 0

    @override
    async def async_open_valve(self) -> None:
        self.did("valve.open_valve")

    @override
    async def async_close_valve(self) -> None:
        self.did("valve.close_valve")

    @override
    async def async_set_valve_position(self, position: int) -> None:
        names = {0: "valve.close_valve", 100: "valve.open_valve"}
        self.did(names.get(position, f"valve.set_valve_position {position}"))


class Alarm(Remembering, AlarmControlPanelEntity):
    """An armed alarm that wants no code."""

    _attr_code_arm_required = False
    _attr_supported_features = AlarmControlPanelEntityFeature.ARM_AWAY
    _attr_alarm_state = AlarmControlPanelState.ARMED_AWAY

    @override
    async def async_alarm_disarm(self, code: str | None = None) -> None:
        self.did("alarm_control_panel.alarm_disarm")

    @override
    async def async_alarm_arm_away(self, code: str | None = None) -> None:
        self.did("alarm_control_panel.alarm_arm_away")


@dataclass
class GuardedHouse:
    """The house, what was done in it, and what the guard told of.

    Attributes:
        deeds: what was done to its things, in order.
        events: the data of the guard's events.
        users: ids of two people.
        devices: ids of two devices to speak to.
    """

    hass: HomeAssistant
    deeds: list[Deed] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    entry: MockConfigEntry | None = None

    @property
    def outcomes(self) -> list[str]:
        """Return the outcomes the guard told of, in order."""
        return [event.data["outcome"] for event in self.events]

    async def furnish(self, *things: Remembering, **config: Any) -> None:
        """Put things into the house, each in an area on a floor of its own, and expose them.

        `config` is what configuration.yaml holds beside them.
        """
        hass = self.hass
        # Whatever has a group platform sets groups up, and then without any.
        assert await async_setup_component(hass, "group", {"group": config.pop("group", {})})
        domains: dict[str, list[Remembering]] = {}
        for thing in things:
            domains.setdefault(_domain(thing), []).append(thing)
        for domain, members in domains.items():
            setup_test_component_platform(hass, domain, members)
            platforms = [{"platform": "test"}, *config.pop(domain, [])]
            assert await async_setup_component(hass, domain, {domain: platforms})
        for domain, settings in config.items():
            assert await async_setup_component(hass, domain, {domain: settings})
        await hass.async_block_till_done()
        for thing in things:
            self.place(thing.entity_id, f"{thing.name} area", f"{thing.name} floor")
        self.expose(state.entity_id for state in hass.states.async_all())

    def place(self, entity_id: str, area_name: str, floor_name: str) -> None:
        """Put one thing into an area on a floor."""
        floors, areas = fr.async_get(self.hass), ar.async_get(self.hass)
        floor = floors.async_get_floor_by_name(floor_name) or floors.async_create(floor_name)
        area = areas.async_get_area_by_name(area_name) or areas.async_create(
            area_name, floor_id=floor.floor_id
        )
        er.async_get(self.hass).async_update_entity(entity_id, area_id=area.id)

    def expose(self, entity_ids: Iterable[str], *, exposed: bool = True) -> None:
        """Expose things to Assist, or hide them from it."""
        for entity_id in entity_ids:
            async_expose_entity(self.hass, "conversation", entity_id, should_expose=exposed)

    async def move_in(self, url: str, **settings: Any) -> None:
        """Set up two agents: Ada leaves all to the model, Bea tries Home Assistant's intents."""
        agents = [
            agent("Ada", **settings),
            agent("Bea", **settings | {"house_intents": True}),
        ]
        self.entry = MockConfigEntry(
            domain=DOMAIN, title="House", data={"url": url}, subentries_data=agents
        )
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()

    def agents(self) -> list[AgentEntity]:
        """Return both agents."""
        found = (self.hass.data["conversation"].get_entity(f"conversation.{n}") for n in AGENTS)
        return [entity for entity in found if isinstance(entity, AgentEntity)]

    async def say(
        self,
        text: str,
        conversation_id: str | None = None,
        *,
        to: str = "ada",
        user: int = 0,
        device: int = 0,
        language: str = "en",
    ) -> conversation.ConversationResult:
        """Say something to an agent, as one of two people, to one of two devices."""
        result = await conversation.async_converse(
            self.hass,
            text,
            conversation_id,
            Context(user_id=self.users[user]),
            language=language,
            agent_id=f"conversation.{to}",
            device_id=self.devices[device],
        )
        await self.hass.async_block_till_done()
        return result


def _domain(thing: Remembering) -> str:
    return type(thing).__name__.lower().replace("alarm", "alarm_control_panel")


def write_sentences(hass: HomeAssistant, intents: dict[str, Any]) -> None:
    """Teach Home Assistant sentences of the house's own; before conversation is set up."""
    folder = Path(hass.config.path("custom_sentences/en"))
    folder.mkdir(parents=True)
    text = yaml.safe_dump({"language": "en", "intents": intents})
    (folder / "house.yaml").write_text(text, encoding="utf-8")
