"""A house for the tests of the integration."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component


@pytest.fixture
async def home(hass: HomeAssistant, socket_enabled: None) -> HomeAssistant:  # noqa: ARG001
    """Home Assistant with what Local Assist builds on, allowed to use loopback."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "assist_pipeline", {})
    return hass
