"""One connection to a Wyoming server: every wait has a deadline, every failure a type.

The event types and the framing are the `wyoming` package's; its client has no write deadline, hands
out whatever its reader stumbles over and takes a closed connection for the end of the work.
"""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import override

from wyoming.error import Error
from wyoming.event import Event, async_read_event, write_event
from wyoming.info import Describe, Info

from ..const import LOGGER
from ..errors import (
    SpeechClosedError,
    SpeechConnectError,
    SpeechError,
    SpeechProtocolError,
    SpeechServerError,
    SpeechTimeoutError,
)
from .programs import has_role

CONNECT_TIMEOUT = 3.0
DESCRIBE_TIMEOUT = 5.0
WRITE_TIMEOUT = 10.0
# How long the server may be silent while it still waits for us: a person speaks, a model thinks.
SENDING_TIMEOUT = 90.0
# How long it may be silent once it has everything: the time of one transcription or one sentence.
ANSWER_TIMEOUT = 20.0
CLOSE_TIMEOUT = 1.0

# What wyoming's reader and its event classes raise over events that make no sense.
_MALFORMED = (AttributeError, EOFError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class SpeechServer:
    """The address of a server, and what it is for: `stt` or `tts`."""

    role: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return host:port, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def error[ErrorT: SpeechError](self, kind: type[ErrorT], **placeholders: str) -> ErrorT:
        """Build an error that names this server."""
        return kind(role=self.role, host=self.host, port=str(self.port), **placeholders)


def _encode(event: Event) -> bytes:
    """Return the whole event, so that it takes one send instead of three."""
    with io.BytesIO() as buffer:
        write_event(event, buffer)
        return buffer.getvalue()


class _LastWordsReader(asyncio.StreamReader):
    """A reader that still hands out what came before the connection was reset.

    A server that reports an error and hangs up, our audio unread, resets the connection; asyncio's
    reader would drop the report.
    """

    @override
    def set_exception(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self.feed_eof()
        else:
            super().set_exception(exc)


class WyomingConnection:
    """An open connection. Made by `connect`."""

    def __init__(
        self, server: SpeechServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self._reader = reader
        self._writer = writer

    async def write(self, event: Event) -> None:
        """Send one event. Raises SpeechTimeoutError, SpeechClosedError."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT):
                self._writer.write(_encode(event))
                await self._writer.drain()
        except TimeoutError as err:
            raise self.server.error(SpeechTimeoutError) from err
        except OSError as err:
            raise self.server.error(SpeechClosedError) from err

    async def read(self) -> Event:
        """Receive one event; an `error` event is raised. Has no deadline of its own.

        Raises:
            SpeechClosedError, SpeechProtocolError, SpeechServerError.
        """
        try:
            event = await async_read_event(self._reader)
        except OSError as err:
            raise self.server.error(SpeechClosedError) from err
        except _MALFORMED as err:
            raise self.server.error(SpeechProtocolError) from err
        if event is None:
            raise self.server.error(SpeechClosedError)
        if Error.is_type(event.type):
            error = self.parse(Error.from_event, event)
            raise self.server.error(
                SpeechServerError, code=error.code or "unknown", message=error.text
            )
        return event

    async def answer(self, sending: asyncio.Task[None]) -> Event:
        """Receive one event while `sending` still feeds the server, or after it did.

        Raises:
            SpeechTimeoutError: no event within SENDING_TIMEOUT, or within ANSWER_TIMEOUT once all
                is sent.
            SpeechClosedError, SpeechProtocolError, SpeechServerError: as `read`.
            Exception: whatever broke what was to be sent.
        """
        read = asyncio.create_task(self.read())
        try:
            await asyncio.wait(
                (read, sending), timeout=SENDING_TIMEOUT, return_when=asyncio.FIRST_COMPLETED
            )
            if not read.done() and sending.done():
                sending.result()
                await asyncio.wait((read,), timeout=ANSWER_TIMEOUT)
            if not read.done():
                raise self.server.error(SpeechTimeoutError)
            return read.result()
        finally:
            read.cancel()

    @asynccontextmanager
    async def sending(self, events: AsyncIterable[Event]) -> AsyncGenerator[asyncio.Task[None]]:
        """Send `events` in the background for as long as the context lasts."""
        task = asyncio.create_task(self._send(events))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _send(self, events: AsyncIterable[Event]) -> None:
        async for event in events:
            try:
                await self.write(event)
                # Sending to a server that has hung up ends the connection: read what it said first.
                await asyncio.sleep(0)
            except SpeechError as err:
                # The reading side knows better why: the answer or an error event may be there.
                LOGGER.debug("Sending to %s ended early: %s", self.server, err.key)
                return

    def parse[EventT](self, from_event: Callable[[Event], EventT], event: Event) -> EventT:
        """Return the event as the class whose `from_event` is given. Raises SpeechProtocolError."""
        try:
            return from_event(event)
        except _MALFORMED as err:
            raise self.server.error(SpeechProtocolError) from err

    async def close(self) -> None:
        """Close, and do not wait long for a peer that no longer reads."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._writer.wait_closed()
        self._writer.transport.abort()


@asynccontextmanager
async def connect(server: SpeechServer) -> AsyncGenerator[WyomingConnection]:
    """Connect, and close in the end. Raises SpeechConnectError, SpeechTimeoutError."""
    connection = await open_connection(server)
    try:
        yield connection
    finally:
        await connection.close()


async def open_connection(server: SpeechServer) -> WyomingConnection:
    """Connect; the caller closes. Raises SpeechConnectError, SpeechTimeoutError."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            reader, writer = await _open_streams(server.host, server.port)
    except TimeoutError as err:
        raise server.error(SpeechTimeoutError) from err
    except (OSError, ValueError) as err:  # ValueError: a host name that cannot be encoded
        raise server.error(SpeechConnectError) from err
    return WyomingConnection(server, reader, writer)


async def _open_streams(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Do what asyncio.open_connection does, with our reader."""
    loop = asyncio.get_running_loop()
    reader = _LastWordsReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, host, port)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def describe(server: SpeechServer) -> Info:
    """Ask a server what it offers.

    Raises:
        SpeechConnectError, SpeechTimeoutError: it does not answer.
        SpeechProtocolError: it is not a Wyoming server, or not one with the server's role.
    """
    try:
        async with connect(server) as connection, asyncio.timeout(DESCRIBE_TIMEOUT):
            await connection.write(Describe().event())
            event = await connection.read()
            while not Info.is_type(event.type):
                event = await connection.read()
            info = connection.parse(Info.from_event, event)
    except TimeoutError as err:
        raise server.error(SpeechTimeoutError) from err
    except SpeechClosedError as err:
        # A Wyoming server answers this; what hangs up on it is something else.
        raise server.error(SpeechProtocolError) from err
    if not has_role(info, server.role):
        raise server.error(SpeechProtocolError)
    return info
