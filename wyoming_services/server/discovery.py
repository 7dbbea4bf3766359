"""Announcing the services on the network, the way Home Assistant looks for them (zeroconf)."""

import asyncio
import logging
import re
import uuid
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import ifaddr
from zeroconf import Error as ZeroconfError
from zeroconf import NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from wyoming_services import __version__
from wyoming_services.server.ollama import find_ollama
from wyoming_services.server.server import SpeechServer

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE = "_wyoming._tcp.local."

IpAddress = IPv4Address | IPv6Address

_CONTAINER_BRIDGE = re.compile(r"(docker|podman|cni|virbr|lxcbr|veth).*|br-[0-9a-f]{12}")
"""Interfaces to containers and guests: on Linux no other machine can reach their addresses."""


def instance_id(folder: Path, role: str, name: str) -> str:
    """Return the id of a service on this machine, the same at every start.

    It stands for the machine, the role and the name given to the service, not for its address:
    whoever knows the id recognises the service when its address changes.

    Args:
        folder: where the machine's part is kept.
        role: `stt` or `tts`.
        name: given by the user to tell two services of one role apart, else "".
    """
    path = folder / "instance-id"
    try:
        machine = uuid.UUID(path.read_text("ascii").strip())
    except (OSError, ValueError):
        machine = uuid.uuid4()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{machine}\n", "ascii")
        except OSError as error:
            _LOGGER.warning(
                "The instance id cannot be kept in %s (%s): Home Assistant will take this server "
                "for another one after a restart",
                folder,
                error.strerror,
            )
    return uuid.uuid5(machine, f"{role}/{name}").hex[:12]


def reachable_addresses(bound: Sequence[IpAddress]) -> list[IpAddress]:
    """Return the addresses at which other machines reach a server, IPv4 first.

    Those of loopback count only on a machine that has no others.

    Args:
        bound: what the server's sockets are bound to.
    """
    every = [
        address
        for adapter in ifaddr.get_adapters()
        if not _CONTAINER_BRIDGE.fullmatch(adapter.name)
        for ip in adapter.ips
        # An IPv6 address comes as a tuple with its scope.
        if not (address := ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])).is_link_local
    ]
    usable = [address for address in every if not address.is_loopback] or every
    return [address for address in sorted(usable, key=_order) if _takes(bound, address)]


def _order(address: IpAddress) -> tuple[int, int]:
    return address.version, int(address)


def _takes(bound: Sequence[IpAddress], address: IpAddress) -> bool:
    """Tell whether a server takes connections to an address; `::` takes both kinds."""
    return any(
        own == address or (own.is_unspecified and own.version in {6, address.version})
        for own in bound
    )


class Announcer:
    """Announces servers until it is stopped.

    Announcing is a convenience: when the network does not allow it, the log says so, and the
    servers work all the same.

    Args:
        folder: where the instance id is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._zeroconf: AsyncZeroconf | None = None

    async def announce(self, servers: Sequence[SpeechServer]) -> None:
        """Announce those of the servers that other machines can reach and that are not silent."""
        try:
            await self._announce([each for each in servers if each.listen.zeroconf is not None])
        except (OSError, ZeroconfError) as error:
            _LOGGER.warning("Announcing on the network failed: %s", error or type(error).__name__)
        except Exception:
            _LOGGER.exception("Announcing on the network failed")

    async def _announce(self, servers: Sequence[SpeechServer]) -> None:
        found = {server: reachable_addresses(server.bound) for server in servers}
        for server, addresses in found.items():
            if not addresses:
                role = server.service.role
                _LOGGER.info("%s listens on this machine only and is not announced", role)
        every = sorted({each for addresses in found.values() for each in addresses}, key=_order)
        if not every:
            return
        ollama = await asyncio.to_thread(find_ollama, every)
        # Multicast cannot be sent from ::1.
        interfaces = [str(each) for each in every if each != IPv6Address("::1")]
        zeroconf = self._zeroconf = AsyncZeroconf(interfaces=interfaces)
        for server, addresses in found.items():
            if addresses:
                await self._register(zeroconf, server, addresses, ollama)

    async def _register(
        self,
        zeroconf: AsyncZeroconf,
        server: SpeechServer,
        addresses: list[IpAddress],
        ollama: str | None,
    ) -> None:
        """Announce one server."""
        role, own_name = server.service.role, server.listen.zeroconf or ""
        identity = instance_id(self._folder, role, own_name)
        name = own_name or f"local-assist-{role}-{identity}"
        info = AsyncServiceInfo(
            SERVICE_TYPE,
            f"{name}.{SERVICE_TYPE}",
            parsed_addresses=[str(address) for address in addresses],
            port=server.port,
            properties={
                "software": "local-assist",
                "version": __version__,
                "role": role,
                "id": identity,
                **({"ollama": ollama} if ollama else {}),
            },
            server=f"local-assist-{role}-{identity}.local.",
        )
        try:
            await (await zeroconf.async_register_service(info))
        except NonUniqueNameException:
            _LOGGER.warning(
                "%s is not announced: another server is called %s; give one of them a name of its "
                "own (--zeroconf NAME)",
                role,
                name,
            )
        else:
            _LOGGER.info("%s announced as %s", role, name)

    async def stop(self) -> None:
        """Take the announcements back, so that nobody looks for the servers any more."""
        if self._zeroconf is not None:
            await self._zeroconf.async_close()
