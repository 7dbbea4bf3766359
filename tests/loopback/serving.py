"""A `SpeechServer` with the echo service in the test's own loop, and a client that sends bytes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from wyoming.event import Event, async_read_event

from tests.fakes.echo import EchoService
from wyoming_services.address import TcpAddress
from wyoming_services.config import Limits, ListenConfig
from wyoming_services.protocol.framing import encode
from wyoming_services.server.server import SpeechServer

PATIENCE = 10.0
"""Seconds a test waits for what must come."""


class Client:
    """A client that may be as rude as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, type_: str, payload: bytes | None = None, **data: Any) -> None:
        """Send an event."""
        self.writer.write(encode(Event(type_, data, payload)))

    async def read(self) -> Event | None:
        """Return the next event, None at the end; one of them must come."""
        async with asyncio.timeout(PATIENCE):
            return await async_read_event(self.reader)

    async def rest(self) -> list[Event]:
        """Return every event until the server closes, which it must."""
        events = []
        while (event := await self.read()) is not None:
            events.append(event)
        return events

    async def codes(self) -> list[str | None]:
        """Return the codes of the errors until the server closes."""
        return [event.data.get("code") for event in await self.rest() if event.type == "error"]

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Serving:
    """A running server."""

    def __init__(self, server: SpeechServer, service: EchoService) -> None:
        self.server = server
        self.service = service
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        """Return a new client."""
        assert isinstance(self.server.address, TcpAddress)
        client = Client(
            *await asyncio.open_connection(
                self.server.address.host, self.server.address.port, limit=4 * 1024 * 1024
            )
        )
        self.clients.append(client)
        return client


@asynccontextmanager
async def serving(
    *, parallel: int = 1, load: bool = True, **limits: Any
) -> AsyncGenerator[Serving]:
    """Run a server on loopback; everything must end within its limits."""
    service = EchoService()
    listen = ListenConfig(uri="tcp://127.0.0.1:0", zeroconf=None, limits=Limits(**limits))
    server = SpeechServer(service, listen, parallel)
    running = Serving(server, service)
    await server.start()
    try:
        if load:
            await server.load()
        yield running
    finally:
        service.gate.set()
        service.loading.set()
        for client in running.clients:
            await client.close()
        await server.stop()
        assert service.is_closed
