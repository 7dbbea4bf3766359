"""Walking through flows."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.local_assist.const import DOMAIN
from custom_components.local_assist.flows import ollama, servers

type Result = Any


def only_here(
    monkeypatch: pytest.MonkeyPatch, *, stt: int = 1, tts: int = 1, urls: tuple[str, ...] = ()
) -> None:
    """Let flows look for servers at these ports and addresses alone; nobody listens at port 1."""
    monkeypatch.setattr(servers, "USUAL_PORTS", {"stt": stt, "tts": tts})
    monkeypatch.setattr(ollama, "USUAL_URLS", urls)


async def start(hass: HomeAssistant, **context: Any) -> Result:
    """Start a flow of the integration."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER} | context
    )


async def choose(hass: HomeAssistant, result: Result, step: str) -> Result:
    """Choose from a menu and wait for a search."""
    result = await answer(hass, result, {"next_step_id": step})
    return await wait(hass, result)


async def answer(hass: HomeAssistant, result: Result, user_input: dict[str, Any]) -> Result:
    """Fill a form in."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


async def wait(hass: HomeAssistant, result: Result) -> Result:
    """Wait for a search to end."""
    if result["type"] is not FlowResultType.SHOW_PROGRESS:
        return result
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


async def start_subentry(
    hass: HomeAssistant, entry: ConfigEntry, kind: str, subentry_id: str | None = None
) -> Result:
    """Start adding a subentry, or changing one, and wait for a search."""
    context: dict[str, str] = {"source": SOURCE_USER}
    if subentry_id:
        context = {"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id}
    manager = hass.config_entries.subentries
    result = await manager.async_init((entry.entry_id, kind), context=context)
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        result = await manager.async_configure(result["flow_id"])
    return result


async def answer_subentry(
    hass: HomeAssistant, result: Result, user_input: dict[str, Any]
) -> Result:
    """Fill a subentry form in."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)


def options(result: Result, field: str) -> list[str]:
    """Return the values a form offers for a field."""
    selector = next(value for key, value in result["data_schema"].schema.items() if key == field)
    return [item if isinstance(item, str) else item["value"] for item in selector.config["options"]]


def suggested(result: Result, field: str) -> Any:
    """Return the value a form starts with."""
    marker = next(key for key in result["data_schema"].schema if key == field)
    return (marker.description or {}).get("suggested_value")


def within(result: Result, section: str) -> Result:
    """Return the section of a form as if it was a form."""
    field = next(value for key, value in result["data_schema"].schema.items() if key == section)
    return {"data_schema": field.schema}
