"""A house for the tests of the integration."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.const import (
    CONF_HOST,
    CONF_PORT,
    DOMAIN,
    SUBENTRY_AGENT,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from tests.integration.translated import ENGLISH, check_result
from tests.speech_servers import Endpoint


@pytest.fixture
async def home(hass: HomeAssistant, socket_enabled: None) -> HomeAssistant:  # noqa: ARG001
    """Home Assistant with what Local Assist builds on, allowed to use loopback."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "assist_pipeline", {})
    return hass


@pytest.fixture
async def house(
    home: HomeAssistant, stt_server: Endpoint, tts_server: Endpoint
) -> AsyncGenerator[MockConfigEntry]:
    """A house without a language model, with the real speech servers."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        subentries_data=[
            ConfigSubentryData(subentry_type=kind, title=title, data=data, unique_id=None)
            for kind, title, data in (
                (SUBENTRY_AGENT, "Agent", {}),
                (SUBENTRY_STT, "Ear", {CONF_HOST: stt_server.host, CONF_PORT: stt_server.port}),
                (SUBENTRY_TTS, "Mouth", {CONF_HOST: tts_server.host, CONF_PORT: tts_server.port}),
            )
        ],
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        assert await home.config_entries.async_unload(entry.entry_id)


@pytest.fixture(autouse=True)
def _flows_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check the words of every result of our flows, in whichever test it comes up."""
    handle_step = FlowManager._async_handle_step

    async def checked(self: FlowManager, flow: Any, *args: Any, **kwargs: Any) -> Any:
        result = await handle_step(self, flow, *args, **kwargs)
        if type(flow).__module__.startswith("custom_components.local_assist"):
            words = ENGLISH["options" if isinstance(flow, OptionsFlow) else "config"]
            if isinstance(flow, RepairsFlow):
                # What an issue is about follows its kind.
                words = ENGLISH["issues"][flow.issue_id.partition(".")[0]]["fix_flow"]
            elif isinstance(flow.handler, tuple):
                words = ENGLISH["config_subentries"][flow.handler[1]]
            check_result(result, words)
        return result

    monkeypatch.setattr(FlowManager, "_async_handle_step", checked)
