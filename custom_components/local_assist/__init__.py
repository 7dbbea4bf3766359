"""Local Assist: the voice assistant that never leaves the house."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import page, services
from .agent.house import HouseIndex
from .agent.model_server import ModelServer
from .agent.request import task_request
from .backends.breaker import Breaker
from .backends.making import make_backend
from .backends.ollama import OllamaBackend
from .const import (
    CONF_EMBEDDING_MODEL,
    CONF_MODEL,
    CONF_URL,
    DOMAIN,
    LOGGER,
    SUBENTRY_AI_TASK,
    SUBENTRY_BACKEND,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from .coordinator import HealthCoordinator, OllamaCoordinator, SpeechCoordinator
from .errors import BackendError
from .knowledge.knowledge import DATA_KNOWLEDGE, Knowledge
from .memory.memory import DATA_MEMORY, Memory
from .pipeline import async_keep_promise
from .repairs import async_watch_pipelines
from .runtime import FallbackServer, LocalAssistConfigEntry, LocalAssistData
from .speech.house_names import HouseNames

if TYPE_CHECKING:
    from .backends.openai_compatible import OpenAIBackend

PLATFORMS = (Platform.AI_TASK, Platform.CONVERSATION, Platform.STT, Platform.TTS)
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Set up what there is once, whatever the entries."""
    memory = hass.data[DATA_MEMORY] = Memory(hass)
    knowledge = hass.data[DATA_KNOWLEDGE] = Knowledge(hass)

    async def stop(_event: Event) -> None:
        await memory.async_stop()
        await knowledge.async_close()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, stop)
    services.async_register(hass)
    await page.async_setup(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> bool:
    """Set up a house; a server that is down does not stop it, the rest still answers."""
    await hass.data[DATA_MEMORY].async_open(_embedding_models(hass))
    await hass.data[DATA_KNOWLEDGE].async_follow(entry)
    data = LocalAssistData(
        ollama=OllamaCoordinator(hass, entry) if CONF_URL in entry.data else None,
        speech={
            subentry.subentry_id: SpeechCoordinator(hass, entry, subentry)
            for subentry in entry.subentries.values()
            if subentry.subentry_type in (SUBENTRY_STT, SUBENTRY_TTS)
        },
        servers=await _fallback_servers(hass, entry),
        names=HouseNames(hass),
        index=HouseIndex(hass),
    )
    entry.runtime_data = data
    entry.async_on_unload(data.names.async_stop)
    entry.async_on_unload(data.index.async_stop)
    coordinators: list[HealthCoordinator[Any]] = [*data.speech.values()]
    if data.ollama:
        coordinators.append(data.ollama)
    await asyncio.gather(*(coordinator.async_refresh() for coordinator in coordinators))
    for coordinator in coordinators:
        # A coordinator polls only while somebody listens, and an agent does not.
        entry.async_on_unload(coordinator.async_add_listener(lambda: None))

    _want_windows(entry, data.ollama)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await async_keep_promise(hass, entry)
    async_watch_pipelines(hass, entry)
    page.async_follow(hass, entry)
    # Last, so that keeping the promise does not reload what has just been set up.
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


def _embedding_models(hass: HomeAssistant) -> set[str]:
    """Return the models by which the agents of all houses compare meanings."""
    return {
        subentry.data[CONF_EMBEDDING_MODEL]
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if CONF_EMBEDDING_MODEL in subentry.data
    }


def _want_windows(entry: LocalAssistConfigEntry, ollama: OllamaCoordinator | None) -> None:
    """Say what the tasks need, before an agent has a model loaded with too small a window."""
    for subentry in entry.subentries.values():
        if ollama and subentry.subentry_type == SUBENTRY_AI_TASK:
            request = task_request(subentry.data, ollama.server.models, None)
            ollama.server.num_ctx(subentry.subentry_id, request.model, subentry.data, request)


async def _fallback_servers(
    hass: HomeAssistant, entry: LocalAssistConfigEntry
) -> dict[str, FallbackServer]:
    """Return the servers that stand in for the house's Ollama; those that cannot be are told of."""
    servers: dict[str, FallbackServer] = {}
    for subentry in entry.subentries.values():
        if subentry.subentry_type != SUBENTRY_BACKEND:
            continue
        try:
            backend = await make_backend(hass, subentry.data, name=subentry.title)
        except BackendError as err:
            LOGGER.error("%s cannot be used: %s", subentry.title, err)
            continue
        breaker = Breaker(backend.health)
        server = ModelServer(
            subentry.title,
            backend,
            health=breaker,
            start=partial(entry.async_create_background_task, hass),
        )
        entry.async_on_unload(partial(_async_close, backend, breaker))
        servers[subentry.subentry_id] = FallbackServer(server, subentry.data[CONF_MODEL])
    return servers


async def _async_close(backend: OllamaBackend | OpenAIBackend, breaker: Breaker) -> None:
    await breaker.stop()
    await backend.close()


async def async_unload_entry(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> bool:
    """Unload a house; with the last one its memory is closed."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded and not hass.config_entries.async_loaded_entries(DOMAIN):
        await hass.data[DATA_MEMORY].async_close()
    return unloaded


async def _async_reload(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    """Start over with the changed settings or subentries."""
    await hass.config_entries.async_reload(entry.entry_id)
