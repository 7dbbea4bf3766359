"""The page's command for how each part is. Nothing is asked for it: it tells what is known.

Only administrators may send it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin, websocket_command
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_URL, DOMAIN
from ..coordinator import HealthCoordinator, OllamaCoordinator, SpeechCoordinator
from ..knowledge.knowledge import DATA_KNOWLEDGE
from ..memory.memory import DATA_MEMORY
from ..runtime import FallbackServer, LocalAssistConfigEntry
from ..speech.programs import first_program

type _Part = dict[str, Any]


@callback
def async_register(hass: HomeAssistant) -> None:
    """Answer the command from now on."""
    websocket_api.async_register_command(hass, _health)


@websocket_command({vol.Required("type"): f"{DOMAIN}/health"})
@require_admin
@callback
def _health(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send the parts of all houses."""
    entries: list[LocalAssistConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    parts = [part for entry in entries for part in _parts(entry)]
    connection.send_result(msg["id"], {"parts": [*parts, _memory(hass), _knowledge(hass)]})


def _parts(entry: LocalAssistConfigEntry) -> Iterator[_Part]:
    """Yield the servers of a house."""
    data = entry.runtime_data
    if data.ollama:
        yield _ollama(data.ollama)
    for subentry_id, server in data.servers.items():
        yield _backend(server, entry.subentries[subentry_id].data[CONF_URL])
    for subentry_id, coordinator in data.speech.items():
        yield _speech(coordinator, entry.subentries[subentry_id].title)


def _ollama(coordinator: OllamaCoordinator) -> _Part:
    status = coordinator.data
    return _looked_after(coordinator) | {
        "name": "Ollama",
        "kind": "ollama",
        "address": coordinator.backend.url,
        "detail": status.version if status else None,
    }


def _speech(coordinator: SpeechCoordinator, title: str) -> _Part:
    server, info = coordinator.server, coordinator.data
    program = first_program(info, server.role) if info else None
    detail = " ".join(filter(None, (program.name, program.version))) if program else None
    return _looked_after(coordinator) | {
        "name": title,
        "kind": server.role,
        "address": str(server),
        "detail": detail,
    }


def _looked_after(coordinator: HealthCoordinator[Any]) -> _Part:
    """Return what its coordinator knows of a server."""
    ok = coordinator.last_update_success
    return {
        "ok": ok,
        "error": None if ok else str(coordinator.error or coordinator.last_exception or ""),
        "latency_ms": coordinator.latency and round(coordinator.latency * 1000),
        "last_seen": coordinator.last_seen and coordinator.last_seen.isoformat(),
    }


def _backend(server: FallbackServer, address: str) -> _Part:
    """Return what is known of a server that is only asked when it must stand in."""
    health = server.server.health
    last_seen = health.last_seen
    return {
        "name": server.server.name,
        "kind": "backend",
        "address": address,
        # Before it was ever asked nobody knows.
        "ok": health.usable if last_seen or not health.usable else None,
        "error": None if health.usable else str(health.error),
        "latency_ms": None,
        "last_seen": last_seen and last_seen.isoformat(),
        "detail": server.model,
    }


def _memory(hass: HomeAssistant) -> _Part:
    health = hass.data[DATA_MEMORY].health
    latency = health.latency_ms and round(health.latency_ms)
    return _kept("memory", health.path, health.error) | {"latency_ms": latency}


def _knowledge(hass: HomeAssistant) -> _Part:
    health = hass.data[DATA_KNOWLEDGE].health
    return _kept("knowledge", health.folder, health.error)


def _kept(kind: str, path: Path, error: str | None) -> _Part:
    """Return what is known of what Home Assistant's own disk keeps."""
    return {
        "name": path.name,
        "kind": kind,
        "address": str(path),
        "ok": error is None,
        "error": error,
        "latency_ms": None,
        "last_seen": None,
        "detail": None,
    }
