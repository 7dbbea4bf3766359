"""Setting a house up, step by step, with everything that can go wrong on the way."""

from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.info import Info

from custom_components.local_assist import const
from custom_components.local_assist.const import (
    CONF_API_KEY,
    CONF_MODEL,
    CONF_PIPELINE,
    CONF_URL,
    DOMAIN,
    NO_OLLAMA,
)
from custom_components.local_assist.flows import ollama as ollama_flow
from custom_components.local_assist.flows import setup
from custom_components.local_assist.flows.ollama import normalise_url
from custom_components.local_assist.flows.servers import parse_address
from tests.fakes.ollama import FakeOllama, Fault, Model
from tests.fakes.wyoming import Peer, asr, describing, serve, tts
from tests.integration.flow_steps import (
    answer,
    choose,
    only_here,
    options,
    start,
    suggested,
)

SPEECH = Info(asr=[asr("en", "de")], tts=[tts(anna="en_US", bert="de_DE")])
FINISH = {"name": "Jarvis", "language": "en", "preferred": True}


async def test_the_whole_way(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A house with Ollama and both speech servers, all found and proposed."""
    ollama.models = [
        Model(name="all-minilm", capabilities=("embedding",)),
        Model(name="gemma:2b", capabilities=("completion",)),
        Model(name="qwen3:4b", capabilities=("completion", "tools", "thinking")),
    ]
    async with serve(describing(SPEECH)) as speech:
        only_here(
            monkeypatch, stt=speech.port, tts=speech.port, urls=(ollama.url, "http://127.0.0.1:1")
        )
        result = await start(home)
        assert result["type"] is FlowResultType.MENU

        result = await choose(home, result, "ollama")
        assert result["step_id"] == "ollama"
        assert options(result, CONF_URL) == [ollama.url]
        assert suggested(result, CONF_URL) == ollama.url

        result = await answer(home, result, {CONF_URL: ollama.url})
        assert result["step_id"] == "model"
        assert options(result, CONF_MODEL) == ["qwen3:4b", "gemma:2b"]

        result = await answer(home, result, {CONF_MODEL: "qwen3:4b"})
        address = f"{speech.host}:{speech.port}"
        assert result["step_id"] == "speech"
        assert options(result, "stt") == options(result, "tts") == [address]
        assert suggested(result, "stt") == suggested(result, "tts") == address

        result = await answer(home, result, {"stt": address, "tts": address})
        assert result["step_id"] == "finish"

        result = await answer(home, result, FINISH)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await home.async_block_till_done()
        entry = result["result"]
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == ollama.url
        assert dict(entry.data) == {CONF_URL: ollama.url}
        server = {"host": speech.host, "port": speech.port}
        assert {
            (s.subentry_type, s.title, s.unique_id, str(dict(s.data)))
            for s in entry.subentries.values()
        } == {
            (
                "conversation",
                "Local Assist",
                None,
                str({"model": "qwen3:4b", "llm_hass_api": ["assist"]}),
            ),
            ("ai_task_data", "Local Assist AI task", None, str({"model": "qwen3:4b"})),
            ("stt", "Listener", f"stt:{address}", str(server)),
            ("tts", "Speaker", f"tts:{address}", str(server)),
        }
        assert await home.config_entries.async_unload(entry.entry_id)


async def test_without_ollama_and_without_speech(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A house with nothing but Home Assistant's own intents; a second one is refused."""
    only_here(monkeypatch)
    result = await choose(home, await start(home), "without_ollama")
    assert result["step_id"] == "speech"
    result = await answer(home, await answer(home, result, {}), FINISH)
    await home.async_block_till_done()
    entry = result["result"]
    assert entry.unique_id == NO_OLLAMA
    assert [s.subentry_type for s in entry.subentries.values()] == ["conversation"]
    assert CONF_PIPELINE not in entry.data

    result = await choose(home, await start(home), "without_ollama")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("stopped", "backend_refused"),
        (Fault.STALLED, "backend_timeout"),
        (Fault.HTML, "not_ollama"),
        (Fault.GARBAGE, "not_ollama"),
        (Fault.CRASHED, "backend_server"),
        (Fault.BUSY, "backend_busy"),
    ],
)
async def test_ollama_does_not_answer(
    home: HomeAssistant,
    ollama: FakeOllama,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault | str,
    error: str,
) -> None:
    """The form says why, keeps what was typed, and goes on when it is put right."""
    only_here(monkeypatch)
    if error == "backend_timeout":
        monkeypatch.setattr("custom_components.local_assist.backends.ollama.ANSWER_TIMEOUT", 0.3)
    result = await choose(home, await start(home), "ollama")
    if fault == "stopped":
        await ollama.stop()
    else:
        ollama.fault = fault

    result = await answer(home, result, {CONF_URL: ollama.url, CONF_API_KEY: "secret"})
    assert result["errors"] == {CONF_URL: error}
    assert result["description_placeholders"]["url"] == ollama.url
    assert suggested(result, CONF_URL) == ollama.url
    assert suggested(result, CONF_API_KEY) == "secret"

    ollama.fault = None
    await ollama.stop()
    await ollama.start()
    result = await answer(home, result, {CONF_URL: ollama.url})
    assert result["step_id"] == "model"


async def test_address_and_key_are_put_right(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No address, then no key, then a wrong one, then the right one."""
    ollama.api_key = "right"
    only_here(monkeypatch, urls=(ollama.url,))
    result = await choose(home, await start(home), "ollama")
    # One that wants a key is proposed nevertheless.
    assert options(result, CONF_URL) == [ollama.url]

    result = await answer(home, result, {CONF_URL: "http://"})
    assert result["errors"] == {CONF_URL: "invalid_url"}
    result = await answer(home, result, {CONF_URL: ollama.url})
    assert result["errors"] == {CONF_API_KEY: "backend_auth"}
    result = await answer(home, result, {CONF_URL: ollama.url, CONF_API_KEY: "wrong"})
    assert result["errors"] == {CONF_API_KEY: "backend_auth"}
    result = await answer(home, result, {CONF_URL: f"{ollama.url}/", CONF_API_KEY: "right"})
    assert result["step_id"] == "model"
    result = await answer(home, result, {CONF_MODEL: "llama3.2:3b"})
    result = await answer(home, await answer(home, result, {}), FINISH)
    assert dict(result["data"]) | {CONF_PIPELINE: None} == {
        CONF_URL: ollama.url,
        CONF_API_KEY: "right",
        CONF_PIPELINE: None,
    }
    await home.async_block_till_done()
    assert await home.config_entries.async_unload(result["result"].entry_id)


async def test_no_model_yet(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a model there is advice; one can look again, go back, or do without."""
    ollama.models = [Model(name="all-minilm", capabilities=("embedding",))]
    only_here(monkeypatch, urls=(ollama.url,))
    result = await choose(home, await start(home), "ollama")
    result = await answer(home, result, {CONF_URL: ollama.url})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "no_models")
    assert result["description_placeholders"] == {"url": ollama.url}

    result = await choose(home, result, "look_again")
    assert result["step_id"] == "no_models"
    result = await choose(home, result, "ollama")
    assert result["step_id"] == "ollama"
    result = await answer(home, result, {CONF_URL: ollama.url})
    ollama.models.append(Model(name="gemma:2b", capabilities=("completion",)))
    result = await choose(home, result, "look_again")
    assert result["step_id"] == "model"

    # A model that cannot use tools gets none.
    result = await answer(home, result, {CONF_MODEL: "gemma:2b"})
    result = await answer(home, await answer(home, result, {}), FINISH)
    await home.async_block_till_done()
    (agent,) = result["result"].get_subentries_of_type(const.SUBENTRY_AGENT)
    assert dict(agent.data) == {"model": "gemma:2b", "llm_hass_api": []}
    assert await home.config_entries.async_unload(result["result"].entry_id)


async def test_giving_up_on_ollama_half_way(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going on without a model forgets the Ollama that had none."""
    ollama.models = []
    only_here(monkeypatch)
    result = await choose(home, await start(home), "ollama")
    result = await answer(home, result, {CONF_URL: ollama.url})
    result = await choose(home, result, "without_ollama")
    assert result["step_id"] == "speech"
    result = await answer(home, await answer(home, result, {}), FINISH)
    assert CONF_URL not in result["data"]
    assert result["result"].unique_id == NO_OLLAMA
    await home.async_block_till_done()


async def hang(peer: Peer) -> None:
    """Never answer."""
    await peer.hang()


async def refuse(peer: Peer) -> None:
    """Answer with something that is not Wyoming."""
    await peer.read()
    peer.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")


async def fail(peer: Peer) -> None:
    """Answer with an error."""
    await peer.read()
    peer.writer.write(b'{"type": "error", "data": {"text": "starting", "code": "busy"}}\n')


@pytest.mark.parametrize("role", ["stt", "tts"])
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (hang, "speech_timeout"),
        (refuse, "speech_protocol"),
        (fail, "speech_server"),
        (describing(Info()), "speech_protocol"),
        (None, "speech_connect"),
    ],
)
async def test_speech_server_does_not_answer(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch, role: str, script: Any, error: str
) -> None:
    """The form says why, keeps what was typed, and goes on when it is put right."""
    only_here(monkeypatch)
    monkeypatch.setattr(
        "custom_components.local_assist.speech.wyoming_client.DESCRIBE_TIMEOUT", 0.2
    )
    result = await choose(home, await start(home), "without_ollama")
    if script:
        async with serve(script) as wrong:
            address = f"{wrong.host}:{wrong.port}"
            result = await answer(home, result, {role: address})
    else:
        address = "127.0.0.1:1"
        result = await answer(home, result, {role: address})
    assert result["errors"] == {role: error}
    assert suggested(result, role) == address

    async with serve(describing(SPEECH)) as speech:
        result = await answer(home, result, {role: f"{speech.host}:{speech.port}"})
        assert result["step_id"] == "finish"


async def test_speech_address_that_is_none(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wrong addresses are said one after the other, since their errors share what they name."""
    only_here(monkeypatch)
    result = await choose(home, await start(home), "without_ollama")
    result = await answer(home, result, {"stt": "host:port", "tts": "127.0.0.1:1"})
    assert result["errors"] == {"stt": "invalid_address"}
    assert suggested(result, "tts") == "127.0.0.1:1"
    result = await answer(home, result, {"tts": "127.0.0.1:1"})
    assert result["errors"] == {"tts": "speech_connect"}

    result = await answer(home, result, {})
    assert result["step_id"] == "finish"


async def test_speech_servers_beside_a_typed_ollama_are_found(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine of an Ollama that was typed in is searched too."""
    async with serve(describing(SPEECH)) as speech:
        only_here(monkeypatch, stt=speech.port)
        # Nothing is searched as this machine, so 127.0.0.1 counts as another one.
        monkeypatch.setattr(setup, "LOCALHOST", "localhost")
        result = await choose(home, await start(home), "ollama")
        result = await answer(home, result, {CONF_URL: ollama.url})
        result = await answer(home, result, {CONF_MODEL: "llama3.2:3b"})
        assert options(result, "stt") == [f"127.0.0.1:{speech.port}"]


async def test_core_ollama_address_is_proposed(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Ollama of Home Assistant's own integration is proposed; one that is down is not."""
    only_here(monkeypatch)
    MockConfigEntry(domain="ollama", data={CONF_URL: ollama.url}).add_to_hass(home)
    MockConfigEntry(domain="ollama", data={CONF_URL: "http://127.0.0.1:1"}).add_to_hass(home)
    result = await choose(home, await start(home), "ollama")
    assert options(result, CONF_URL) == [ollama.url]


async def test_a_slow_address_is_not_waited_for(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that does not answer in time is not proposed."""
    ollama.fault = Fault.STALLED
    only_here(monkeypatch, urls=(ollama.url,))
    monkeypatch.setattr(ollama_flow, "PROBE_TIMEOUT", 0.1)
    result = await choose(home, await start(home), "ollama")
    assert options(result, CONF_URL) == []


async def test_the_same_ollama_twice(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second house at the same Ollama is refused."""
    only_here(monkeypatch)
    MockConfigEntry(domain=DOMAIN, unique_id=ollama.url).add_to_hass(home)
    result = await choose(home, await start(home), "ollama")
    result = await answer(home, result, {CONF_URL: f"{ollama.url}/"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize("loaded", [True, False])
async def test_reconfigure(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    """A house moves to another Ollama and reloads once, whether it was running or not."""
    only_here(monkeypatch)
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="http://127.0.0.1:1",
        data={CONF_URL: "http://127.0.0.1:1", CONF_API_KEY: "old"},
    )
    entry.add_to_hass(home)
    if loaded:
        assert await home.config_entries.async_setup(entry.entry_id)
    result = await start(home, source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    assert suggested(result, CONF_URL) == "http://127.0.0.1:1"

    result = await answer(home, result, {CONF_URL: "http://127.0.0.1:1"})
    assert result["errors"] == {CONF_URL: "backend_refused"}
    result = await answer(home, result, {CONF_URL: ollama.url})
    await home.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == {CONF_URL: ollama.url}
    assert entry.unique_id == ollama.url
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.ollama.last_update_success
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_the_first_ollama_of_a_house_is_used_at_once(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that had no model takes one; an agent that had one keeps it."""
    only_here(monkeypatch)
    agents = [
        ConfigSubentryData(subentry_type="conversation", title=title, data=data, unique_id=None)
        for title, data in (("New", {}), ("Old", {CONF_MODEL: "other:1b"}))
    ]
    entry = MockConfigEntry(domain=DOMAIN, unique_id=NO_OLLAMA, subentries_data=agents)
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    result = await start(home, source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    result = await answer(home, result, {CONF_URL: ollama.url})
    await home.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    models = {item.title: item.data[CONF_MODEL] for item in entry.subentries.values()}
    assert models == {"New": ollama.models[0].name, "Old": "other:1b"}
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.ollama.last_update_success
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_reconfigure_to_another_house(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two houses cannot share an Ollama; the same house may keep its own."""
    only_here(monkeypatch)
    MockConfigEntry(domain=DOMAIN, unique_id=ollama.url).add_to_hass(home)
    entry = MockConfigEntry(domain=DOMAIN, unique_id=NO_OLLAMA)
    entry.add_to_hass(home)
    result = await start(home, source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    result = await answer(home, result, {CONF_URL: ollama.url})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_reauth(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A new key is asked for until it is right."""
    ollama.api_key = "right"
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=ollama.url, data={CONF_URL: ollama.url, CONF_API_KEY: "wrong"}
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    (flow,) = home.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH

    result = await answer(home, flow, {CONF_API_KEY: "wrong again"})
    assert result["errors"] == {"base": "backend_auth"}
    result = await answer(home, result, {CONF_API_KEY: "right"})
    await home.async_block_till_done()
    assert result["reason"] == "reauth_successful"
    assert entry.data[CONF_API_KEY] == "right"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.ollama.last_update_success
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.168.1.5", "http://192.168.1.5:11434"),
        (" 192.168.1.5:8080/ ", "http://192.168.1.5:8080"),
        ("ollama.lan", "http://ollama.lan:11434"),
        ("HTTP://Ollama.lan:11434/", "http://ollama.lan:11434"),
        ("https://ai.example.org/ollama/", "https://ai.example.org/ollama"),
        ("[fe80::1]:11434", "http://[fe80::1]:11434"),
    ],
)
def test_addresses_of_ollama(typed: str, kept: str) -> None:
    """What people type means an address."""
    assert normalise_url(typed) == kept


@pytest.mark.parametrize("typed", ["", "http://", "ftp://host", "http://host:99999", "a b", "://"])
def test_no_addresses_of_ollama(typed: str) -> None:
    """What is none is refused."""
    with pytest.raises(ValueError, match=r"(?i)address|port|host"):
        normalise_url(typed)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("10.0.0.2", ("10.0.0.2", 10300)),
        ("10.0.0.2:1234", ("10.0.0.2", 1234)),
        ("tcp://Speech.lan:1234/", ("speech.lan", 1234)),
        ("fe80::1", ("fe80::1", 10300)),
        ("[fe80::1]:1234", ("fe80::1", 1234)),
    ],
)
def test_addresses_of_speech_servers(typed: str, address: tuple[str, int]) -> None:
    """What people type means an address."""
    assert parse_address(typed, 10300) == address


@pytest.mark.parametrize("typed", ["", "host:port", "host:99999", "host/path", "a b:1"])
def test_no_addresses_of_speech_servers(typed: str) -> None:
    """What is none is refused."""
    with pytest.raises(ValueError, match=r"(?i)address|port|host"):
        parse_address(typed, 10300)
