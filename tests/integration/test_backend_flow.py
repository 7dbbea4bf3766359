"""Adding and changing other servers of language models."""

import subprocess
import sys
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.backends import ollama as ollama_module
from custom_components.local_assist.backends import openai_compatible
from custom_components.local_assist.backends.making import make_backend
from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.errors import NotOllamaError, NotOpenAIError
from tests.fakes.ollama import Fault, Model
from tests.fakes.openai_api import FakeOpenAI
from tests.integration.flow_steps import (
    Result,
    answer_subentry,
    options,
    start_subentry,
    suggested,
)

OPENAI = {"kind": "openai", "url": "http://127.0.0.1:1", "api_key": "old", "model": "gone:1b"}


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch, fault: Fault | None) -> None:
    """Do not wait long for a server that stalls."""
    if fault is Fault.STALLED:
        for module in (ollama_module, openai_compatible):
            monkeypatch.setattr(module, "ANSWER_TIMEOUT", 1.0)


async def set_up(home: HomeAssistant, *backends: dict[str, Any]) -> MockConfigEntry:
    """Set a house up that has no Ollama of its own."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        subentries_data=[
            ConfigSubentryData(
                subentry_type="backend",
                title="Shed",
                data=data,
                unique_id="|".join(data[key] for key in ("kind", "url", "model")),
            )
            for data in backends
        ],
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    return entry


def is_form(result: Result, step: str, errors: dict[str, str] | None = None) -> bool:
    """Return whether a result is the form of a step, with these errors."""
    assert result["type"] is FlowResultType.FORM
    return (result["step_id"], result["errors"] or {}) == (step, errors or {})


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_add_a_server(home: HomeAssistant, openai_server: FakeOpenAI, kind: str) -> None:
    """The server is asked which models it has; then it is there at once."""
    openai_server.models = [Model(name="llama3.2:3b"), Model(name="qwen3:4b")]
    entry = await set_up(home)
    result = await start_subentry(home, entry, "backend")
    assert is_form(result, "user")
    result = await answer_subentry(home, result, {"kind": kind, "url": f"{openai_server.url}/"})
    assert is_form(result, "model")
    assert options(result, "model") == ["llama3.2:3b", "qwen3:4b"]
    assert suggested(result, "model") == "llama3.2:3b"
    assert suggested(result, "name") == "127.0.0.1"
    result = await answer_subentry(home, result, {"name": "Shed", "model": "qwen3:4b"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    (server,) = entry.get_subentries_of_type("backend")
    assert server.title == "Shed"
    assert dict(server.data) == {"kind": kind, "url": openai_server.url, "model": "qwen3:4b"}
    assert list(entry.runtime_data.servers) == [server.subentry_id]
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_a_key_and_a_model_that_is_typed(
    home: HomeAssistant, openai_server: FakeOpenAI
) -> None:
    """A wrong key is told at its field; the model may be one the server does not list."""
    openai_server.api_key = "right"
    entry = await set_up(home)
    result = await start_subentry(home, entry, "backend")
    typed = {"kind": "openai", "url": f"127.0.0.1:{openai_server.port}/v1"}
    result = await answer_subentry(home, result, typed)
    assert is_form(result, "user", {"api_key": "backend_auth"})
    assert suggested(result, "url") == typed["url"]
    result = await answer_subentry(home, result, typed | {"api_key": " right "})
    result = await answer_subentry(home, result, {"name": "Shed", "model": "other:1b"})
    await home.async_block_till_done()
    (server,) = entry.get_subentries_of_type("backend")
    assert dict(server.data) == {
        "kind": "openai",
        "url": f"{openai_server.url}/v1",
        "api_key": "right",
        "model": "other:1b",
    }
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize(
    ("kind", "fault", "error"),
    [
        ("openai", Fault.HTML, "not_openai"),
        ("openai", Fault.GARBAGE, "not_openai"),
        ("openai", Fault.BUSY, "backend_busy"),
        ("openai", Fault.CRASHED, "backend_server"),
        ("openai", Fault.STALLED, "backend_timeout"),
        ("openai", None, "backend_refused"),
        ("ollama", Fault.HTML, "not_ollama"),
        ("ollama", Fault.STALLED, "backend_timeout"),
        ("ollama", None, "backend_refused"),
    ],
)
async def test_a_server_that_does_not_answer(
    home: HomeAssistant,
    openai_server: FakeOpenAI,
    kind: str,
    fault: Fault | None,
    error: str,
    *,
    change: bool,
) -> None:
    """The form says why, keeps what was typed, and goes on when it is put right."""
    entry = await set_up(home, *([OPENAI] if change else []))
    step = "reconfigure" if change else "user"
    result = await start_subentry(home, entry, "backend", next(iter(entry.subentries), None))
    result = await answer_subentry(home, result, {"kind": kind, "url": "no address"})
    assert is_form(result, step, {"url": "invalid_url"})

    typed = {"kind": kind, "url": openai_server.url, "api_key": "new"}
    openai_server.fault = fault
    if fault is None:
        await openai_server.stop()
    result = await answer_subentry(home, result, typed)
    assert is_form(result, step, {"url": error})
    assert {key: suggested(result, key) for key in typed} == typed

    openai_server.fault = None
    if fault is None:
        await openai_server.start()
    result = await answer_subentry(home, result, typed)
    assert is_form(result, "model")
    assert await home.config_entries.async_unload(entry.entry_id)


async def test_change_a_server(home: HomeAssistant, openai_server: FakeOpenAI) -> None:
    """What it has is proposed; an emptied key is gone, the name stays."""
    entry = await set_up(home, OPENAI)
    (server,) = entry.get_subentries_of_type("backend")
    result = await start_subentry(home, entry, "backend", server.subentry_id)
    assert {key: suggested(result, key) for key in ("kind", "url", "api_key")} == {
        key: OPENAI[key] for key in ("kind", "url", "api_key")
    }
    result = await answer_subentry(home, result, {"kind": "ollama", "url": openai_server.url})
    assert is_form(result, "model")
    assert "name" not in result["data_schema"].schema
    assert suggested(result, "model") == "gone:1b"
    result = await answer_subentry(home, result, {"model": "llama3.2:3b"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await home.async_block_till_done()
    assert dict(server.data) == {
        "kind": "ollama",
        "url": openai_server.url,
        "model": "llama3.2:3b",
    }
    assert server.title == "Shed"
    assert server.unique_id == f"ollama|{openai_server.url}|llama3.2:3b"
    assert entry.state is ConfigEntryState.LOADED
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("change", [False, True])
async def test_the_same_model_of_the_same_server(
    home: HomeAssistant, openai_server: FakeOpenAI, *, change: bool
) -> None:
    """It is set up once; another model of the server is another."""
    there = {"kind": "openai", "url": openai_server.url, "model": "llama3.2:3b"}
    entry = await set_up(home, there, OPENAI)
    other = entry.get_subentries_of_type("backend")[1]
    result = await start_subentry(home, entry, "backend", other.subentry_id if change else None)
    result = await answer_subentry(home, result, {"kind": "openai", "url": openai_server.url})
    name = {} if change else {"name": "Shed"}
    result = await answer_subentry(home, result, name | {"model": "llama3.2:3b"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")

    result = await start_subentry(home, entry, "backend", other.subentry_id)
    result = await answer_subentry(home, result, {"kind": "openai", "url": openai_server.url})
    await answer_subentry(home, result, {"model": "qwen3:4b"})
    await home.async_block_till_done()
    assert other.data["model"] == "qwen3:4b"
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_a_server_outside_the_home(
    home: HomeAssistant, openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What leaves the house is told before a model is chosen."""
    monkeypatch.setattr("custom_components.local_assist.flows.backend.in_house", lambda _: False)
    entry = await set_up(home)
    result = await start_subentry(home, entry, "backend")
    result = await answer_subentry(home, result, {"kind": kind, "url": openai_server.url})
    assert is_form(result, "outside")
    assert result["description_placeholders"] == {"host": "127.0.0.1"}
    result = await answer_subentry(home, result, {})
    assert is_form(result, "model")
    await answer_subentry(home, result, {"name": "Cloud", "model": "llama3.2:3b"})
    await home.async_block_till_done()
    assert entry.get_subentries_of_type("backend")[0].title == "Cloud"
    assert await home.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("kind", "error"), [("openai", NotOpenAIError), ("ollama", NotOllamaError)]
)
async def test_an_address_that_is_none(
    hass: HomeAssistant, kind: str, error: type[Exception]
) -> None:
    """A broken address in storage is an error of ours."""
    with pytest.raises(error):
        await make_backend(hass, {"kind": kind, "url": "http://[::1"}, name="Shed")


def test_who_has_no_such_server_does_not_import_the_package() -> None:
    """It takes a second and tens of megabytes, and most houses have none."""
    code = (
        "import sys, custom_components.local_assist.config_flow; sys.exit('openai' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
