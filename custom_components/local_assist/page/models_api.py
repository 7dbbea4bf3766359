"""The page's commands for the models of the house's Ollama. Administrators alone may send them."""

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from functools import wraps
from typing import Any, Final

import voluptuous as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import (
    async_response,
    require_admin,
    websocket_command,
)
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..coordinator import OllamaCoordinator
from ..errors import LocalAssistError
from ..models.manage import ListedModel, ModelManager
from ..runtime import LocalAssistConfigEntry

MAX_NAME: Final = 200

type _Message = dict[str, Any]
type _Handler = Callable[[HomeAssistant, ActiveConnection, _Message], None]

_MODEL: Final[dict[Any, Any]] = {
    vol.Required("entry_id"): str,
    vol.Required("model"): vol.All(str, str.strip, vol.Length(min=1, max=MAX_NAME)),
}


@callback
def async_register(hass: HomeAssistant) -> None:
    """Answer the commands from now on."""
    for handler in (_list, _pull, *_ACTIONS):
        websocket_api.async_register_command(hass, handler)


def _houses(hass: HomeAssistant) -> dict[str, LocalAssistConfigEntry]:
    """Return the entries that have an Ollama, by id."""
    entries: list[LocalAssistConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return {entry.entry_id: entry for entry in entries if entry.runtime_data.ollama}


@websocket_command({vol.Required("type"): f"{DOMAIN}/models/list", vol.Optional("entry_id"): str})
@require_admin
@async_response
async def _list(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Send the models of each server; with a server that does not answer, why."""
    servers = [
        await _told(entry_id, entry.runtime_data.ollama)
        for entry_id, entry in _houses(hass).items()
        if entry.runtime_data.ollama and msg.get("entry_id", entry_id) == entry_id
    ]
    connection.send_result(msg["id"], {"servers": servers})


async def _told(entry_id: str, ollama: OllamaCoordinator) -> _Message:
    told: _Message = {"entry_id": entry_id, "name": ollama.name, "models": [], "error": None}
    try:
        told["models"] = [_told_model(listed) for listed in await ollama.models.list()]
    except LocalAssistError as err:
        told["error"] = str(err)
    return told


def _told_model(listed: ListedModel) -> _Message:
    model, loaded = listed.model, listed.loaded
    return {
        "name": model.name,
        "size": model.size,
        "family": model.family,
        "parameters": model.parameter_size,
        "quantization": model.quantization,
        "capabilities": sorted(model.capabilities),
        "loaded": loaded
        and {
            "size": loaded.size,
            "vram": loaded.vram,
            "context": loaded.context,
            "expires": loaded.expires and loaded.expires.isoformat(),
        },
    }


@websocket_command({vol.Required("type"): f"{DOMAIN}/models/pull"} | _MODEL)
@require_admin
@callback
def _pull(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Download a model; to unsubscribe is to cancel, unless somebody else follows it too.

    Events are {status, completed, total}, the last of them of status "success", or of status
    "error" with the `error` as commands answer it.
    """
    if (entry := _houses(hass).get(msg["entry_id"])) is None or not entry.runtime_data.ollama:
        connection.send_error(msg["id"], ERR_NOT_FOUND, "no such server")
        return
    following = entry.async_create_background_task(
        hass,
        _follow(connection, msg, entry.runtime_data.ollama.models),
        f"follow the download of {msg['model']}",
    )
    connection.subscriptions[msg["id"]] = following.cancel
    connection.send_result(msg["id"])


async def _follow(connection: ActiveConnection, msg: _Message, models: ModelManager) -> None:
    try:
        async with aclosing(models.pull(msg["model"])) as progresses:
            async for progress in progresses:
                connection.send_event(
                    msg["id"],
                    {
                        "status": progress.status,
                        "completed": progress.completed,
                        "total": progress.total,
                    },
                )
    except LocalAssistError as err:
        error = {
            "message": str(err),
            "translation_domain": DOMAIN,
            "translation_key": err.key,
            "translation_placeholders": err.placeholders,
        }
        connection.send_event(msg["id"], {"status": "error", "error": error})


def _action(name: str, act: Callable[[ModelManager, str], Coroutine[Any, Any, None]]) -> _Handler:
    """Make a command of what is done with one model; what it raises is the answer too."""

    @websocket_command({vol.Required("type"): f"{DOMAIN}/models/{name}"} | _MODEL)
    @require_admin
    @async_response
    @wraps(act)
    async def handle(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
        if (entry := _houses(hass).get(msg["entry_id"])) is None or not entry.runtime_data.ollama:
            connection.send_error(msg["id"], ERR_NOT_FOUND, "no such server")
            return
        await act(entry.runtime_data.ollama.models, msg["model"])
        connection.send_result(msg["id"])

    return handle


_ACTIONS: Final = (
    _action("load", ModelManager.load),
    _action("unload", ModelManager.unload),
    _action("delete", ModelManager.delete),
)
