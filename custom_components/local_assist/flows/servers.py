"""Finding speech servers: those that announce themselves, and those at the usual ports."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from homeassistant.components import zeroconf
from homeassistant.components.zeroconf.const import DOMAIN as ZEROCONF_DOMAIN
from homeassistant.components.zeroconf.discovery import info_from_service
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.hassio import is_hassio
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from wyoming.info import Info
from yarl import URL
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo

from ..const import (
    CONF_HOST,
    CONF_PORT,
    DEFAULT_STT_PORT,
    DEFAULT_TTS_PORT,
    DOMAIN,
    SUBENTRY_STT,
    SUBENTRY_TTS,
)
from ..errors import SpeechError
from ..speech.programs import first_program
from ..speech.wyoming_client import SpeechServer, describe

WYOMING_TYPE: Final = "_wyoming._tcp.local."
SOFTWARE: Final = "local-assist"
LOCALHOST: Final = "127.0.0.1"
BROWSE_TIME: Final = 3.0
RESOLVE_TIMEOUT: Final = 1.0
PROBE_TIMEOUT: Final = 2.0
ROLES: Final = (SUBENTRY_STT, SUBENTRY_TTS)
USUAL_PORTS: Final = {SUBENTRY_STT: DEFAULT_STT_PORT, SUBENTRY_TTS: DEFAULT_TTS_PORT}
# How Home Assistant OS names the apps that most houses with local speech have.
APP_HOSTS: Final = {SUBENTRY_STT: "core-whisper", SUBENTRY_TTS: "core-piper"}


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a server says of itself on the network.

    Attributes:
        role, instance_id, ollama: from our servers' TXT record; others do not have them.
    """

    host: str
    port: int
    role: str | None = None
    instance_id: str | None = None
    ollama: str | None = None


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that has described itself."""

    server: SpeechServer
    info: Info
    instance_id: str | None = None

    @property
    def unique_id(self) -> str:
        """Return the unique id of the server's subentry."""
        return server_id(self.server, self.instance_id)

    @property
    def title(self) -> str:
        """Return the name of its program; ours says in its description which service it is."""
        role = self.server.role
        program = first_program(self.info, role)
        if not program:
            return role.upper()
        return (program.name == SOFTWARE and program.description) or program.name


def server_id(server: SpeechServer, instance_id: str | None) -> str:
    """Return what stays the same wherever the server moves, or else its address.

    Both services of one process may have the same instance id, hence the role.
    """
    return f"{server.role}:{instance_id or server}"


def announcement(service: ZeroconfServiceInfo) -> Announcement | None:
    """Return what a zeroconf service says, if it says where it is."""
    if not service.port:
        return None
    txt = service.properties
    ours = txt.get("software") == SOFTWARE
    role = txt.get("role") if ours else None
    return Announcement(
        host=service.host,
        port=service.port,
        role=role if role in ROLES else None,
        instance_id=(txt.get("id") or None) if ours else None,
        ollama=(txt.get("ollama") or None) if ours else None,
    )


async def browse(hass: HomeAssistant) -> list[Announcement]:
    """Return the Wyoming servers that announce themselves within BROWSE_TIME."""
    if ZEROCONF_DOMAIN not in hass.config.components:
        return []
    shared = (await zeroconf.async_get_async_instance(hass)).zeroconf
    names: set[str] = set()

    def note(*, name: str, state_change: ServiceStateChange, **_: object) -> None:
        if state_change is not ServiceStateChange.Removed:
            names.add(name)

    browser = AsyncServiceBrowser(shared, WYOMING_TYPE, handlers=[note])
    try:
        await asyncio.sleep(BROWSE_TIME)
    finally:
        await browser.async_cancel()
    found = await asyncio.gather(*(_resolve(shared, name) for name in names))
    return [item for item in found if item]


async def _resolve(shared: Zeroconf, name: str) -> Announcement | None:
    service = AsyncServiceInfo(WYOMING_TYPE, name)
    if not await service.async_request(shared, RESOLVE_TIMEOUT * 1000):
        return None
    info = info_from_service(service)
    return announcement(info) if info else None


async def probe(
    announcements: Iterable[Announcement], hosts: Iterable[str], hass: HomeAssistant
) -> list[FoundServer]:
    """Return the servers that answer, of those announced and at the usual ports of `hosts`."""
    candidates: dict[SpeechServer, str | None] = {}
    for item in announcements:
        for role in (item.role,) if item.role else ROLES:
            candidates[SpeechServer(role, item.host, item.port)] = item.instance_id
    for role, port in USUAL_PORTS.items():
        apps = (APP_HOSTS[role],) if is_hassio(hass) else ()
        for host in (*hosts, *apps):
            candidates.setdefault(SpeechServer(role, host, port), None)
    found = await asyncio.gather(*(_probe(*item) for item in candidates.items()))
    # Those with an id can move without being lost, so they are proposed first.
    return sorted(
        (item for item in found if item),
        key=lambda item: (item.instance_id is None, str(item.server)),
    )


async def _probe(server: SpeechServer, instance_id: str | None) -> FoundServer | None:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            return FoundServer(server, await describe(server), instance_id)
    except SpeechError, TimeoutError:
        return None


def parse_address(text: str, default_port: int) -> tuple[str, int]:
    """Return host and port of what a person typed; IPv6 addresses with a port need brackets.

    Raises:
        ValueError: it is no address.
    """
    text = text.strip().removeprefix("tcp://").rstrip("/")
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    url = URL(f"tcp://{text}")
    blank = any(character.isspace() for character in text)
    if blank or not url.host or url.path not in ("", "/") or url.user or url.query_string:
        raise ValueError(f"no address of a server: {text}")
    return url.host, url.explicit_port or default_port


async def reach(role: str, address: str, found: Iterable[FoundServer] = ()) -> FoundServer:
    """Return the server at an address, chosen from `found` or typed in.

    Raises:
        ValueError: it is no address.
        SpeechError: why it is no usable server.
    """
    server = SpeechServer(role, *parse_address(address, USUAL_PORTS[role]))
    instance_id = next((item.instance_id for item in found if item.server == server), None)
    return FoundServer(server, await describe(server), instance_id)


def configured_as(
    hass: HomeAssistant, server: SpeechServer, unique_id: str
) -> tuple[ConfigEntry, ConfigSubentry] | None:
    """Return the subentry that is this server, by its id or by its address."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in entry.get_subentries_of_type(server.role):
            address = (subentry.data[CONF_HOST], subentry.data[CONF_PORT])
            if subentry.unique_id == unique_id or address == (server.host, server.port):
                return entry, subentry
    return None


def server_selector(found: Iterable[FoundServer], role: str) -> SelectSelector:
    """Return a choice of the servers found for a role; another address may be typed."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=str(item.server), label=f"{item.title} · {item.server}")
                for item in found
                if item.server.role == role
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
