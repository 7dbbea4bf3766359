"""A guarded house for the tests of the guard."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.local_assist.const import EVENT_GUARD
from tests.faults.guard.guarded_house import GuardedHouse


@pytest.fixture
async def guarded_house(
    hass: HomeAssistant,
    socket_enabled: None,  # noqa: ARG001
    tmp_path: Path,
) -> AsyncGenerator[GuardedHouse]:
    """Build an empty house with two people and two devices in it."""
    hass.config.config_dir = str(tmp_path)
    # There are thousands of turns; what asyncio and Home Assistant note of each takes longer.
    hass.loop.set_debug(False)
    logging.getLogger().setLevel(logging.ERROR)
    assert await async_setup_component(hass, "homeassistant", {})
    house = GuardedHouse(hass, events=async_capture_events(hass, EVENT_GUARD))
    house.users = [
        MockUser(name=name, is_owner=True).add_to_hass(hass).id for name in ("Anna", "Ben")
    ]
    owner = MockConfigEntry(domain="test", title="Satellites")
    owner.add_to_hass(hass)
    house.devices = [
        dr.async_get(hass)
        .async_get_or_create(config_entry_id=owner.entry_id, identifiers={("test", name)})
        .id
        for name in ("first", "second")
    ]
    yield house
    if house.entry:
        await hass.config_entries.async_unload(house.entry.entry_id)
        await hass.async_block_till_done()
