"""Running the servers of one process from start to signal."""

import asyncio
import logging
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_services.address import Address, TcpAddress
from wyoming_services.errors import ServiceError, StartError
from wyoming_services.server.server import SpeechServer

if TYPE_CHECKING:
    from wyoming_services.server.discovery import Announcer
    from wyoming_services.server.health import HealthServer

_LOGGER = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run(
    servers: Sequence[SpeechServer], folder: Path, health: "HealthServer | None" = None
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends what is still running.

    Args:
        servers: what to serve, not started.
        folder: where the instance id is kept.
        health: tells how they are, not started; or None.

    Raises:
        StartError: one of them cannot be had; none is left running.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            for server in servers:
                server.abandon()
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    announcer = _announcer(servers, folder)
    tasks: set[asyncio.Task[Any]] = set()
    try:
        for server in servers:
            await server.start()
            _tell_where(server.service.role, server.address, "the Wyoming protocol")
        if health is not None:
            await health.start()
            _tell_where("health", health.address, "it")
        preparing = asyncio.create_task(_prepare(servers, announcer))
        stopping = asyncio.create_task(stop.wait())
        tasks = {preparing, stopping}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await preparing
            await stopping
        _LOGGER.info("stopping")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if health is not None:
            await health.stop()
        leaving = [announcer.stop()] if announcer else []
        await asyncio.gather(*leaving, *(server.stop() for server in servers))
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _tell_where(role: str, address: Address, protocol: str) -> None:
    """Log an address, and what it means when others can reach it."""
    _LOGGER.info("%s listening on %s", role, address)
    if isinstance(address, TcpAddress) and not address.is_loopback:
        _LOGGER.warning(
            "%s can be reached from other machines: %s has no authentication, "
            "so keep port %s inside your own network",
            role,
            protocol,
            address.port,
        )


def _announcer(servers: Sequence[SpeechServer], folder: Path) -> "Announcer | None":
    """Return what announces the servers, unless all are silent."""
    if all(server.listen.zeroconf is None for server in servers):
        return None
    from wyoming_services.server.discovery import Announcer  # noqa: PLC0415 - takes memory

    return Announcer(folder)


async def _prepare(servers: Sequence[SpeechServer], announcer: "Announcer | None") -> None:
    """Load the models, then announce what is ready to be used."""
    await asyncio.gather(*(_load(server) for server in servers))
    if announcer:
        await announcer.announce(servers)


async def _load(server: SpeechServer) -> None:
    """Load one server's models.

    Raises:
        StartError: they cannot be had.
    """
    began = time.monotonic()
    try:
        await server.load()
    except ServiceError as error:
        raise StartError(f"{server.service.role}: {error}") from error
    _LOGGER.info("%s ready in %.1f s", server.service.role, time.monotonic() - began)
