"""Caps, deadlines and backpressure, each on a real connection."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from wyoming.event import Event

from tests.loopback.serving import PATIENCE, Serving, serving
from wyoming_services.protocol.session import Lane

pytestmark = pytest.mark.usefixtures("socket_enabled")


def waiting(running: Serving) -> int:
    """Return how many jobs wait for a thread."""
    return running.server._workers._turns[Lane.WORK].urgent


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds, which must come to pass."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert condition(), what


async def test_one_connection_too_many_is_told_at_once():
    """The others are not disturbed, and a free place is given again."""
    async with serving(connections=2) as running:
        first, second = await running.connect(), await running.connect()
        for client in (first, second):
            client.send("ping")
            assert (await client.read()).type == "pong"
        assert await (await running.connect()).codes() == ["busy"]
        await first.close()
        await until(lambda: len(running.server._connections) == 1, "the place is free")
        third = await running.connect()
        third.send("echo", text="hello")
        second.send("echo", text="hello")
        assert (await third.read()).type == (await second.read()).type == "echo"


async def test_a_flood_of_connections_leaves_nothing_behind():
    """All but the allowed are refused; then everything is as before."""
    async with serving(connections=4) as running:
        clients = [await running.connect() for _ in range(100)]
        for client in clients[4:]:
            assert await client.codes() == ["busy"]
        for client in clients:
            await client.close()
        await until(
            lambda: not running.server._connections and not running.server._refusals, "all gone"
        )


async def test_a_client_that_says_nothing_is_let_go():
    """At the first-event deadline, also when it trickles bytes."""
    async with serving(first_event=0.3) as running:
        silent, slow = await running.connect(), await running.connect()
        trickle = asyncio.create_task(_trickle(slow.writer))
        assert await silent.codes() == ["timeout"]
        assert await slow.codes() == ["timeout"]
        trickle.cancel()


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await asyncio.sleep(0.05)


async def test_an_event_must_be_complete_in_time():
    """The read deadline counts from its first byte."""
    async with serving(read=0.3) as running:
        client = await running.connect()
        client.send("echo", text="hello")
        assert (await client.read()).type == "echo"
        client.writer.write(b'{"type":')
        (error,) = await client.rest()
        assert error.data["code"] == "timeout"
        assert "not complete" in error.data["text"]


async def test_an_idle_client_is_let_go_but_not_while_its_job_runs():
    """The idle deadline begins anew when the job ends."""
    async with serving(idle=0.3) as running:
        running.service.gate.clear()
        client = await running.connect()
        client.send("work", items=1)
        await asyncio.sleep(0.6)
        running.service.gate.set()
        assert [event.type for event in await client.rest()] == ["item", "done", "error"]


async def test_describe_and_ping_are_answered_during_loading_and_work():
    """Work waits for the models; the questions do not."""
    async with serving(load=False) as running:
        running.service.loading.clear()
        loading = asyncio.create_task(running.server.load())
        client = await running.connect()
        client.send("work", items=1)
        for question, answer in (("describe", "info"), ("ping", "pong")):
            client.send(question)
            assert (await client.read()).type == answer
        running.service.gate.clear()
        running.service.loading.set()
        await loading
        await asyncio.to_thread(running.service.began.wait, PATIENCE)
        client.send("describe")
        assert (await client.read()).type == "info"
        running.service.gate.set()
        assert [(await client.read()).type, (await client.read()).type] == ["item", "done"]


async def test_a_job_has_a_deadline_even_if_its_thread_is_stuck():
    """The client is told, and another thread takes the next job."""
    async with serving(job=0.3) as running:
        running.service.gate.clear()
        client = await running.connect()
        client.send("work", items=1)
        assert await client.codes() == ["timeout"]
        other = await running.connect()
        other.send("fail", how="service")  # needs no gate
        assert (await other.read()).type == "item"


async def test_more_work_than_the_queue_holds_is_refused():
    """One runs, one waits, the third is told; the first two are served."""
    async with serving(queued_jobs=1) as running:
        running.service.gate.clear()
        clients = [await running.connect() for _ in range(3)]
        clients[0].send("work", items=1)
        await asyncio.to_thread(running.service.began.wait, PATIENCE)
        clients[1].send("work", items=1)
        await until(lambda: waiting(running) == 1, "the second waits")
        clients[2].send("work", items=1)
        assert await clients[2].codes() == ["busy"]
        running.service.gate.set()
        for client in clients[:2]:
            assert [(await client.read()).type, (await client.read()).type] == ["item", "done"]


async def test_queued_work_of_a_client_that_left_never_runs():
    """Nor does the rest of the running work."""
    async with serving() as running:
        running.service.gate.clear()
        first, second = await running.connect(), await running.connect()
        first.send("work", items=5)
        await asyncio.to_thread(running.service.began.wait, PATIENCE)
        second.send("work", items=5)
        await until(lambda: waiting(running) == 1, "the second waits")
        await second.close()
        await first.close()
        await until(lambda: not running.server._connections, "both are gone")
        running.service.gate.set()
        assert await asyncio.to_thread(running.service.dropped.wait, PATIENCE)
        assert running.service.made == 1


async def test_a_cancelled_job_is_closed_and_the_connection_lives_on():
    """`ended` is not called for it."""
    async with serving() as running:
        client = await running.connect()
        client.send("work", items=100_000)
        assert (await client.read()).type == "item"
        client.send("cancel")
        events: list[Event] = []
        while not events or events[-1].type != "cancelled":
            events.append(await client.read())
        assert await asyncio.to_thread(running.service.dropped.wait, PATIENCE)
        client.send("echo", text="hello")
        assert (await client.read()).type == "echo"


async def test_a_reader_that_stops_slows_its_own_work_only():
    """Little is made ahead; others are served; at the write deadline its place is free."""
    async with serving(write=0.5) as running:
        stuck = await running.connect()
        raw = stuck.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.writer.transport.pause_reading()
        stuck.send("work", items=100_000, bytes=64 * 1024)
        await asyncio.to_thread(running.service.began.wait, PATIENCE)
        other = await running.connect()
        other.send("work", items=1)
        assert [(await other.read()).type, (await other.read()).type] == ["item", "done"]
        await until(lambda: len(running.server._connections) == 1, "the stuck one is gone")
        assert running.service.made < 1000
        assert await asyncio.to_thread(running.service.dropped.wait, PATIENCE)


async def test_a_reader_that_stops_at_once_keeps_no_thread():
    """Though its job would have its second item computed before others get a turn."""
    async with serving(parallel=1) as running:
        stuck = await running.connect()
        stuck.writer.transport.pause_reading()
        stuck.send("work", items=2, bytes=32 * 1024 * 1024)
        await until(lambda: running.service.made == 1, "the first item")
        other = await running.connect()
        other.send("work", items=1)
        assert [(await other.read()).type, (await other.read()).type] == ["item", "done"]


async def test_a_client_may_send_faster_than_it_is_served():
    """Every echo comes back, in order."""
    async with serving() as running:
        client = await running.connect()
        for number in range(2000):
            client.send("echo", payload=bytes(100), number=number)
        for number in range(2000):
            assert (await client.read()).data == {"number": number}


async def test_a_session_may_close():
    """What was sent before arrives."""
    async with serving() as running:
        client = await running.connect()
        client.send("quit")
        assert [event.type for event in await client.rest()] == ["bye"]
