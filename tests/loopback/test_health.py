"""The health port: in this process, and of the real servers while they download."""

import asyncio
import hashlib
import os
import shutil
import signal
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.fakes.echo import EchoService
from tests.fakes.hub import Hub
from tests.loopback.serving import PATIENCE
from tests.speech_servers import STT_MODEL, ServerProcess, running
from wyoming_services import __version__
from wyoming_services.address import TcpAddress
from wyoming_services.config import ListenConfig
from wyoming_services.errors import NotFoundError, StartError
from wyoming_services.protocol.status import Status, Transfer
from wyoming_services.server.health import HealthServer
from wyoming_services.server.lifecycle import run
from wyoming_services.server.server import SpeechServer

pytestmark = pytest.mark.usefixtures("this_machine")

ANY = TcpAddress("127.0.0.1", 0)


async def ask(health: HealthServer | int, path: str) -> tuple[int, Any]:
    """Return the status and the JSON of an answer."""
    port = health if isinstance(health, int) else health.address.port
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.json()


@pytest.fixture
async def echo() -> AsyncGenerator[SpeechServer]:
    """A server with the echo service, whose loading waits for the test."""
    listen = ListenConfig(uri="tcp://127.0.0.1:0", zeroconf=None)
    server = SpeechServer(EchoService(), listen, 1)
    server.service.loading.clear()
    await server.start()
    yield server
    server.service.loading.set()
    await server.stop()


@pytest.fixture
async def health(echo: SpeechServer) -> AsyncGenerator[HealthServer]:
    """The health port of that server."""
    one = HealthServer(ANY, [echo])
    await one.start()
    yield one
    await one.stop()


async def test_it_lives_before_it_is_ready(echo: SpeechServer, health: HealthServer):
    """And tells what it is waiting for."""
    loading = asyncio.create_task(echo.load())
    assert await ask(health, "/health") == (200, {"status": "ok", "version": __version__})
    told = {"state": "loading", "model": "echo", "device": "", "downloads": []}
    assert await ask(health, "/ready") == (503, {"echo": told})
    echo.service.told = Status("base", downloads=(Transfer("base", 50, 200, 25),))
    transfer = {"name": "base", "done_bytes": 50, "total_bytes": 200, "percent": 25}
    told |= {"state": "downloading", "model": "base", "downloads": [transfer]}
    assert await ask(health, "/ready") == (503, {"echo": told})
    echo.service.loading.set()
    await loading
    told["state"] = "ready"  # what others may download does not keep this one from serving
    assert await ask(health, "/ready") == (200, {"echo": told})


async def test_it_tells_of_a_failure(echo: SpeechServer, health: HealthServer):
    """For as long as somebody can ask."""
    echo.service.load_error = NotFoundError("put the model there")
    echo.service.loading.set()
    with pytest.raises(NotFoundError):
        await echo.load()
    status, told = await ask(health, "/ready")
    assert (status, told["echo"]["state"]) == (503, "failed")
    assert (await ask(health, "/health"))[0] == 200


async def test_one_service_of_two_is_not_enough(echo: SpeechServer):
    """Both must be ready."""
    other = SpeechServer(EchoService(), echo.listen, 1)
    other.service.role = "other"
    health = HealthServer(ANY, [echo, other])
    await health.start()
    await other.load()
    status, told = await ask(health, "/ready")
    assert status == 503
    assert {role: each["state"] for role, each in told.items()} == {
        "echo": "loading",
        "other": "ready",
    }
    await health.stop()
    await other.stop()


async def test_many_connections_are_not_kept(health: HealthServer):
    """They would take from the services what the system allows the process."""
    port = health.address.port
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    closed = [reader for reader, _ in opened[16:]]
    async with asyncio.timeout(PATIENCE):
        assert [await reader.read() for reader in closed] == [b""] * 4
    for _, writer in opened:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(PATIENCE):
        while len(health._runner.server.connections) > 15:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await ask(health, "/health"))[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff garbage\nERROR forged\r\n\r\n",
        b"GET /ready HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1",
        b"GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_nonsense_is_refused_and_not_logged(
    sent: bytes, health: HealthServer, caplog: pytest.LogCaptureFixture
):
    """Whoever can reach the port must not be able to fill the log."""
    reader, writer = await asyncio.open_connection("127.0.0.1", health.address.port)
    writer.write(sent)
    assert (await asyncio.wait_for(reader.readline(), PATIENCE)).split()[1].startswith(b"40")
    writer.close()
    await writer.wait_closed()
    assert (await ask(health, "/health"))[0] == 200
    assert not [each for each in caplog.records if each.name.startswith(("wyoming", "aiohttp"))]


async def test_a_defect_of_ours_is_logged(
    echo: SpeechServer, health: HealthServer, caplog: pytest.LogCaptureFixture
):
    """With its details."""
    del echo.service.told
    url = f"http://127.0.0.1:{health.address.port}/ready"
    async with ClientSession() as client, client.get(url) as answer:
        assert answer.status == 500
    assert "AttributeError" in caplog.text


async def test_a_port_that_is_taken(echo: SpeechServer, tmp_path: Path):
    """Nothing is started, and the error says which."""
    listen = ListenConfig(uri="tcp://127.0.0.1:0", zeroconf=None)
    server = SpeechServer(EchoService(), listen, 1)
    with pytest.raises(StartError, match=rf"^health: cannot listen on port {echo.port} .*in use"):
        await run([server], tmp_path, HealthServer(TcpAddress("127.0.0.1", echo.port), [server]))
    assert server.service.is_closed


@pytest.mark.parametrize(("host", "warnings"), [("::", 1), ("127.0.0.1", 0)])
async def test_it_ends_with_the_servers(
    host: str, warnings: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Somebody who keeps a connection does not hold them up; who can reach it is warned of."""
    server = SpeechServer(EchoService(), ListenConfig(uri="tcp://127.0.0.1:0", zeroconf=None), 1)
    health = HealthServer(TcpAddress(host, 0), [server])
    serving = asyncio.create_task(run([server], tmp_path, health))
    async with asyncio.timeout(PATIENCE):
        while not health.address.port:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await ask(health, "/health"))[0] == 200
    reader, writer = await asyncio.open_connection("127.0.0.1", health.address.port)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await serving
        assert await reader.read() == b""
    writer.close()
    assert caplog.text.count("health can be reached from other machines") == warnings


async def test_a_service_is_tended(echo: SpeechServer, caplog: pytest.LogCaptureFixture):
    """From when it is ready to the end, also after it failed once; in a thread."""
    service = EchoService(tending=0.01)
    server = SpeechServer(service, echo.listen, 1)
    await server.start()
    await asyncio.sleep(0.05)
    assert service.tended == 0
    await server.load()
    async with asyncio.timeout(PATIENCE):
        while service.tended < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await server.stop()
    ended = service.tended
    await asyncio.sleep(0.05)
    assert service.tended == ended
    (record,) = [each for each in caplog.records if each.exc_info]
    assert record.getMessage() == "echo: tending failed"
    assert record.threadName.startswith("echo")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with a model of some size, which stops in the middle of it."""
    model = Path(shutil.copytree(STT_MODEL, tmp_path / "model"))
    with (model / "model.bin").open("ab") as file:
        file.write(bytes(30_000_000))  # CTranslate2 does not read past the last weight
    server = Hub()
    server.publish("house/model", model)
    server.held = 25_000_000
    server.gate.clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


async def test_the_real_servers_tell_how_far_a_download_is(hub: Hub, tmp_path: Path):
    """Killed in the middle of it they go on where they were; then they are ready, and say on what.

    What the log says is what the port says.
    """
    data = tmp_path / "data"
    arguments = (
        *("stt", "--uri", "tcp://127.0.0.1:0", "--health-uri", "tcp://127.0.0.1:0"),
        *("--model", "house/model", "--data-dir", str(data), "--no-zeroconf"),
    )
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub")}
    with running(tmp_path / "first", *arguments, **environment) as first:
        told = await _told_when(first, lambda each: each["downloads"][0]["percent"] >= 60)
        assert (told["state"], told["model"]) == ("downloading", "house/model")
        (download,) = told["downloads"]
        assert download["name"] == "house/model"
        assert 60 <= download["percent"] < 100
        assert download["total_bytes"] > 32_000_000
        first.wait_for(r"house/model: 2\d of 33 MB \(6\d %\), ")
        first.process.kill()
        first.process.wait()
    (part,) = data.rglob("*.part")
    here = part.stat().st_size
    assert here >= 20_000_000
    hub.asked.clear()
    hub.gate.set()
    with running(tmp_path / "second", *arguments, **environment) as second:
        told = await _told_when(second, lambda each: each["state"] == "ready")
        assert told["device"].startswith("cpu, int8_float32, ")
        assert told["device"] in second.wait_for(r"Loaded Whisper model house/model .*")[0]
        second.wait_for(r"house/model: going on at 6\d %")
    assert hub.ranges("model.bin") == [f"bytes={here}-"]
    content = (data / "house" / "model" / "model.bin").read_bytes()
    source = hub.files[next(path for path in hub.files if path.endswith("model.bin"))]
    assert hashlib.sha256(content).digest() == hashlib.sha256(source.read_bytes()).digest()


async def _told_when(server: ServerProcess, condition: Any) -> dict[str, Any]:
    """Return what a real server tells of speech-to-text once a condition holds of it."""
    found = await asyncio.to_thread(server.wait_for, r"health listening on tcp://127.0.0.1:(\d+)$")
    told: dict[str, Any] = {"state": "", "downloads": []}
    async with asyncio.timeout(60):
        while not (told["downloads"] or told["state"] == "ready") or not condition(told):
            await asyncio.sleep(0.05)
            status, roles = await ask(int(found[1]), "/ready")
            told = roles["stt"]
            assert status == (200 if told["state"] == "ready" else 503)
    return told


async def test_a_taken_port_ends_the_real_server(tmp_path: Path):
    """Exit code 3, and one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        arguments = ("tts", "--uri", "tcp://127.0.0.1:0", "--health-uri", uri, "--no-zeroconf")
        with running(tmp_path / "log", *arguments) as server:
            assert await asyncio.to_thread(server.process.wait, 30) == 3
    assert server.log.splitlines()[-1].startswith("local-assist: health: cannot listen on port")
    assert "Traceback" not in server.log
