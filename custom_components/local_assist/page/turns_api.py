"""The page's commands for the last turns. Administrators alone may send them: they see all."""

from typing import Any

import voluptuous as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin, websocket_command
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..turns.log import Turn, async_log


@callback
def async_register(hass: HomeAssistant) -> None:
    """Answer the commands from now on."""
    websocket_api.async_register_command(hass, _list)
    websocket_api.async_register_command(hass, _subscribe)


@websocket_command({vol.Required("type"): f"{DOMAIN}/turns/list"})
@require_admin
@callback
def _list(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send the last turns, the newest first."""
    turns = [turn.as_dict() for turn in async_log(hass).turns]
    connection.send_result(msg["id"], {"turns": turns})


@websocket_command({vol.Required("type"): f"{DOMAIN}/turns/subscribe"})
@require_admin
@callback
def _subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send each turn that ends, and once more when its reply is heard."""

    @callback
    def changed(turn: Turn) -> None:
        connection.send_event(msg["id"], {"turn": turn.as_dict()})

    connection.subscriptions[msg["id"]] = async_log(hass).async_listen(changed)
    connection.send_result(msg["id"])
