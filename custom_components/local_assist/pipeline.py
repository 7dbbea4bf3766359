"""The Assist pipeline that set-up promises: made once, as soon as its entities exist."""

import asyncio
from typing import Any

from homeassistant.components.assist_pipeline.pipeline import async_setup_pipeline_store
from homeassistant.const import CONF_NAME, MATCH_ALL, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import language as language_util

from .const import (
    CONF_LANGUAGE,
    CONF_PIPELINE,
    CONF_PREFERRED,
    DOMAIN,
    LOGGER,
    SUBENTRY_AGENT,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from .coordinator import SpeechCoordinator
from .runtime import LocalAssistConfigEntry
from .speech.programs import asr_languages, tts_languages, tts_voices


async def async_keep_promise(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    """Make the pipeline now, or when the last of its speech servers is there.

    The promise is part of the entry's data until it is kept, so a restart in between loses nothing.
    """
    if CONF_PIPELINE not in entry.data:
        return
    if _ready(entry):
        await _keep(hass, entry)
    else:
        entry.async_create_background_task(
            hass, _keep_when_ready(hass, entry), "make the Assist pipeline"
        )


async def _keep_when_ready(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    ready = asyncio.Event()

    @callback
    def check() -> None:
        if _ready(entry):
            ready.set()

    servers = entry.runtime_data.speech.values()
    unsubscribe = [coordinator.async_add_listener(check) for coordinator in servers]
    try:
        await ready.wait()
    finally:
        for stop in unsubscribe:
            stop()
    await _keep(hass, entry)


def _ready(entry: LocalAssistConfigEntry) -> bool:
    """Return whether every speech server has said which languages it knows."""
    return all(coordinator.data for coordinator in entry.runtime_data.speech.values())


async def _keep(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    promise = entry.data[CONF_PIPELINE]
    settings = _settings(hass, entry, promise)
    # The public helper refuses a pipeline without speech-to-text or text-to-speech as soon as the
    # house has any other engine, and cannot make one preferred. Home Assistant's own interface
    # makes pipelines through this store.
    store = (await async_setup_pipeline_store(hass)).pipeline_store
    agent = settings["conversation_engine"]
    # One may be there: of this promise, if Home Assistant died before noting that it was kept, or
    # of an earlier house whose agent had the same name.
    pipeline_id = next(
        (item.id for item in store.data.values() if item.conversation_engine == agent), None
    )
    if pipeline_id is None:
        pipeline_id = (await store.async_create_item(settings)).id
    else:
        await store.async_update_item(pipeline_id, settings)
    if promise[CONF_PREFERRED]:
        store.async_set_preferred_item(pipeline_id)
    data = {key: value for key, value in entry.data.items() if key != CONF_PIPELINE}
    hass.config_entries.async_update_entry(entry, data=data)


def _settings(
    hass: HomeAssistant, entry: LocalAssistConfigEntry, promise: dict[str, Any]
) -> dict[str, Any]:
    """Return the pipeline as its store wants it."""
    language = promise[CONF_LANGUAGE]
    settings: dict[str, Any] = {
        "name": promise[CONF_NAME],
        "language": language,
        "conversation_engine": _entity_id(hass, entry, SUBENTRY_AGENT, Platform.CONVERSATION),
        "conversation_language": MATCH_ALL,
        "stt_engine": None,
        "stt_language": None,
        "tts_engine": None,
        "tts_language": None,
        "tts_voice": None,
        "wake_word_entity": None,
        "wake_word_id": None,
        # The agent tries Home Assistant's intents itself, and asks before it unlocks.
        "prefer_local_intents": False,
    }
    if coordinator := _server(entry, SUBENTRY_STT):
        known = _matches(hass, language, asr_languages(coordinator.data))
        if known:
            settings["stt_engine"] = _entity_id(hass, entry, SUBENTRY_STT, Platform.STT)
            settings["stt_language"] = known[0]
        else:
            LOGGER.warning("%s does not know the language %s", coordinator.name, language)
    if coordinator := _server(entry, SUBENTRY_TTS):
        known = _matches(hass, language, tts_languages(coordinator.data))
        if known:
            settings["tts_engine"] = _entity_id(hass, entry, SUBENTRY_TTS, Platform.TTS)
            settings["tts_language"] = known[0]
            settings["tts_voice"] = next(
                voice.name for voice in tts_voices(coordinator.data) if known[0] in voice.languages
            )
        else:
            LOGGER.warning("%s does not speak the language %s", coordinator.name, language)
    return settings


def _server(entry: LocalAssistConfigEntry, role: str) -> SpeechCoordinator | None:
    return next(
        (item for item in entry.runtime_data.speech.values() if item.server.role == role), None
    )


def _matches(hass: HomeAssistant, language: str, supported: list[str]) -> list[str]:
    return language_util.matches(language, supported, hass.config.country)


def _entity_id(
    hass: HomeAssistant, entry: LocalAssistConfigEntry, subentry_type: str, platform: Platform
) -> str | None:
    """Return the entity of the first subentry of a type."""
    subentry = next(iter(entry.get_subentries_of_type(subentry_type)))
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, subentry.subentry_id)
