"""One listening service: accepts connections up to a limit, loads, stops in order."""

import asyncio
import errno
import logging
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from wyoming.error import Error

from wyoming_services.address import Address, TcpAddress, UnixAddress
from wyoming_services.config import ListenConfig
from wyoming_services.errors import BusyError, ServiceError, ShuttingDownError, StartError
from wyoming_services.protocol.framing import encode
from wyoming_services.protocol.session import Service
from wyoming_services.server.binding import problem, where
from wyoming_services.server.connection import READ_SIZE, Connection, linger
from wyoming_services.server.workers import Workers

_LOGGER = logging.getLogger(__name__)

_FAREWELL = 0.5
"""Seconds, of the shutdown deadline, to tell clients that their work did not finish."""

_THREADS = 0.5
"""Seconds, of the shutdown deadline, for threads to end once nobody waits for their work."""


class SpeechServer:
    """Serves a `Service` on one address.

    Args:
        service: what is offered.
        listen: where, and within which limits.
        parallel: items the service computes at once.

    Attributes:
        address: with the real port once started.
        state: `loading`, `ready`, or `failed` when there is no model to be had.
    """

    def __init__(self, service: Service, listen: ListenConfig, parallel: int) -> None:
        self.service = service
        self.listen = listen
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._refusals: set[asyncio.Task[None]] = set()
        self._accepted = 0
        self._stopping = False
        self._server: asyncio.Server | None = None
        self._tending: asyncio.Task[None] | None = None
        self._workers = Workers(
            name=service.role,
            parallel=parallel,
            queued=listen.limits.queued_jobs,
            deadline=listen.limits.job,
        )
        self.address: Address = listen.address
        self.state = "loading"

    @property
    def bound(self) -> list[IPv4Address | IPv6Address]:
        """The IP addresses the sockets are bound to; none before `start`."""
        if self._server is None or isinstance(self.address, UnixAddress):
            return []
        return [ip_address(each.getsockname()[0]) for each in self._server.sockets]

    @property
    def port(self) -> int:
        """The TCP port, real once started; 0 for a socket in the file system."""
        return self.address.port if isinstance(self.address, TcpAddress) else 0

    async def start(self) -> None:
        """Begin to accept connections; `address` then has the real port.

        Raises:
            StartError: the address cannot be listened on.
        """
        try:
            self._server = await self._bind()
        except OSError as error:
            raise StartError(f"{self.service.role}: {problem(self.address, error)}") from error
        if isinstance(self.address, TcpAddress):
            port = self._server.sockets[0].getsockname()[1]
            self.address = TcpAddress(self.address.host, port)

    async def load(self) -> None:
        """Load the service's models; clients are served meanwhile, their work waits.

        Raises:
            ServiceError: they cannot be had.
        """
        try:
            await self._workers.load(self.service.load)
        except ServiceError:
            self.state = "failed"
            raise
        self.state = "ready"
        if self.service.tending:
            self._tending = asyncio.create_task(self._tend(self.service.tending))

    async def stop(self) -> None:
        """Stop: idle clients are told at once, work gets until the shutdown deadline."""
        self._stopping = True
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for connection in self._connections.values():
            connection.stop()
        await self._wait(self.listen.limits.shutdown - _FAREWELL - _THREADS)
        self.abandon()
        await self._wait(_FAREWELL)
        for task in (*self._connections, *self._refusals):
            task.cancel()
        await self._wait(None)
        if await self._workers.close(_THREADS):
            self.service.close()
        else:
            _LOGGER.warning("%s: work is stuck and was left behind", self.service.role)
        if self._server is not None and isinstance(self.address, UnixAddress):
            self.address.path.unlink(missing_ok=True)

    def abandon(self) -> None:
        """End every connection now, whatever it is doing."""
        for connection in self._connections.values():
            connection.end(ShuttingDownError("The server was stopped before this was done."))

    async def _tend(self, every: float) -> None:
        """Have the service tended from time to time."""
        while True:
            await asyncio.sleep(every)
            self._workers.submit(self._tend_once)

    def _tend_once(self) -> None:
        """Tend the service, on a worker thread."""
        try:
            self.service.tend()
        except Exception:
            _LOGGER.exception("%s: tending failed", self.service.role)

    async def _wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - of `asyncio.wait`
        """Wait until every client has been let go, or for some seconds."""
        if tasks := {*self._connections, *self._refusals}:
            await asyncio.wait(tasks, timeout=timeout)

    async def _bind(self) -> asyncio.Server:
        """Listen on the address."""
        address = self.address
        if isinstance(address, UnixAddress):
            _refuse_live_socket(address.path)
            return await asyncio.start_unix_server(self._accept, path=address.path, limit=READ_SIZE)
        return await asyncio.start_server(self._accept, **where(address), limit=READ_SIZE)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a client on, or tell it at once that it cannot be served."""
        limits = self.listen.limits
        if self._stopping:
            self._refuse(reader, writer, ShuttingDownError("The server is shutting down."))
            return
        if len(self._connections) >= limits.connections:
            text = f"The server has its {limits.connections} connections; try again later."
            self._refuse(reader, writer, BusyError(text))
            return
        self._accepted += 1
        connection = Connection(
            name=f"{self.service.role} #{self._accepted}",
            service=self.service,
            workers=self._workers,
            limits=limits,
            reader=reader,
            writer=writer,
        )
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)

    def _refuse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, error: ServiceError
    ) -> None:
        """Send an error and close; only so many refused clients are waited for."""
        _LOGGER.debug("%s refused a client: %s", self.service.role, error.code)
        writer.write(encode(Error(text=str(error), code=error.code).event()))
        if len(self._refusals) >= self.listen.limits.connections:
            writer.close()
            return
        task = asyncio.create_task(_let_go(reader, writer))
        self._refusals.add(task)
        task.add_done_callback(self._refusals.discard)


async def _let_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close a connection once its client has read what it was told."""
    try:
        await linger(reader, writer)
    except OSError:
        pass
    finally:
        writer.transport.abort()


def _refuse_live_socket(path: Path) -> None:
    """Make sure that no server answers there: asyncio would take its place without a word.

    Raises:
        OSError: one does.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "in use")
