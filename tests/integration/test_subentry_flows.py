"""Adding and changing agents, AI tasks and speech servers."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.info import Info

from custom_components.local_assist.const import (
    CONF_HOST,
    CONF_PORT,
    CONF_URL,
    DOMAIN,
)
from tests.fakes.ollama import FakeOllama
from tests.fakes.wyoming import Peer, asr, describing, serve, tts
from tests.integration.flow_steps import (
    answer_subentry,
    only_here,
    options,
    start_subentry,
    suggested,
    within,
)

SPEECH = Info(asr=[asr("en")], tts=[tts(anna="en")])


async def set_up(
    home: HomeAssistant, url: str | None, *subentries: tuple[str, dict[str, Any], str | None]
) -> MockConfigEntry:
    """Set a house up."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_URL: url} if url else {},
        subentries_data=[
            ConfigSubentryData(subentry_type=kind, title=kind, data=data, unique_id=unique_id)
            for kind, data, unique_id in subentries
        ],
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    return entry


async def test_agent_while_ollama_is_down(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An agent can be changed while Ollama is down; its model is typed."""
    await ollama.stop()
    entry = await set_up(home, ollama.url)
    result = await start_subentry(home, entry, "conversation")
    assert options(result, "model") == []
    result = await answer_subentry(home, result, {"name": "A", "model": "x:1b", "think": "off"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_no_task_without_ollama(home: HomeAssistant) -> None:
    """Without Ollama there is nothing to choose, which is said."""
    entry = await set_up(home, None)
    result = await start_subentry(home, entry, "ai_task_data")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_ollama")


async def test_an_agent_without_ollama(home: HomeAssistant) -> None:
    """It is guarded, and may have stand-ins, so it can be changed."""
    entry = await set_up(home, None)
    result = await start_subentry(home, entry, "conversation")
    assert "model" not in [str(field) for field in result["data_schema"].schema]
    guard = {"guard_unlock": "never"}
    result = await answer_subentry(home, result, {"name": "A", "think": "off", "guard": guard})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    agent = entry.get_subentries_of_type("conversation")[0]
    assert (agent.data["guard_modes"], agent.data.get("model")) == ({"unlock": "never"}, None)
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("kind", ["conversation", "ai_task_data", "stt", "tts"])
async def test_not_while_unloaded(home: HomeAssistant, kind: str) -> None:
    """Nothing is added to a house that does not run."""
    entry = await set_up(home, None)
    assert await home.config_entries.async_unload(entry.entry_id)
    result = await start_subentry(home, entry, kind)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "entry_not_loaded")


@pytest.mark.parametrize("role", ["stt", "tts"])
async def test_add_a_server_that_was_found(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """A server that was found is proposed, and once added no longer."""
    async with serve(describing(SPEECH)) as server:
        only_here(monkeypatch, **{role: server.port})
        entry = await set_up(home, None)
        result = await start_subentry(home, entry, role)
        address = f"{server.host}:{server.port}"
        assert options(result, "server") == [address]
        assert suggested(result, "server") == address
        result = await answer_subentry(home, result, {"server": address})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await home.async_block_till_done()
        (subentry,) = entry.get_subentries_of_type(role)
        assert dict(subentry.data) == {CONF_HOST: server.host, CONF_PORT: server.port}
        assert subentry.unique_id == f"{role}:{address}"
        assert home.states.get(f"{role}.{'listener' if role == 'stt' else 'speaker'}") is not None

        result = await start_subentry(home, entry, role)
        assert options(result, "server") == []
        result = await answer_subentry(home, result, {"server": address})
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
        assert await home.config_entries.async_unload(entry.entry_id)


async def refuse(peer: Peer) -> None:
    """Answer with something that is not Wyoming."""
    await peer.read()
    peer.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (Peer.hang, "speech_timeout"),
        (refuse, "speech_protocol"),
        (describing(Info(tts=[tts(anna="en")])), "speech_protocol"),
        (None, "speech_connect"),
    ],
)
async def test_a_server_that_does_not_answer(
    home: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    script: Any,
    error: str,
    change: bool,
) -> None:
    """The form says why, keeps what was typed, and goes on when it is put right."""
    only_here(monkeypatch)
    monkeypatch.setattr(
        "custom_components.local_assist.speech.wyoming_client.DESCRIBE_TIMEOUT", 0.2
    )
    old = ("stt", {CONF_HOST: "127.0.0.1", CONF_PORT: 1}, "stt:127.0.0.1:1")
    entry = await set_up(home, None, *([old] if change else []))
    subentry_id = next(iter(entry.subentries), None)
    result = await start_subentry(home, entry, "stt", subentry_id)
    assert suggested(result, "server") == ("127.0.0.1:1" if change else None)

    result = await answer_subentry(home, result, {"server": "no address"})
    assert result["errors"] == {"server": "invalid_address"}
    if script:
        async with serve(script) as wrong:
            address = f"{wrong.host}:{wrong.port}"
            result = await answer_subentry(home, result, {"server": address})
    else:
        address = "127.0.0.1:2"
        result = await answer_subentry(home, result, {"server": address})
    assert result["errors"] == {"server": error}
    assert suggested(result, "server") == address

    async with serve(describing(SPEECH)) as server:
        address = f"{server.host}:{server.port}"
        result = await answer_subentry(home, result, {"server": address})
        await home.async_block_till_done()
        (subentry,) = entry.get_subentries_of_type("stt")
        assert dict(subentry.data) == {CONF_HOST: server.host, CONF_PORT: server.port}
        assert subentry.unique_id == f"stt:{address}"
        assert entry.state is ConfigEntryState.LOADED
        assert await home.config_entries.async_unload(entry.entry_id)


SPOKEN = Info(
    tts=[
        tts(
            **{"en_US-ryan-low": "en_US", "en_US-amy-low": "en_US", "de_DE-kerstin-low": "de_DE"},
            bo="fr_FR",
            al="fr_FR",
        )
    ]
)
SPEAKING = {
    "speed": 1.5,
    "sentence_silence": 0.4,
    "voices": {"en_US": "en_US-ryan-low", "de_DE": "gone", "it_IT": "away"},
}


async def speaking_form(home: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the form that says how the one server of a house speaks."""
    (mouth,) = entry.get_subentries_of_type("tts")
    menu = await start_subentry(home, entry, "tts", mouth.subentry_id)
    assert menu["type"] is FlowResultType.MENU
    return await answer_subentry(home, menu, {"next_step_id": "speaking"})


async def test_how_a_server_speaks(home: HomeAssistant) -> None:
    """What is set is kept and used; what is emptied is no longer set, and nothing else changes."""
    async with serve(describing(SPOKEN)) as server:
        address = {CONF_HOST: server.host, CONF_PORT: server.port}
        entry = await set_up(home, None, ("tts", address, "tts:abc"))
        (mouth,) = entry.get_subentries_of_type("tts")
        form = await speaking_form(home, entry)
        assert suggested(form, "speed") is None
        voices = within(form, "voices")
        assert list(voices["data_schema"].schema) == ["en_US", "fr_FR"]
        assert options(voices, "en_US") == ["en_US-amy-low", "en_US-ryan-low"]

        chosen = {"voices": {"en_US": "en_US-ryan-low"}}
        result = await answer_subentry(home, form, {"speed": 1.5, "volume": 0.5} | chosen)
        assert result["reason"] == "reconfigure_successful"
        await home.async_block_till_done()
        assert dict(mouth.data) == address | {"speed": 1.5, "volume": 0.5} | chosen
        assert mouth.unique_id == "tts:abc"
        it = home.data["entity_components"]["tts"].get_entity("tts.tts")
        assert it.default_options == {"speed": 1.5, "volume": 0.5} | chosen

        form = await speaking_form(home, entry)
        assert (suggested(form, "speed"), suggested(form, "volume")) == (1.5, 0.5)
        assert suggested(within(form, "voices"), "en_US") == "en_US-ryan-low"
        await answer_subentry(home, form, {"sentence_silence": 2, "voices": {"fr_FR": "bo"}})
        await home.async_block_till_done()
        assert dict(mouth.data) == address | {"sentence_silence": 2, "voices": {"fr_FR": "bo"}}
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_voices_that_are_not_there_now(home: HomeAssistant) -> None:
    """Neither a voice that has gone nor one of a language that has gone is lost with a form."""
    async with serve(describing(SPOKEN)) as server:
        address = {CONF_HOST: server.host, CONF_PORT: server.port}
        entry = await set_up(home, None, ("tts", address | SPEAKING, None))
        (mouth,) = entry.get_subentries_of_type("tts")
        form = await speaking_form(home, entry)
        voices = within(form, "voices")
        assert options(voices, "de_DE") == ["gone", "de_DE-kerstin-low"]
        assert suggested(voices, "de_DE") == "gone"
        await answer_subentry(home, form, {"voices": {"de_DE": "gone"}})
        await home.async_block_till_done()
        assert mouth.data["voices"] == {"de_DE": "gone", "it_IT": "away"}
        assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("loaded", [True, False])
async def test_how_a_server_speaks_that_is_down(home: HomeAssistant, loaded: bool) -> None:
    """Its voices are not known, so they are not asked for and stay; the rest can be changed."""
    address = {CONF_HOST: "127.0.0.1", CONF_PORT: 1}
    entry = await set_up(home, None, ("tts", address | SPEAKING, None))
    if not loaded:
        assert await home.config_entries.async_unload(entry.entry_id)
    form = await speaking_form(home, entry)
    assert "voices" not in form["data_schema"].schema
    await answer_subentry(home, form, {"speed": 2})
    await home.async_block_till_done()
    (mouth,) = entry.get_subentries_of_type("tts")
    assert dict(mouth.data) == address | {"speed": 2, "voices": SPEAKING["voices"]}
    if entry.state is ConfigEntryState.LOADED:
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_server_that_moves_speaks_as_before(home: HomeAssistant) -> None:
    """A new address is all that changes."""
    async with serve(describing(SPOKEN)) as server:
        old = {CONF_HOST: "127.0.0.1", CONF_PORT: 1}
        entry = await set_up(home, None, ("tts", old | SPEAKING, "tts:127.0.0.1:1"))
        (mouth,) = entry.get_subentries_of_type("tts")
        menu = await start_subentry(home, entry, "tts", mouth.subentry_id)
        form = await answer_subentry(home, menu, {"next_step_id": "address"})
        assert suggested(form, "server") == "127.0.0.1:1"
        address = f"{server.host}:{server.port}"
        result = await answer_subentry(home, form, {"server": address})
        assert result["reason"] == "reconfigure_successful"
        await home.async_block_till_done()
        assert dict(mouth.data) == {CONF_HOST: server.host, CONF_PORT: server.port} | SPEAKING
        assert mouth.unique_id == f"tts:{address}"
        assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("answers", [{"speed": 0.2}, {"volume": 2.1}, {"sentence_silence": "long"}])
async def test_speaking_out_of_bounds(home: HomeAssistant, answers: dict[str, Any]) -> None:
    """A form takes nothing that the server would refuse."""
    entry = await set_up(home, None, ("tts", {CONF_HOST: "127.0.0.1", CONF_PORT: 1}, None))
    form = await speaking_form(home, entry)
    with pytest.raises(InvalidData):
        await answer_subentry(home, form, answers)
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_move_a_server_onto_another(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two subentries cannot be the same server."""
    only_here(monkeypatch)
    async with serve(describing(SPEECH)) as server:
        entry = await set_up(
            home,
            None,
            ("stt", {CONF_HOST: server.host, CONF_PORT: server.port}, "stt:abc"),
            ("stt", {CONF_HOST: "127.0.0.1", CONF_PORT: 1}, "stt:def"),
        )
        other = entry.get_subentries_of_type("stt")[1]
        result = await start_subentry(home, entry, "stt", other.subentry_id)
        result = await answer_subentry(home, result, {"server": f"{server.host}:{server.port}"})
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
        assert await home.config_entries.async_unload(entry.entry_id)
