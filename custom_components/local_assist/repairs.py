"""Assist pipelines that go round the guard: told as repair issues, and mended at a click.

A pipeline that "prefers local handling" lets Home Assistant's own intents act before an agent hears
of the sentence. What the agent would ask about is then done without asking.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.components.assist_pipeline import (
    Pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.collection import CollectionChange

from .const import AGENT_DEFAULTS, CONF_LLM_HASS_API, CONF_MODEL, DOMAIN, SUBENTRY_AGENT
from .guard.rules import Kind, Mode, Rules
from .runtime import LocalAssistConfigEntry

ISSUE_PREFER_LOCAL: Final = "prefer_local_intents"


@callback
def async_watch_pipelines(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> None:
    """Keep the issues about pipelines with an agent of this entry, until it is unloaded.

    An agent that changes has its entry loaded anew.
    """
    if (pipelines := hass.data.get(KEY_ASSIST_PIPELINE)) is None:
        return
    told: dict[str, Pipeline] = {}

    @callback
    def check() -> None:
        agents = _guarded_agents(hass, entry)
        found = {
            pipeline.id: pipeline
            for pipeline in async_get_pipelines(hass)
            if pipeline.prefer_local_intents and pipeline.conversation_engine in agents
        }
        for pipeline_id in told.keys() - found.keys():
            ir.async_delete_issue(hass, DOMAIN, _issue_id(pipeline_id))
        for pipeline in found.values():
            _tell(hass, pipeline, agents[pipeline.conversation_engine])
        told.clear()
        told.update(found)

    async def changed(_changes: Iterable[CollectionChange]) -> None:
        check()

    @callback
    def forget() -> None:
        for pipeline_id in told:
            ir.async_delete_issue(hass, DOMAIN, _issue_id(pipeline_id))

    check()
    entry.async_on_unload(pipelines.pipeline_store.async_add_change_set_listener(changed))
    entry.async_on_unload(forget)


def _guarded_agents(hass: HomeAssistant, entry: LocalAssistConfigEntry) -> dict[str, str]:
    """Return the agents that ask before they do some things: names by entity id."""
    registry = er.async_get(hass)
    return {
        entity_id: subentry.title
        for subentry in entry.get_subentries_of_type(SUBENTRY_AGENT)
        if _asks(AGENT_DEFAULTS | dict(subentry.data))
        and (
            entity_id := registry.async_get_entity_id(
                Platform.CONVERSATION, DOMAIN, subentry.subentry_id
            )
        )
    }


def _asks(settings: Mapping[str, Any]) -> bool:
    """Return whether an agent acts in the house, and there is something it asks about."""
    # Without a model it acts as well: it then hands its sentences to Home Assistant's own agent.
    if settings.get(CONF_MODEL) and not settings.get(CONF_LLM_HASS_API):
        return False
    rules = Rules.of(settings)
    marked = rules.entities or rules.areas or rules.domains or rules.labels
    kinds = [kind for kind in Kind if marked or kind is not Kind.MARKED]
    return rules.strictest(kinds) is not Mode.FREE


def _issue_id(pipeline_id: str) -> str:
    return f"{ISSUE_PREFER_LOCAL}.{pipeline_id}"


def _tell(hass: HomeAssistant, pipeline: Pipeline, agent: str) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(pipeline.id),
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_PREFER_LOCAL,
        translation_placeholders={"pipeline": pipeline.name, "agent": agent},
        data={"pipeline_id": pipeline.id},
    )


class PreferLocalFlow(RepairsFlow):
    """Has a pipeline hand every sentence to its agent."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what will be changed, and change it."""
        pipeline_id = (self.data or {}).get("pipeline_id")
        pipelines = {pipeline.id: pipeline for pipeline in async_get_pipelines(self.hass)}
        if (pipeline := pipelines.get(str(pipeline_id))) is None:
            return self.async_abort(reason="pipeline_gone")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={"pipeline": pipeline.name},
            )
        await async_update_pipeline(self.hass, pipeline, prefer_local_intents=False)
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    _hass: HomeAssistant, issue_id: str, _data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return what mends an issue."""
    if issue_id.startswith(ISSUE_PREFER_LOCAL):
        return PreferLocalFlow()
    return ConfirmRepairFlow()
