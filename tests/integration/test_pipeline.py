"""The Assist pipeline that set-up makes: once, with what is there, preferred if wanted."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import assist_pipeline
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from wyoming.info import Info

from custom_components.local_assist.const import CONF_HOST, CONF_PIPELINE, CONF_PORT, DOMAIN
from tests.fakes.wyoming import FakeWyoming, asr, describing, serve, tts
from tests.integration.flow_steps import answer, choose, only_here, options, start
from tests.speech_servers import Endpoint

PROMISE = {"name": "Jarvis", "language": "en", "preferred": True}
SPEECH = Info(asr=[asr("de", "en")], tts=[tts(bert="de_DE", anna="en_US", zoe="en_US")])


def house(
    promise: dict[str, Any], stt: FakeWyoming | None = None, tts: FakeWyoming | None = None
) -> MockConfigEntry:
    """Return a house as set-up leaves it."""
    servers = {"stt": stt, "tts": tts}
    return MockConfigEntry(
        domain=DOMAIN,
        data={CONF_PIPELINE: promise},
        subentries_data=[
            ConfigSubentryData(
                subentry_type="conversation", title="Agent", data={}, unique_id=None
            ),
            *(
                ConfigSubentryData(
                    subentry_type=role,
                    title=role,
                    data={CONF_HOST: server.host, CONF_PORT: server.port},
                    unique_id=None,
                )
                for role, server in servers.items()
                if server
            ),
        ],
    )


async def set_up(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up."""
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()


def made(home: HomeAssistant) -> list[Pipeline]:
    """Return the pipelines of our agents."""
    return [
        pipeline
        for pipeline in assist_pipeline.async_get_pipelines(home)
        if pipeline.conversation_engine == "conversation.agent"
    ]


async def test_from_the_flow_to_the_preferred_pipeline(
    home: HomeAssistant,
    stt_server: Endpoint,
    tts_server: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The flow ends with a pipeline of the real servers, preferred, named as wished."""
    only_here(monkeypatch, stt=stt_server.port, tts=tts_server.port)
    result = await choose(home, await start(home), "without_ollama")
    speech = {role: options(result, role)[0] for role in ("stt", "tts")}
    result = await answer(home, result, speech)
    result = await answer(home, result, PROMISE)
    await home.async_block_till_done()

    pipeline = assist_pipeline.async_get_pipeline(home)
    assert pipeline.name == "Jarvis"
    assert pipeline.language == "en"
    assert pipeline.conversation_engine == "conversation.local_assist"
    assert pipeline.conversation_language == "*"
    assert pipeline.stt_engine.startswith("stt.local_assist")
    assert pipeline.stt_language == "en"
    assert pipeline.tts_engine.startswith("tts.local_assist")
    assert pipeline.tts_language == "en_US"
    assert pipeline.tts_voice == "en_US-demo-low"
    assert not pipeline.prefer_local_intents
    assert CONF_PIPELINE not in result["result"].data
    assert await home.config_entries.async_unload(result["result"].entry_id)


async def test_not_preferred(home: HomeAssistant) -> None:
    """Who does not want it preferred keeps what was."""
    before = assist_pipeline.async_get_pipeline(home).id
    await set_up(home, house(PROMISE | {"preferred": False}))

    assert len(made(home)) == 1
    assert assist_pipeline.async_get_pipeline(home).id == before


@pytest.mark.parametrize("missing", ["stt", "tts"])
async def test_without_one_of_the_servers(home: HomeAssistant, missing: str) -> None:
    """A pipeline lacks what the house lacks, and takes no other engine for it."""
    async with serve(describing(SPEECH)) as speech:
        # What an earlier house left behind is taken over.
        other = house(PROMISE, stt=speech, tts=speech)
        await set_up(home, other)
        assert len(made(home)) == 1
        await home.config_entries.async_remove(other.entry_id)
    async with serve(describing(SPEECH)) as speech:
        entry = house(PROMISE, **{({"stt", "tts"} - {missing}).pop(): speech})
        await set_up(home, entry)
        (pipeline,) = made(home)
        assert assist_pipeline.async_get_pipeline(home) == pipeline
        assert getattr(pipeline, f"{missing}_engine") is None
        assert getattr(pipeline, f"{missing}_language") is None
        assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("language", "servers_languages", "voice"),
    [
        ("en-GB", ("en", "en_US"), "anna"),
        ("de", ("de", "de_DE"), "bert"),
        ("fr", (None, None), None),
    ],
)
async def test_language(
    home: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    language: str,
    servers_languages: tuple[str | None, str | None],
    voice: str | None,
) -> None:
    """Servers speak the pipeline's language, or are left out of it with a word in the log."""
    async with serve(describing(SPEECH)) as speech:
        entry = house(PROMISE | {"language": language}, stt=speech, tts=speech)
        await set_up(home, entry)
        (pipeline,) = made(home)
        assert pipeline.language == language
        assert (pipeline.stt_language, pipeline.tts_language) == servers_languages
        assert (pipeline.stt_engine is None) is (language == "fr")
        assert pipeline.tts_voice == voice
        assert ("language fr" in caplog.text) is (language == "fr")
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_once(home: HomeAssistant) -> None:
    """Neither a reload nor a restart makes another; one that was deleted stays away."""
    entry = house(PROMISE)
    await set_up(home, entry)
    (pipeline,) = made(home)
    assert CONF_PIPELINE not in entry.data

    assert await home.config_entries.async_reload(entry.entry_id)
    assert made(home) == [pipeline]

    # Home Assistant died after making the pipeline and before it could note that.
    home.config_entries.async_update_entry(entry, data={CONF_PIPELINE: PROMISE})
    await home.async_block_till_done()
    assert made(home) == [pipeline]
    assert CONF_PIPELINE not in entry.data


async def test_servers_that_are_down_are_waited_for(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The promise outlives a restart with servers down, and is kept when both are there."""
    async with serve(describing(SPEECH)) as ear, serve(describing(SPEECH)) as mouth:
        ports = ear.port, mouth.port
    entry = house(
        PROMISE, stt=FakeWyoming("127.0.0.1", ports[0]), tts=FakeWyoming("127.0.0.1", ports[1])
    )
    await set_up(home, entry)
    assert made(home) == []
    assert await home.config_entries.async_reload(entry.entry_id)
    assert entry.data[CONF_PIPELINE] == PROMISE

    async def pass_a_minute() -> None:
        freezer.tick(timedelta(seconds=61))
        async_fire_time_changed(home)
        # Time stands still, so nothing but turns of the loop can be waited for.
        for _ in range(2000):
            await asyncio.sleep(0)

    async with serve(describing(SPEECH), ports[0]):
        await pass_a_minute()
        assert home.states.get("stt.stt").state != STATE_UNAVAILABLE
        assert made(home) == []
        async with serve(describing(SPEECH), ports[1]):
            await pass_a_minute()
            await home.async_block_till_done()
            (pipeline,) = made(home)
            assert (pipeline.stt_engine, pipeline.tts_engine) == ("stt.stt", "tts.tts")
            assert CONF_PIPELINE not in entry.data
            assert await home.config_entries.async_unload(entry.entry_id)
