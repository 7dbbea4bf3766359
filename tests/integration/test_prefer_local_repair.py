"""Pipelines that go round the guard: an issue that a click mends, as the frontend does it."""

from http import HTTPStatus
from typing import Any

import pytest
from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.local_assist.const import (
    CONF_GUARD_ENTITIES,
    CONF_GUARD_MODES,
    CONF_LLM_HASS_API,
    DOMAIN,
    SUBENTRY_AGENT,
)
from custom_components.local_assist.guard.rules import Kind, Mode
from tests.integration.agent_house import MODEL, agent
from tests.integration.translated import ENGLISH, placeholders

FREE = dict.fromkeys((kind for kind in Kind if kind is not Kind.MARKED), Mode.FREE)


async def set_up(home: HomeAssistant, **settings: Any) -> MockConfigEntry:
    """Set a house up with one agent, conversation.ada."""
    entry = MockConfigEntry(domain=DOMAIN, subentries_data=[agent(**{"model": None} | settings)])
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    return entry


async def prefer(home: HomeAssistant, *, local: bool = True, engine: str = "conversation.ada"):
    """Have the house's one pipeline hand sentences to an agent, maybe after it tried itself."""
    (pipeline,) = async_get_pipelines(home)
    await async_update_pipeline(
        home, pipeline, conversation_engine=engine, prefer_local_intents=local, name="Hall"
    )


def issues(home: HomeAssistant) -> list[ir.IssueEntry]:
    """Return our issues."""
    return [
        issue
        for (domain, _), issue in ir.async_get(home).issues.items()
        if domain == DOMAIN and issue.active
    ]


async def test_a_click_mends_it(
    home: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_client: ClientSessionGenerator
) -> None:
    """The issue names the pipeline; its flow turns the preference off, and the issue is gone."""
    assert await async_setup_component(home, "repairs", {})
    await set_up(home)
    assert not issues(home)
    await prefer(home)

    socket = await hass_ws_client(home)
    await socket.send_json_auto_id({"type": "repairs/list_issues"})
    (issue,) = (await socket.receive_json())["result"]["issues"]
    assert (issue["domain"], issue["is_fixable"]) == (DOMAIN, True)
    assert issue["translation_placeholders"] == {"pipeline": "Hall", "agent": "Ada"}

    client = await hass_client()
    words = {"handler": DOMAIN, "issue_id": issue["issue_id"]}
    response = await client.post("/api/repairs/issues/fix", json=words)
    assert response.status == HTTPStatus.OK
    form = await response.json()
    assert (form["type"], form["step_id"]) == ("form", "confirm")
    told = ENGLISH["issues"][issue["translation_key"]]["fix_flow"]["step"]["confirm"]
    for text in told.values():
        assert placeholders(text) <= form["description_placeholders"].keys()

    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"
    await home.async_block_till_done()

    (pipeline,) = async_get_pipelines(home)
    assert not pipeline.prefer_local_intents
    assert (pipeline.name, pipeline.conversation_engine) == ("Hall", "conversation.ada")
    assert not issues(home)


async def test_a_pipeline_that_is_gone(
    home: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """A click that comes too late says so; with its pipeline an issue goes."""
    assert await async_setup_component(home, "repairs", {})
    await set_up(home)
    store = home.data[KEY_ASSIST_PIPELINE].pipeline_store
    (pipeline,) = async_get_pipelines(home)
    settings = pipeline.to_json() | {
        "conversation_engine": "conversation.ada",
        "prefer_local_intents": True,
    }
    settings.pop("id")
    second = await store.async_create_item(settings)
    (issue,) = issues(home)
    client = await hass_client()
    words = {"handler": DOMAIN, "issue_id": issue.issue_id}
    form = await (await client.post("/api/repairs/issues/fix", json=words)).json()

    await store.async_delete_item(second.id)
    assert not issues(home)
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    result = await response.json()

    assert (result["type"], result["reason"]) == ("abort", "pipeline_gone")
    assert result["reason"] in ENGLISH["issues"]["prefer_local_intents"]["fix_flow"]["abort"]


@pytest.mark.parametrize(
    "settings",
    [{CONF_LLM_HASS_API: [], "model": MODEL}, {CONF_GUARD_MODES: FREE}],
    ids=["cannot control", "all is free"],
)
async def test_an_agent_that_asks_nothing(home: HomeAssistant, settings: dict[str, Any]) -> None:
    """There is nothing to go round."""
    await set_up(home, **settings)
    await prefer(home)
    assert not issues(home)


async def test_an_agent_without_a_model(home: HomeAssistant) -> None:
    """Home Assistant's own agent answers for it, and asks as well."""
    await set_up(home, **{CONF_LLM_HASS_API: []})
    await prefer(home)
    assert len(issues(home)) == 1


async def test_what_the_user_marked_counts(home: HomeAssistant) -> None:
    """Even when all that is guarded by itself is free."""
    await set_up(home, **{CONF_GUARD_MODES: FREE, CONF_GUARD_ENTITIES: ["script.wake_all"]})
    await prefer(home)
    assert len(issues(home)) == 1


async def test_another_agent(home: HomeAssistant) -> None:
    """Pipelines of others are no business of ours; one handed over to ours is."""
    await set_up(home)
    await prefer(home, engine="conversation.home_assistant")
    assert not issues(home)
    await prefer(home)
    assert len(issues(home)) == 1
    await prefer(home, engine="conversation.home_assistant")
    assert not issues(home)


async def test_the_user_mends_it(home: HomeAssistant) -> None:
    """The issue comes and goes with the preference."""
    await set_up(home)
    for local in (False, True, False):
        await prefer(home, local=local)
        assert len(issues(home)) == local


async def test_it_follows_the_agent(home: HomeAssistant) -> None:
    """An agent's new settings count at once; when the entry is unloaded the issue goes."""
    entry = await set_up(home)
    await prefer(home)
    (subentry,) = entry.get_subentries_of_type(SUBENTRY_AGENT)
    for modes, count in ((FREE, 0), ({}, 1)):
        home.config_entries.async_update_subentry(
            entry, subentry, data=dict(subentry.data) | {CONF_GUARD_MODES: modes}
        )
        await home.async_block_till_done()
        assert len(issues(home)) == count
        (subentry,) = entry.get_subentries_of_type(SUBENTRY_AGENT)

    assert await home.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert not issues(home)
    await prefer(home)
    assert not issues(home)
