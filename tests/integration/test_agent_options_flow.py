"""The forms of agents and of AI tasks: what they offer, keep and forget."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.local_assist.const import (
    AGENT_DEFAULTS,
    CONF_URL,
    DEFAULT_PROMPT,
    DOMAIN,
    TASK_DEFAULTS,
)
from tests.fakes.ollama import FakeOllama, Model
from tests.integration.flow_steps import (
    Result,
    answer_subentry,
    options,
    start_subentry,
    suggested,
    within,
)

ANSWERS = {
    "num_predict": 128,
    "temperature": 0.2,
    "top_p": 0.5,
    "top_k": 7,
    "min_p": 0.1,
    "repeat_penalty": 1.1,
    "seed": 3,
}
RUNNING = {"num_ctx": 4096, "keep_alive": 0}
DEADLINES = {"connect_timeout": 1.5, "first_token_timeout": 60, "token_gap_timeout": 20}
WHOLE = {"num_predict", "top_k", "seed", "num_ctx", "keep_alive"}
DEFAULTS = {
    "num_predict": 512,
    "keep_alive": -1,
    "connect_timeout": 3.0,
    "first_token_timeout": 30.0,
    "token_gap_timeout": 15.0,
}

type Subentry = tuple[str, str, dict[str, Any]]


async def set_up(home: HomeAssistant, url: str, *subentries: Subentry) -> MockConfigEntry:
    """Set a house up with subentries: type, title, settings."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_URL: url},
        subentries_data=[
            ConfigSubentryData(subentry_type=kind, title=title, data=data, unique_id=None)
            for kind, title, data in subentries
        ],
    )
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    return entry


async def unload(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unload a house that runs."""
    assert entry.state is ConfigEntryState.LOADED
    assert await home.config_entries.async_unload(entry.entry_id)


async def change(
    home: HomeAssistant, entry: MockConfigEntry, subentry: ConfigSubentry, **fields: Any
) -> None:
    """Fill in the form of a subentry."""
    form = await start_subentry(home, entry, subentry.subentry_type, subentry.subentry_id)
    result = await answer_subentry(home, form, {"model": "llama3.2:3b", "think": "off"} | fields)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await home.async_block_till_done()


def all_suggested(form: Result, *sections: str) -> dict[str, Any]:
    """Return what the fields of sections start with, where they do."""
    found = {}
    for name in sections:
        below = within(form, name)
        found |= {str(key): suggested(below, str(key)) for key in below["data_schema"].schema}
    return {key: value for key, value in found.items() if value is not None}


async def test_add_an_agent(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An agent starts from the defaults and the installed models, and runs at once."""
    ollama.models = [
        Model(name="llama3.2:3b"),
        Model(name="nomic-embed-text", capabilities=("embedding",)),
        Model(name="qwen3:4b"),
    ]
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "conversation")
    assert options(form, "model") == ["llama3.2:3b", "qwen3:4b"]
    assert options(within(form, "running"), "embedding_model") == ["nomic-embed-text"]
    assert suggested(form, "prompt") == DEFAULT_PROMPT
    assert suggested(form, "llm_hass_api") == ["assist"]
    assert suggested(form, "house_intents") is True
    assert suggested(form, "think") == AGENT_DEFAULTS["think"]
    sections = ("answers", "running", "others", "deadlines")
    assert all_suggested(form, *sections) == DEFAULTS | {"fallbacks": []}

    plain = {
        "model": "qwen3:4b",
        "prompt": "Be brief.",
        "llm_hass_api": ["assist"],
        "house_intents": False,
        "think": "low",
    }
    running = RUNNING | {"embedding_model": "nomic-embed-text"}
    result = await answer_subentry(
        home,
        form,
        {"name": "Butler", "answers": ANSWERS, "running": running, "deadlines": DEADLINES} | plain,
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    (agent,) = entry.get_subentries_of_type("conversation")
    assert agent.title == "Butler"
    assert dict(agent.data) == plain | ANSWERS | running | DEADLINES
    assert all(isinstance(agent.data[key], int) for key in WHOLE)
    assert home.states.get("conversation.butler") is not None
    await unload(home, entry)


async def test_what_an_agent_has_is_kept(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The form starts with it all, also with a model that is not installed now."""
    stored = {
        "model": "gone:1b",
        "prompt": "Be brief.",
        "llm_hass_api": ["assist"],
        "house_intents": False,
        "think": "high",
        "embedding_model": "also-gone",
    }
    stored |= ANSWERS | RUNNING | DEADLINES
    entry = await set_up(home, ollama.url, ("conversation", "Butler", stored))
    (agent,) = entry.get_subentries_of_type("conversation")
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    plain = {key: suggested(form, key) for key in map(str, form["data_schema"].schema)}
    sections = {
        name: all_suggested(form, name) for name in ("answers", "running", "others", "deadlines")
    }
    assert "name" not in plain
    filled = {key: value for key, value in plain.items() if value is not None} | sections
    result = await answer_subentry(home, form, filled)
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    assert dict(agent.data) == stored | {"fallbacks": []}
    await unload(home, entry)


async def test_settings_of_before_are_explicit(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was once stored because it was the default is shown, and can be emptied."""
    old = {"model": "llama3.2:3b", "num_ctx": 8192, "temperature": 0.7}
    entry = await set_up(home, ollama.url, ("conversation", "Butler", old))
    (agent,) = entry.get_subentries_of_type("conversation")
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    assert all_suggested(form, "answers", "running") == {
        "num_ctx": 8192,
        "temperature": 0.7,
        "num_predict": 512,
        "keep_alive": -1,
    }
    await unload(home, entry)


@pytest.mark.parametrize("empty", [{}, {"answers": {}, "running": {}, "deadlines": {}}])
async def test_what_is_emptied_is_forgotten(
    home: HomeAssistant, ollama: FakeOllama, empty: dict[str, Any]
) -> None:
    """An emptied field is not stored, so that its default counts, also a later one."""
    stored: dict[str, Any] = {"model": "llama3.2:3b", "prompt": "Hi", "llm_hass_api": ["assist"]}
    stored |= ANSWERS | RUNNING | DEADLINES
    entry = await set_up(home, ollama.url, ("conversation", "Butler", stored))
    (agent,) = entry.get_subentries_of_type("conversation")
    await change(home, entry, agent, **empty)
    assert dict(agent.data) == {
        "model": "llama3.2:3b",
        "prompt": "",
        "llm_hass_api": [],
        "think": "off",
    }
    await unload(home, entry)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("answers", {"top_p": 1.1}),
        ("answers", {"temperature": -1}),
        ("answers", {"num_predict": 0}),
        ("running", {"num_ctx": 100}),
        ("deadlines", {"first_token_timeout": 0}),
        ("others", {"fallbacks": ["conversation.home_assistant"]}),
    ],
)
async def test_values_out_of_bounds(
    home: HomeAssistant, ollama: FakeOllama, section: str, values: dict[str, Any]
) -> None:
    """The form takes nothing a server would refuse."""
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "conversation")
    with pytest.raises(InvalidData):
        await answer_subentry(
            home, form, {"name": "A", "model": "m", "think": "off", section: values}
        )
    await unload(home, entry)


async def test_who_else_may_answer(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Other servers and agents, in the order they are chosen; never itself or the last one."""
    home.states.async_set("conversation.cloudy", "unknown", {"friendly_name": "Cloudy"})
    entry = await set_up(
        home,
        ollama.url,
        ("conversation", "Butler", {"model": "llama3.2:3b"}),
        ("conversation", "Cook", {"model": "llama3.2:3b"}),
        ("backend", "Workshop", {"kind": "openai", "url": ollama.url, "model": "m"}),
    )
    butler, _ = entry.get_subentries_of_type("conversation")
    (server,) = entry.get_subentries_of_type("backend")
    workshop = f"backend:{server.subentry_id}"
    form = await start_subentry(home, entry, "conversation", butler.subentry_id)
    others = within(form, "others")
    assert options(others, "fallbacks")[0] == workshop
    assert set(options(others, "fallbacks")) == {
        workshop,
        "conversation.cook",
        "conversation.cloudy",
    }
    form = await start_subentry(home, entry, "conversation")
    assert "conversation.butler" in options(within(form, "others"), "fallbacks")

    chosen = ["conversation.cloudy", workshop, "conversation.cook"]
    await change(home, entry, butler, others={"fallbacks": chosen})
    assert butler.data["fallbacks"] == chosen
    form = await start_subentry(home, entry, "conversation", butler.subentry_id)
    assert suggested(within(form, "others"), "fallbacks") == chosen
    await unload(home, entry)


async def test_a_fallback_that_is_not_there(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An agent may come back, so it is kept; a server or an API that was removed does not."""
    data = {
        "model": "llama3.2:3b",
        "fallbacks": ["backend:gone", "conversation.away"],
        "llm_hass_api": ["assist", "gone"],
    }
    entry = await set_up(home, ollama.url, ("conversation", "Butler", data))
    (agent,) = entry.get_subentries_of_type("conversation")
    form = await start_subentry(home, entry, "conversation", agent.subentry_id)
    assert suggested(form, "llm_hass_api") == ["assist"]
    assert suggested(within(form, "others"), "fallbacks") == ["conversation.away"]
    await change(home, entry, agent, others={"fallbacks": ["conversation.away"]})
    assert agent.data["fallbacks"] == ["conversation.away"]
    await unload(home, entry)


async def test_add_and_change_an_ai_task(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An AI task has only what is about its model, and may write more."""
    entry = await set_up(home, ollama.url)
    form = await start_subentry(home, entry, "ai_task_data")
    assert set(map(str, form["data_schema"].schema)) == {
        "name",
        "model",
        "think",
        "answers",
        "running",
        "deadlines",
    }
    assert "embedding_model" not in within(form, "running")["data_schema"].schema
    assert suggested(within(form, "answers"), "num_predict") == TASK_DEFAULTS["num_predict"] == 4096

    plain = {"model": "llama3.2:3b", "think": "off"}
    sections = {"answers": ANSWERS, "running": RUNNING, "deadlines": DEADLINES}
    await answer_subentry(home, form, {"name": "Clerk"} | plain | sections)
    await home.async_block_till_done()
    (task,) = entry.get_subentries_of_type("ai_task_data")
    assert (task.title, dict(task.data)) == ("Clerk", plain | ANSWERS | RUNNING | DEADLINES)

    form = await start_subentry(home, entry, "ai_task_data", task.subentry_id)
    assert suggested(form, "think") == "off"
    assert all_suggested(form, *sections) == ANSWERS | RUNNING | DEADLINES
    await change(home, entry, task, model="other:1b")
    assert dict(task.data) == {"model": "other:1b", "think": "off"}
    await unload(home, entry)
