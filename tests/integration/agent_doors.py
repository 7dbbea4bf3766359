"""A house with doors, which an agent is asked to open."""

from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components import conversation
from homeassistant.components.cover import CoverEntity, CoverEntityFeature
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.lock import LockEntity
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    setup_test_component_platform,
)

from custom_components.local_assist.const import EVENT_GUARD
from tests.fakes.ollama import call
from tests.integration.agent_house import House, speech

OFF, ON = "intent__HassTurnOff", "intent__HassTurnOn"
UNLOCK = call(OFF, name="Front door")
ASKED = "Shall I unlock Front door?"
SATELLITES = ("hall", "study")


class FrontDoor(LockEntity):
    """A lock that remembers what was done to it."""

    _attr_name = "Front door"
    _attr_unique_id = "front_door"
    _attr_is_locked = True

    def __init__(self, done: list[str]) -> None:
        self._done = done

    async def async_unlock(self, **_: Any) -> None:
        """Unlock."""
        self._done.append("unlocked")

    async def async_lock(self, **_: Any) -> None:
        """Lock."""
        self._done.append("locked")


class BackDoor(FrontDoor):
    """Another one."""

    _attr_name = "Back door"
    _attr_unique_id = "back_door"


class GarageDoor(CoverEntity):
    """A garage door that remembers what was done to it."""

    _attr_name = "Garage door"
    _attr_unique_id = "garage_door"
    _attr_device_class = "garage"
    _attr_is_closed = True
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    def __init__(self, done: list[str]) -> None:
        self._done = done

    async def async_open_cover(self, **_: Any) -> None:
        """Open."""
        self._done.append("opened")

    async def async_close_cover(self, **_: Any) -> None:
        """Close."""
        self._done.append("closed")


class Doors:
    """The house with its doors, and who speaks in it."""

    def __init__(self, house: House, done: list[str], events: list[Event]) -> None:
        self.house = house
        self.done = done
        self.events = events
        self.devices: dict[str, str] = {}
        self.people: dict[str | None, str | None] = {None: None}
        self.conversation_id: str | None = None

    async def say(
        self, text: str, *, person: str | None = "anna", device: str = "hall", **more: Any
    ) -> str:
        """Say something in the one conversation of the test; return what is answered."""
        self.result = await conversation.async_converse(
            self.house.hass,
            text,
            self.conversation_id,
            Context(user_id=self.people[person]),
            language=more.pop("language", "en"),
            agent_id="conversation.ada",
            device_id=self.devices[device],
            **more,
        )
        self.conversation_id = self.result.conversation_id
        return speech(self.result)

    @property
    def outcomes(self) -> list[str]:
        """Return what came of the guarded requests."""
        return [event.data["outcome"] for event in self.events]


@pytest.fixture
async def doors(kitchen: House, hass: HomeAssistant) -> Doors:
    """Give the kitchen a door and a garage, and the house two more satellites."""
    built = Doors(kitchen, [], async_capture_events(hass, EVENT_GUARD))
    for domain, entity in (("lock", FrontDoor(built.done)), ("cover", GarageDoor(built.done))):
        setup_test_component_platform(hass, domain, [entity])
        assert await async_setup_component(hass, domain, {domain: {"platform": "test"}})
    await hass.async_block_till_done()
    area = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert area
    for entity_id in ("lock.front_door", "cover.garage_door"):
        er.async_get(hass).async_update_entity(entity_id, area_id=area.id)
        async_expose_entity(hass, "conversation", entity_id, should_expose=True)
    owner = hass.config_entries.async_entries("test")[0]
    for name in ("anna", "ben"):
        user = await hass.auth.async_create_user(name, group_ids=[GROUP_ID_ADMIN])
        built.people[name] = user.id
    for name in SATELLITES:
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={("test", name)}
        )
        built.devices[name] = device.id
    return built
