"""Setting a house up, losing its servers, finding them again, and leaving nothing behind."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState, ConfigSubentryData
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from wyoming.info import Info

from custom_components.local_assist.const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_MODEL,
    CONF_PORT,
    CONF_URL,
    DOMAIN,
    SUBENTRY_AGENT,
    SUBENTRY_AI_TASK,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from custom_components.local_assist.errors import BackendAuthError, SpeechTimeoutError
from tests.fakes.ollama import FakeOllama
from tests.fakes.wyoming import FakeWyoming, asr, describing, serve, tts


def make_entry(ollama: FakeOllama | None, speech: FakeWyoming, **data: str) -> MockConfigEntry:
    """Return a house with one subentry of each kind."""
    if ollama:
        data[CONF_URL] = ollama.url
    address = {CONF_HOST: speech.host, CONF_PORT: speech.port}
    return MockConfigEntry(
        domain=DOMAIN,
        title="Local Assist",
        data=data,
        subentries_data=[
            ConfigSubentryData(subentry_type=kind, title=title, data=settings, unique_id=None)
            for kind, title, settings in (
                (SUBENTRY_AGENT, "Agent", {CONF_MODEL: "llama3.2:3b"}),
                (SUBENTRY_AI_TASK, "Task", {CONF_MODEL: "llama3.2:3b"}),
                (SUBENTRY_STT, "Ear", address),
                (SUBENTRY_TTS, "Mouth", address),
            )
        ],
    )


async def set_up(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up."""
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()


def listening(home: HomeAssistant) -> dict[str, int]:
    """Return the listeners by event, but for those of files waiting to be saved."""
    counts = dict(home.bus.async_listeners())
    counts.pop(EVENT_HOMEASSISTANT_FINAL_WRITE, None)
    return counts


SPEECH = Info(asr=[asr("en")], tts=[tts(anna="en")])
ENTITIES = ["ai_task.task", "conversation.agent", "stt.ear", "tts.mouth"]


async def test_each_subentry_is_a_device_with_one_entity(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Each subentry is a device with one entity."""
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(ollama, speech)
        await set_up(home, entry)

        entities = er.async_entries_for_config_entry(er.async_get(home), entry.entry_id)
        devices = dr.async_entries_for_config_entry(dr.async_get(home), entry.entry_id)
        assert sorted(entity.entity_id for entity in entities) == ENTITIES
        assert {entity.unique_id for entity in entities} == set(entry.subentries)
        assert {device.name for device in devices} == {"Agent", "Task", "Ear", "Mouth"}
        ear = next(device for device in devices if device.name == "Ear")
        assert (ear.manufacturer, ear.model, ear.sw_version) == ("Test", "Listener", "1.2")
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_servers_that_are_down_at_start_come_back(
    home: HomeAssistant, ollama: FakeOllama, freezer: FrozenDateTimeFactory
) -> None:
    """Servers that are down at start come back."""
    await ollama.stop()
    async with serve(describing(SPEECH)) as speech:
        port = speech.port
    entry = make_entry(ollama, FakeWyoming("127.0.0.1", port))
    await set_up(home, entry)

    assert entry.state is ConfigEntryState.LOADED
    assert home.states.get("stt.ear").state == STATE_UNAVAILABLE
    assert home.states.get("tts.mouth").state == STATE_UNAVAILABLE
    assert home.states.get("conversation.agent").state == STATE_UNKNOWN

    await ollama.start()
    async with serve(describing(SPEECH), port=port):
        freezer.tick(timedelta(seconds=61))
        async_fire_time_changed(home)
        await home.async_block_till_done(wait_background_tasks=True)
        assert home.states.get("stt.ear").state == STATE_UNKNOWN
        assert home.states.get("tts.mouth").state == STATE_UNKNOWN
        assert entry.runtime_data.ollama.last_update_success
        assert entry.runtime_data.ollama.data.version == ollama.version
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_ollama_comes_back_for_an_agent_alone(
    home: HomeAssistant, ollama: FakeOllama, freezer: FrozenDateTimeFactory
) -> None:
    """Ollama is polled also where no entity's availability depends on it."""
    await ollama.stop()
    agent = ConfigSubentryData(
        subentry_type=SUBENTRY_AGENT, title="Agent", data={CONF_MODEL: "x"}, unique_id=None
    )
    entry = MockConfigEntry(domain=DOMAIN, data={CONF_URL: ollama.url}, subentries_data=[agent])
    await set_up(home, entry)
    assert not entry.runtime_data.ollama.last_update_success

    await ollama.start()
    freezer.tick(timedelta(seconds=61))
    async_fire_time_changed(home)
    await home.async_block_till_done(wait_background_tasks=True)
    assert entry.runtime_data.ollama.last_update_success
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_server_that_goes_is_noticed(
    home: HomeAssistant, ollama: FakeOllama, freezer: FrozenDateTimeFactory
) -> None:
    """A server that goes is noticed by polling."""
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(ollama, speech)
        await set_up(home, entry)
        assert home.states.get("stt.ear").state == STATE_UNKNOWN
    freezer.tick(timedelta(seconds=61))
    async_fire_time_changed(home)
    await home.async_block_till_done(wait_background_tasks=True)

    assert home.states.get("stt.ear").state == STATE_UNAVAILABLE
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_failure_in_use_counts_at_once_and_is_polled_away(
    home: HomeAssistant, ollama: FakeOllama, freezer: FrozenDateTimeFactory
) -> None:
    """A failure in use counts at once, is logged once, and goes when the server answers."""
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(ollama, speech)
        await set_up(home, entry)
        ear = next(c for c in entry.runtime_data.speech.values() if c.server.role == "stt")

        ear.mark_failed(ear.server.error(SpeechTimeoutError))
        ear.mark_failed(ear.server.error(SpeechTimeoutError))
        assert home.states.get("stt.ear").state == STATE_UNAVAILABLE

        freezer.tick(timedelta(seconds=31))
        async_fire_time_changed(home)
        await home.async_block_till_done(wait_background_tasks=True)
        assert home.states.get("stt.ear").state == STATE_UNKNOWN
        assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("in_use", [False, True])
async def test_a_refused_key_asks_for_another(
    home: HomeAssistant, ollama: FakeOllama, in_use: bool
) -> None:
    """A refused key starts reauthentication, at start as well as in use."""
    ollama.api_key = "right"
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(ollama, speech, **{CONF_API_KEY: "right" if in_use else "wrong"})
        await set_up(home, entry)
        assert entry.state is ConfigEntryState.LOADED
        if in_use:
            assert not home.config_entries.flow.async_progress()
            entry.runtime_data.ollama.mark_failed(BackendAuthError(url=ollama.url))
            await home.async_block_till_done()

        (flow,) = home.config_entries.flow.async_progress()
        assert flow["context"]["source"] == SOURCE_REAUTH
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_house_without_ollama(home: HomeAssistant) -> None:
    """A house without Ollama has its agent and no coordinator for a model."""
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(None, speech)
        await set_up(home, entry)

        assert entry.runtime_data.ollama is None
        assert home.states.get("conversation.agent").state == STATE_UNKNOWN
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_removed_subentry_takes_device_and_entity_along(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A removed subentry takes its device and entity along, the others stay."""
    async with serve(describing(SPEECH)) as speech:
        entry = make_entry(ollama, speech)
        await set_up(home, entry)
        (ear,) = entry.get_subentries_of_type(SUBENTRY_STT)

        home.config_entries.async_remove_subentry(entry, ear.subentry_id)
        await home.async_block_till_done()

        assert entry.state is ConfigEntryState.LOADED
        assert ear.subentry_id not in entry.runtime_data.speech
        entities = er.async_entries_for_config_entry(er.async_get(home), entry.entry_id)
        devices = dr.async_entries_for_config_entry(dr.async_get(home), entry.entry_id)
        assert [e.entity_id for e in entities if e.entity_id not in ENTITIES[:2]] == ["tts.mouth"]
        assert {device.name for device in devices} == {"Agent", "Task", "Mouth"}
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_reloading_leaves_nothing_behind(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Twenty reloads leave no task, no listener and no connection."""
    connections = 0

    def counting(script: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def run(peer: object) -> None:
            nonlocal connections
            connections += 1
            try:
                await script(peer)
            finally:
                connections -= 1

        return run

    async with serve(counting(describing(SPEECH))) as speech:
        entry = make_entry(ollama, speech)
        await set_up(home, entry)
        await home.async_block_till_done(wait_background_tasks=True)
        gc.collect()
        tasks = len(asyncio.all_tasks())
        listeners = listening(home)

        for _ in range(20):
            assert await home.config_entries.async_reload(entry.entry_id)
        await home.async_block_till_done(wait_background_tasks=True)
        # httpx leaves what is cancelled to the garbage collector, and the loop closes it then.
        gc.collect()
        await asyncio.sleep(0.1)

        assert entry.state is ConfigEntryState.LOADED
        assert len(entry.update_listeners) == 1
        assert listening(home) == listeners
        assert len(asyncio.all_tasks()) <= tasks
        assert connections == 0
        assert await home.config_entries.async_unload(entry.entry_id)
