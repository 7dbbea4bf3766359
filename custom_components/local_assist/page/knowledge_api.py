"""The page's commands for the knowledge folder."""

import asyncio
from typing import Any, Final

import voluptuous as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    require_admin,
    websocket_command,
)
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..knowledge.folder import MAX_FILES
from ..knowledge.index import MAX_CHUNKS, FileState
from ..knowledge.knowledge import DATA_KNOWLEDGE
from ..knowledge.notices import async_reason
from ..knowledge.reading import MAX_BYTES, MAX_CHARACTERS, MAX_PAGES

ANSWER_WITHIN: Final = 2.0
"""Seconds."""


@callback
def async_register(hass: HomeAssistant) -> None:
    """Answer the commands from now on."""
    websocket_api.async_register_command(hass, _list)
    websocket_api.async_register_command(hass, _rescan)


@websocket_command({vol.Required("type"): f"{DOMAIN}/knowledge/list"})
@require_admin
@async_response
async def _list(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return the files as of the last look at the folder, and how much it may hold."""
    knowledge = hass.data[DATA_KNOWLEDGE]
    answer = {
        "folder": str(knowledge.folder),
        "error": knowledge.health.error,
        "files": [await _as_json(hass, file) for file in knowledge.files],
        "limits": {
            "files": MAX_FILES,
            "chunks": MAX_CHUNKS,
            "bytes": MAX_BYTES,
            "characters": MAX_CHARACTERS,
            "pages": MAX_PAGES,
        },
    }
    connection.send_result(msg["id"], answer)


async def _as_json(hass: HomeAssistant, file: FileState) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "modified": file.modified.isoformat(),
        "chunks": file.chunks,
        "state": file.state,
        "problem": await async_reason(hass, file.problem) if file.problem else None,
    }


@websocket_command({vol.Required("type"): f"{DOMAIN}/knowledge/rescan"})
@require_admin
@async_response
async def _rescan(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Look at the folder, also at the files that something was wrong with."""
    # Large files go on being read after the answer.
    await asyncio.wait((hass.data[DATA_KNOWLEDGE].async_rescan(),), timeout=ANSWER_WITHIN)
    connection.send_result(msg["id"])
