"""The threads a service computes on, so that the event loop never does."""

import asyncio
import logging
import threading
from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from operator import itemgetter
from typing import Any

from wyoming_services.errors import (
    BusyError,
    DeadlineError,
    InternalError,
    ServiceError,
    ShuttingDownError,
)
from wyoming_services.protocol.session import Lane, Start

_LOGGER = logging.getLogger(__name__)

END: Any = object()
"""What `Job.next` returns once the job has ended."""

_POLL = 0.01


class Workers:
    """A bounded number of threads, and a bounded number of urgent jobs that wait for one.

    A thread belongs to a job only while it computes an item, so jobs take turns and a client that
    reads slowly keeps no thread. An urgent job has its second item computed before others get a
    turn: what has begun to sound must not stop at once. A thread that is still computing at its
    deadline is given up: another one stands in for it, up to `parallel` at a time.

    Args:
        name: prefix of the threads' names.
        parallel: items computed at once in the `WORK` lane; one in the `LISTEN` lane.
        queued: urgent jobs that may wait for their turn.
        deadline: seconds until the first item of a job, waiting included, and between two.
    """

    def __init__(self, *, name: str, parallel: int, queued: int, deadline: float) -> None:
        self.deadline = deadline
        self._threads: list[threading.Thread] = []
        self._executor = ThreadPoolExecutor(
            max_workers=2 * parallel
            + 2,  # the ones that stand in, the one that loads, the listener
            thread_name_prefix=name,
            initializer=lambda: self._threads.append(threading.current_thread()),
        )
        self._turns = {Lane.WORK: _Turns(parallel), Lane.LISTEN: _Turns(1)}
        self._queued = queued
        self._loaded = asyncio.Event()
        self._failure: ServiceError | None = None

    async def load(self, load: Callable[[], None]) -> None:
        """Run what every job waits for.

        Raises:
            ServiceError: it failed, and so does every job from now on.
        """
        try:
            await asyncio.wrap_future(self._executor.submit(load))
        except ServiceError as error:
            self._failure = error
            raise
        except asyncio.CancelledError:
            self._failure = ShuttingDownError("The server was stopped while it was loading.")
            raise
        except Exception as error:
            _LOGGER.exception("Loading failed")
            self._failure = InternalError("Loading failed; the server's log has the details.")
            raise self._failure from error
        finally:
            self._loaded.set()

    def admit(self, job: "Job") -> None:
        """Take a job on, unless it is urgent and too many such wait already.

        Raises:
            BusyError: they do.
        """
        if job.urgent and (self._turns[job.lane].taken or not self._loaded.is_set()):
            self.check_room(job.lane)

    def check_room(self, lane: Lane) -> None:
        """See whether one more urgent job may wait.

        Raises:
            BusyError: it may not.
        """
        if self._turns[lane].urgent >= self._queued:
            raise BusyError("The server has too much to do at the moment; try again later.")

    async def turn(self, job: "Job") -> Callable[[], None]:
        """Wait for the models and for a free thread: urgent jobs first, then first come.

        Returns:
            How to give the thread back.

        Raises:
            ServiceError: the models could not be loaded.
        """
        turns = self._turns[job.lane]
        with turns.waiting(job):
            await self._loaded.wait()
            if self._failure is not None:
                raise type(self._failure)(str(self._failure))
            await turns.take(job)
        return turns.give_back

    def compute(self, job: "Job") -> Future[Any]:
        """Compute a job's next item on the thread that was waited for."""
        return self._executor.submit(job.advance)

    def submit(self, function: Callable[[], None]) -> None:
        """Run a short function on any thread, out of turn, unless the threads are ending."""
        with suppress(RuntimeError):
            self._executor.submit(function)

    async def close(self, patience: float) -> bool:
        """Let the threads end; what has not begun never does.

        Returns:
            Whether they all have within `patience` seconds.
        """
        self._executor.shutdown(wait=False, cancel_futures=True)
        try:
            async with asyncio.timeout(patience):
                # The executor cannot be waited for with a deadline.
                while any(thread.is_alive() for thread in self._threads):  # noqa: ASYNC110
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            return False
        return True


class _Turns:
    """Which job of a lane computes next."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: dict[Job, asyncio.Future[None] | None] = {}

    @property
    def taken(self) -> bool:
        """Whether a job that comes now must wait."""
        return not self._free

    @property
    def urgent(self) -> int:
        """How many urgent jobs wait."""
        return sum(job.urgent for job in self._waiting)

    @contextmanager
    def waiting(self, job: "Job") -> Iterator[None]:
        """Count a job among those that wait, in the order they came."""
        self._waiting[job] = None
        try:
            yield
        finally:
            del self._waiting[job]

    async def take(self, job: "Job") -> None:
        """Wait for this job's turn."""
        if self._free:
            self._free -= 1
            return
        turn = self._waiting[job] = get_running_loop().create_future()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        """Pass a turn on to the job it is for, or keep it for the next that comes."""
        asking = [
            (not job.urgent, turn)
            for job, turn in self._waiting.items()
            if turn and not turn.done()
        ]
        if asking:
            _, turn = min(asking, key=itemgetter(0))  # the first of equals
            turn.set_result(None)
        else:
            self._free += 1


class Job:
    """A job being computed, an item at a time.

    Args:
        workers: whose threads compute it.
        start: what to compute, where, and whether somebody waits for it.
    """

    def __init__(self, workers: Workers, start: Start) -> None:
        self.lane = start.lane
        self.urgent = start.urgent
        self._workers = workers
        self._job = start.job
        self._iterator: Iterator[Any] | None = None
        self._step: Future[Any] | None = None
        self._give_back: Callable[[], None] | None = None
        self._items = 0
        self._ended = False

    def hurry(self) -> None:
        """Make the job urgent.

        Raises:
            BusyError: too many urgent ones wait already.
        """
        if not self.urgent and self._step is None:
            self._workers.check_room(self.lane)
        self.urgent = True

    async def next(self) -> Any:
        """Return the next item, or `END`.

        Raises:
            DeadlineError: it took too long; the thread may still be computing.
            Exception: whatever the job raised.
        """
        deadline = asyncio.timeout(self._workers.deadline)
        try:
            async with deadline:
                if self._give_back is None:
                    self._give_back = await self._workers.turn(self)
                self._step = self._workers.compute(self)
                try:
                    return await asyncio.wrap_future(self._step)
                finally:
                    if self._step.done():
                        self._computed()
        except TimeoutError as error:
            if not deadline.expired():
                raise
            self.pass_on()
            seconds = f"{self._workers.deadline:g}"
            raise DeadlineError(f"There was no result within {seconds} seconds.") from error

    def pass_on(self) -> None:
        """Let others have the thread."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()

    def drop(self) -> None:
        """Let go of the job: the iterator is closed once the item being computed is there."""
        if self._step is None or self._step.done():
            self.pass_on()
        else:
            self._step.add_done_callback(partial(self._pass_on_from_thread, get_running_loop()))
        if self._step is not None and not self._ended:
            self._step.add_done_callback(self._dropped)

    def _computed(self) -> None:
        """Keep the thread after the first item only."""
        self._items += 1
        if not self.urgent or self._items != 1 or self._ended:
            self.pass_on()

    def _pass_on_from_thread(self, loop: asyncio.AbstractEventLoop, _: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop may be gone when a given-up thread comes back
            loop.call_soon_threadsafe(self.pass_on)

    def advance(self) -> Any:
        """Compute an item, on a worker thread."""
        try:
            if self._iterator is None:
                self._iterator = iter(self._job())
            item = next(self._iterator, END)
        except BaseException:
            self._ended = True
            raise
        self._ended = item is END
        return item

    def _dropped(self, step: Future[Any]) -> None:
        """Have the iterator closed, now that nobody computes."""
        self._workers.submit(self._close)
        if not step.cancelled() and (error := step.exception()):
            _LOGGER.debug("A job failed after it was dropped", exc_info=error)

    def _close(self) -> None:
        """Close the iterator, on a worker thread; a generator's `finally` runs here."""
        close = getattr(self._iterator, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                _LOGGER.exception("A job could not be closed")
