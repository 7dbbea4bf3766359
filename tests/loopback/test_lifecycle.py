"""Starting and stopping: addresses, failures, work in hand."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from wyoming.event import async_read_event, async_write_event
from wyoming.info import Describe

from tests.fakes.echo import EchoService
from tests.loopback.serving import PATIENCE, Client, serving
from wyoming_services.address import TcpAddress
from wyoming_services.config import Limits, ListenConfig
from wyoming_services.errors import NotFoundError, StartError
from wyoming_services.server.lifecycle import run
from wyoming_services.server.server import SpeechServer

pytestmark = pytest.mark.usefixtures("this_machine")


def server(uri: str, **limits: float) -> SpeechServer:
    """Make a server with the echo service."""
    listen = ListenConfig(uri=uri, zeroconf=None, limits=Limits(**limits))
    return SpeechServer(EchoService(), listen, 1)


async def describe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Ask a server what it is."""
    await async_write_event(Describe().event(), writer)
    event = await async_read_event(reader)
    writer.close()
    await writer.wait_closed()
    return event.type


@pytest.mark.parametrize(
    ("uri", "hosts"),
    [
        ("tcp://127.0.0.1:0", ["127.0.0.1"]),
        ("tcp://0.0.0.0:0", ["127.0.0.1"]),
        ("tcp://[::1]:0", ["::1"]),
        ("tcp://[::]:0", ["::1", "127.0.0.1"]),
    ],
)
async def test_tcp_addresses(uri: str, hosts: list[str]):
    """The real port is told, and every address meant is listened on."""
    one = server(uri)
    await one.start()
    assert one.port
    for host in hosts:
        assert await describe(*await asyncio.open_connection(host, one.port)) == "info"
    await one.stop()


async def test_a_unix_socket(tmp_path: Path):
    """It is served, guarded against a second server, and removed; a stale one is no obstacle."""
    path = tmp_path / "wyoming.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    one = server(f"unix://{path}")
    await one.start()
    assert await describe(*await asyncio.open_unix_connection(path)) == "info"
    second = server(f"unix://{path}")
    with pytest.raises(StartError, match="in use"):
        await second.start()
    await second.stop()
    assert await describe(*await asyncio.open_unix_connection(path)) == "info"
    await one.stop()
    assert not path.exists()


async def test_an_address_in_use_is_told_with_its_port(tmp_path: Path):
    """And what to do."""
    async with serving() as running:
        with pytest.raises(StartError, match=f"port {running.server.port} .*choose another"):
            await run([server(str(running.server.address))], tmp_path)


async def test_an_address_of_another_machine(tmp_path: Path):
    """203.0.113.1 is nobody's (RFC 5737)."""
    with pytest.raises(StartError, match="no such address"):
        await run([server("tcp://203.0.113.1:0")], tmp_path)


async def test_models_that_cannot_be_had_end_the_start(tmp_path: Path):
    """The error says what is missing, and whoever waits is told as well."""
    one = server("tcp://127.0.0.1:0")
    one.service.load_error = NotFoundError("put the model there")
    one.service.loading.clear()
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    client = await _connect(one)
    client.send("work", items=1)
    client.send("ping")
    assert (await client.read()).type == "pong"
    one.service.loading.set()
    assert (await client.codes())[0] == "not-found"
    with pytest.raises(StartError, match="echo: put the model there"):
        await running
    await client.close()


async def _listening(one: SpeechServer) -> None:
    async with asyncio.timeout(PATIENCE):
        while not one.port:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _connect(one: SpeechServer) -> Client:
    assert isinstance(one.address, TcpAddress)
    return Client(*await asyncio.open_connection(one.address.host, one.address.port))


async def _stuck_client(one: SpeechServer, *, urgent: bool = True) -> Client:
    """Return a client whose work has begun and goes no further."""
    client = await _connect(one)
    one.service.gate.clear()
    client.send("work", items=1, urgent=urgent)
    await asyncio.to_thread(one.service.began.wait, PATIENCE)
    return client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_work_finish(number: signal.Signals, tmp_path: Path):
    """Idle clients are told at once, nobody new is taken, the running job is done."""
    one = server("tcp://127.0.0.1:0")
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    idle, busy = await _connect(one), await _connect(one)
    one.service.gate.clear()
    busy.send("work", items=2)
    await asyncio.to_thread(one.service.began.wait, PATIENCE)
    os.kill(os.getpid(), number)
    assert await idle.codes() == ["shutting-down"]
    with pytest.raises(ConnectionError):
        await _connect(one)
    one.service.gate.set()
    events = await busy.rest()
    assert [event.type for event in events] == ["item", "item", "done", "error"]
    for client in (idle, busy):
        await client.close()
    await running
    assert one.service.is_closed


async def test_work_nobody_waits_for_is_not_waited_for(tmp_path: Path):
    """Its client is told at once, long before the deadline."""
    one = server("tcp://127.0.0.1:0", shutdown=600)
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    client = await _stuck_client(one, urgent=False)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await client.codes() == ["shutting-down"]
    await client.close()
    one.service.gate.set()
    await running


async def test_stuck_work_is_told_at_the_deadline(tmp_path: Path):
    """The server ends without the thread."""
    one = server("tcp://127.0.0.1:0", shutdown=1.3)
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    client = await _stuck_client(one)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await client.codes() == ["shutting-down"]
    await client.close()
    await running
    assert not one.service.is_closed
    one.service.gate.set()
    assert await one._workers.close(PATIENCE)


async def test_a_second_signal_waits_for_nothing(tmp_path: Path):
    """Work in hand is told at once."""
    one = server("tcp://127.0.0.1:0", shutdown=600)
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    client = await _stuck_client(one)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await client.codes() == ["shutting-down"]
    await client.close()
    await running
    one.service.gate.set()
    assert await one._workers.close(PATIENCE)


@pytest.mark.parametrize(("host", "warnings"), [("0.0.0.0", 1), ("127.0.0.1", 0)])
async def test_an_address_open_to_others_is_warned_of_once(
    host: str, warnings: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """The protocol knows no passwords."""
    one = server(f"tcp://{host}:0")
    running = asyncio.create_task(run([one], tmp_path))
    await _listening(one)
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert caplog.text.count("no authentication") == warnings
