"""The health port: a little HTTP that tells whether the servers live, and whether they are ready.

`GET /health`   200 as long as the process answers.
`GET /ready`    200 once every service is ready, 503 before that and after a failure; either way
                with how each of them is.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from wyoming_services import __version__
from wyoming_services.address import TcpAddress
from wyoming_services.errors import StartError
from wyoming_services.server.binding import problem, where

if TYPE_CHECKING:
    from wyoming_services.server.server import SpeechServer

_CONNECTIONS = 16
"""At once; more are closed. Nothing that asks for health needs as many, and the services need what
the system allows this process."""
_KEEP_ALIVE = 10.0
"""Seconds a connection may be idle after an answer."""
_FAREWELL = 0.5
"""Seconds an answer may still take when the servers stop."""


class HealthServer:
    """Tells how some servers are.

    Args:
        address: where to listen.
        servers: what to tell of.

    Attributes:
        address: with the real port once started.
    """

    def __init__(self, address: TcpAddress, servers: "Sequence[SpeechServer]") -> None:
        self.address = address
        self._servers = servers
        self._server: asyncio.Server | None = None
        app = web.Application()
        app.add_routes([web.get("/health", self._health), web.get("/ready", self._ready)])
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_logger(),
            keepalive_timeout=_KEEP_ALIVE,
            shutdown_timeout=_FAREWELL,
        )

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            StartError: the address cannot be listened on.
        """
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._accept, **where(self.address))
        except OSError as error:
            raise StartError(f"health: {problem(self.address, error)}") from error
        port = self._server.sockets[0].getsockname()[1]
        self.address = TcpAddress(self.address.host, port)

    async def stop(self) -> None:
        """Stop to listen, and close every connection."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    def _accept(self) -> asyncio.BaseProtocol:
        """Take a connection on."""
        server = self._runner.server
        if server is None or len(server.connections) >= _CONNECTIONS:
            return _Refusal()
        return server()

    async def _health(self, _: web.Request) -> web.Response:
        """Tell that the process answers."""
        return web.json_response({"status": "ok", "version": __version__})

    async def _ready(self, _: web.Request) -> web.Response:
        """Tell how each service is."""
        ready = all(server.state == "ready" for server in self._servers)
        told = {server.service.role: _told(server) for server in self._servers}
        return web.json_response(told, status=200 if ready else 503)


def _logger() -> logging.Logger:
    """Return a log in which clients that speak no HTTP leave no tracebacks."""
    logger = logging.getLogger(f"{__name__}.http")
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    """Tell whether a record is about anything but a malformed request."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


class _Refusal(asyncio.Protocol):
    """Closes a connection as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


def _told(server: "SpeechServer") -> dict[str, Any]:
    """Say how one service is."""
    status = asdict(server.service.status())
    if status["cache"] is None:
        del status["cache"]
    loading = "downloading" if status["downloads"] else "loading"
    return {"state": loading if server.state == "loading" else server.state, **status}
