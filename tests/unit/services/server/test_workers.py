"""Who computes first: real threads, jobs that wait to be let."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wyoming_services.errors import BusyError
from wyoming_services.protocol.session import Lane, Start
from wyoming_services.server.workers import END, Job, Workers


class Work:
    """Jobs that note when they compute, on workers that are busy until they are let."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.order: list[str] = []
        self.gate = threading.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, name: str, *, steps: int = 1, **start: Any) -> Job:
        """Begin a job of some steps, the first of which waits at the gate."""

        def compute() -> Iterator[int]:
            for step in range(steps):
                self.gate.wait(10)
                self.order.append(f"{name}{step}")
                yield step

        job = Job(self.workers, Start(compute, **start))
        self.workers.admit(job)
        self._tasks.append(asyncio.create_task(self._drain(job)))
        return job

    async def done(self) -> list[str]:
        """Let all jobs go on, and return what was computed, in order."""
        await asyncio.sleep(0.05)
        self.gate.set()
        await asyncio.gather(*self._tasks)
        return self.order

    @staticmethod
    async def _drain(job: Job) -> None:
        while await job.next() is not END:
            pass


@asynccontextmanager
async def busy(*, queued: int = 16) -> AsyncGenerator[Work]:
    """Return workers with one thread, which has something to do."""
    workers = Workers(name="test", parallel=1, queued=queued, deadline=10)
    await workers.load(lambda: None)
    work = Work(workers)
    work.begin("running")
    await asyncio.sleep(0.05)
    try:
        yield work
    finally:
        await work.done()
        assert await workers.close(5)


async def test_urgent_jobs_come_before_guesses() -> None:
    """And within each kind who came first."""
    async with busy() as work:
        work.begin("guess", urgent=False)
        work.begin("other guess", urgent=False)
        work.begin("answer")
        work.begin("other answer")
        order = await work.done()
    assert order == ["running0", "answer0", "other answer0", "guess0", "other guess0"]


async def test_a_guess_gives_way_between_its_steps() -> None:
    """What becomes urgent while it computes does not wait for its end."""
    async with busy() as work:
        work.order.clear()
        work.gate.set()
        await asyncio.sleep(0.05)
        work.gate.clear()
        work.begin("guess", steps=2, urgent=False)
        await asyncio.sleep(0.05)
        work.begin("answer")
        order = await work.done()
    assert order[1:] == ["guess0", "answer0", "guess1"]


async def test_a_guess_somebody_waits_for_is_urgent() -> None:
    """It keeps its place among those that wait."""
    async with busy() as work:
        guess = work.begin("guess", urgent=False)
        await asyncio.sleep(0.05)
        work.begin("answer")
        guess.hurry()
        order = await work.done()
    assert order == ["running0", "guess0", "answer0"]


async def test_what_has_begun_to_sound_goes_on_before_others_begin() -> None:
    """For one more item; then all take turns."""
    async with busy() as work:
        work.begin("one", steps=4)
        work.begin("other", steps=2)
        order = await work.done()
    assert order[1:] == ["one0", "one1", "other0", "other1", "one2", "one3"]


async def test_a_dropped_job_keeps_no_thread() -> None:
    """A client may hang up between the first item and the second."""
    async with busy() as work:
        work.gate.set()
        await work.done()
        job = Job(work.workers, Start(lambda: iter("abc")))
        assert await job.next() == "a"
        job.drop()
        work.begin("other")
        assert (await work.done())[-1] == "other0"


async def test_a_job_that_must_wait_lets_others_compute() -> None:
    """Its client does not read: it asks for its second item later."""
    async with busy() as work:
        work.gate.set()
        await work.done()
        job = Job(work.workers, Start(lambda: iter("abc")))
        assert await job.next() == "a"
        job.pass_on()
        work.begin("other")
        assert (await work.done())[-1] == "other0"
        assert [await job.next() for _ in range(3)] == ["b", "c", END]


async def test_listening_never_waits_for_work() -> None:
    """It has a thread of its own."""
    async with busy() as work:
        heard = Job(work.workers, Start(lambda: iter([1]), lane=Lane.LISTEN))
        assert await heard.next() == 1


async def test_only_urgent_jobs_are_too_many() -> None:
    """A guess takes nobody's place in the queue; what becomes urgent needs one."""
    async with busy(queued=1) as work:
        guess = work.begin("guess", urgent=False)
        work.begin("answer")
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError):
            work.begin("another")
        work.begin("other guess", urgent=False)
        with pytest.raises(BusyError):
            guess.hurry()
        await work.done()


async def test_a_turn_nobody_takes_is_passed_on() -> None:
    """Of a client that hung up in the moment its turn came."""
    async with busy() as work:
        turns = work.workers._turns[Lane.WORK]
        job = Job(work.workers, Start(lambda: iter([1])))
        waiting = asyncio.create_task(job.next())
        await asyncio.sleep(0.05)
        work.begin("answer")
        await asyncio.sleep(0.05)
        turns.give_back()  # as if there were a second thread
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        work.gate.set()
        assert sorted(await work.done()) == ["answer0", "running0"]
        assert turns._free == 2
