"""One client: its events go to a session, the session's effects are carried out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any

from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong

from wyoming_services.config import Limits
from wyoming_services.errors import (
    DeadlineError,
    InternalError,
    ServiceError,
    ShuttingDownError,
)
from wyoming_services.protocol import fields
from wyoming_services.protocol.framing import Framer, encode
from wyoming_services.protocol.session import (
    Cancel,
    Close,
    Effects,
    Hurry,
    Lane,
    Later,
    Send,
    Service,
    Start,
)
from wyoming_services.server.workers import END, Job, Workers

_LOGGER = logging.getLogger(__name__)

READ_SIZE = 64 * 1024
"""Bytes taken from a socket at once; asyncio keeps at most twice as many beside it."""

AHEAD = 256 * 1024
"""Bytes of a job's answers that may be unsent while it goes on: some seconds of speech."""

LINGER = 1.0
"""Seconds to go on reading after the last word: closing a socket that has unread bytes resets the
connection, and the client may lose what it was told."""


class NotReadingError(ConnectionError):
    """The client takes nothing any more: it is gone, or so slow that it might as well be."""


class ConnectionLogger(logging.LoggerAdapter[logging.Logger]):
    """Puts the connection's name before every message."""

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[str, MutableMapping[str, Any]]:
        """Add the name."""
        return f"{self.extra['name'] if self.extra else ''}: {msg}", kwargs


class Connection:
    """Serves one client until it goes, fails, or the server stops.

    Reading goes on while a job runs, so `describe` and `ping` are answered at once and a client
    that hangs up frees its thread. What arrives is handled, and what that causes is written, before
    anything more is read: a client that does not read is not read from either.
    """

    def __init__(
        self,
        *,
        name: str,
        service: Service,
        workers: Workers,
        limits: Limits,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._log = ConnectionLogger(_LOGGER, {"name": name})
        self._service = service
        self._session = service.session()
        self._workers = workers
        self._limits = limits
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[Exception | None] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._work: dict[Lane, tuple[asyncio.Task[None], Job]] = {}
        self._stopping = False
        self._patience = asyncio.timeout(None)
        self._reading = False
        self._heard = False
        self._quiet_since = self._loop.time()
        self._event_since: float | None = None

    async def run(self) -> None:
        """Serve the client and close the connection; raises nothing."""
        self._log.debug("connected from %s", self._writer.get_extra_info("peername") or "here")
        # With a low-water mark above 0 `drain` would return while something is still unsent.
        self._writer.transport.set_write_buffer_limits(0)
        self._spawn(self._read)
        try:
            error = await self._over
            await self._let_go()
            await self._say_goodbye(error)
        finally:
            self._writer.transport.abort()
            await self._let_go()
        with suppress(OSError):
            await self._writer.wait_closed()
        self._log.debug("closed")

    def end(self, error: Exception | None = None) -> None:
        """End the connection, telling the client why if there is an error."""
        if not self._over.done():
            self._over.set_result(error)

    def stop(self) -> None:
        """End the connection as soon as it has no job, or only what nobody waits for."""
        self._stopping = True
        self._end_if_stopped()

    async def _let_go(self) -> None:
        """Cancel reading and the job, and wait until they are."""
        self._cancel_timer()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end_if_stopped(self) -> None:
        if self._stopping and not any(job.urgent for _, job in self._work.values()):
            self.end(ShuttingDownError("The server is shutting down."))

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run a task of this connection; whatever goes wrong in it ends the connection."""

        async def guarded() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - told and logged where the connection ends
                self.end(error)

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _read(self) -> None:
        """Handle what the client sends until it ends or breaks a deadline."""
        framer = Framer()
        try:
            async with self._patience:
                while data := await self._receive():
                    framer.feed(data)
                    while (event := framer.next_event()) is not None:
                        self._heard = True
                        self._event_since = None
                        await self._handle(event)
                        self._quiet_since = self._loop.time()
                    if self._event_since is None and framer.in_event:
                        self._event_since = self._loop.time()
        except TimeoutError as error:
            raise DeadlineError(self._impatience()[1]) from error
        framer.end()
        self.end()

    async def _receive(self) -> bytes:
        """Wait for bytes, not for ever; none means the client has hung up."""
        self._reading = True
        self._patience.reschedule(self._impatience()[0])
        data = await self._reader.read(READ_SIZE)
        self._reading = False
        self._patience.reschedule(None)
        return data

    def _impatience(self) -> tuple[float | None, str]:
        """Return until when the next bytes must come, and what is wrong if they do not."""
        limits = self._limits
        if not self._heard:
            text = f"No event came within {limits.first_event:g} seconds."
            return self._quiet_since + limits.first_event, text
        if self._event_since is not None:
            text = f"An event was not complete after {limits.read:g} seconds."
            return self._event_since + limits.read, text
        if self._work:
            return None, ""
        return self._quiet_since + limits.idle, f"Nothing came for {limits.idle:g} seconds."

    async def _handle(self, event: Event) -> None:
        """Answer an event, or have the session take it."""
        if Describe.is_type(event.type):
            self._send(self._service.info().event())
        elif Ping.is_type(event.type):
            self._send(Pong(text=fields.text(event.data, "text")).event())
        else:
            self._apply(self._session.receive(event))
        await self._flush()
        await asyncio.sleep(0)  # many small events must not keep the loop from other clients

    def _apply(self, effects: Effects) -> None:
        """Carry out what the session wants, without giving other tasks a turn between."""
        for effect in effects:
            match effect:
                case Send(event):
                    self._send(event)
                case Start():
                    job = Job(self._workers, effect)
                    self._work[effect.lane] = self._spawn(partial(self._do, job)), job
                case Hurry() if Lane.WORK in self._work:
                    self._work[Lane.WORK][1].hurry()
                case Cancel(lane) if lane in self._work:
                    self._work.pop(lane)[0].cancel()
                case Later(seconds, then):
                    self._cancel_timer()
                    self._timer = self._loop.call_later(
                        seconds, self._spawn, partial(self._carry_out, then)
                    )
                case Close():
                    self.end()
        self._end_if_stopped()

    async def _do(self, job: Job) -> None:
        """Run a job to its end, its items going to the session one by one."""
        error: ServiceError | None = None
        try:
            self._workers.admit(job)
            try:
                while (item := await job.next()) is not END:
                    self._apply(self._session.item(item))
                    if self._unsent > AHEAD:
                        job.pass_on()
                        await self._flush()
            finally:
                job.drop()
        except ServiceError as caught:
            error = caught
        except NotReadingError:
            raise
        except Exception:  # noqa: BLE001 - logged, and told as an internal error
            self._log.exception("A job failed")
            error = _internal_error()
        del self._work[job.lane]
        self._quiet_since = self._loop.time()
        self._apply(self._session.ended(job.lane, error))
        await self._flush()
        if self._reading:
            self._patience.reschedule(self._impatience()[0])

    async def _carry_out(self, then: Callable[[], Effects]) -> None:
        """Carry out effects whose time has come."""
        self._apply(then())
        await self._flush()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _send(self, event: Event) -> None:
        """Put an event into the write buffer; `_flush` waits until it has gone."""
        self._writer.write(encode(event))

    @property
    def _unsent(self) -> int:
        """Bytes the client has not taken."""
        return self._writer.transport.get_write_buffer_size()

    async def _flush(self) -> None:
        """Wait until the client has taken what was sent.

        Raises:
            NotReadingError: it took nothing for the whole write deadline, or is gone.
        """
        unsent = self._unsent
        while unsent:
            try:
                async with asyncio.timeout(self._limits.write):
                    await self._writer.drain()
            except TimeoutError as error:
                before, unsent = unsent, self._unsent
                if unsent >= before:
                    raise NotReadingError("the client does not read") from error
            except OSError as error:
                raise NotReadingError(str(error)) from error
            else:
                return

    async def _say_goodbye(self, error: Exception | None) -> None:
        """Tell the client what ended the connection, and wait until it knows."""
        if isinstance(error, OSError):
            self._log.debug("lost: %s", error)
            return
        self._explain(error)
        with suppress(OSError):
            await self._flush()
            await linger(self._reader, self._writer)

    def _explain(self, error: Exception | None) -> None:
        """Log an error, and send the client as much of it as it may know."""
        if error is None:
            return
        if isinstance(error, ServiceError):
            self._log.warning("%s: %s", error.code, error)
        else:
            self._log.error("The session failed", exc_info=error)
            error = _internal_error()
        self._send(Error(text=str(error), code=error.code).event())


async def linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let the client read its last event: end our side, drop what it still sends, for a moment.

    Raises:
        OSError: the client is gone.
    """
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while await reader.read(READ_SIZE):
                pass


def _internal_error() -> InternalError:
    return InternalError("Something went wrong here; the server's log has the details.")
