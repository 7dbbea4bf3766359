"""Announcing with real zeroconf, on loopback, to a browser of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import ifaddr
import pytest
from aiohttp import web
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from tests.fakes.echo import EchoService
from wyoming_services.config import ListenConfig
from wyoming_services.server import discovery
from wyoming_services.server.discovery import SERVICE_TYPE, Announcer, instance_id
from wyoming_services.server.ollama import find_ollama
from wyoming_services.server.server import SpeechServer

pytestmark = pytest.mark.usefixtures("this_machine")

LOOPBACK = ifaddr.Adapter(
    "lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo"), ifaddr.IP(("::1", 0, 0), 128, "lo")], index=1
)
WIRED = ifaddr.Adapter(
    "eth0",
    "eth0",
    [
        ifaddr.IP(("fe80::1", 0, 2), 64, "eth0"),
        ifaddr.IP(("2001:db8::5", 0, 2), 64, "eth0"),
        ifaddr.IP("192.0.2.5", 24, "eth0"),
    ],
    index=2,
)
BRIDGE = ifaddr.Adapter("docker0", "docker0", [ifaddr.IP("172.17.0.1", 16, "docker0")], index=3)


@pytest.fixture
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a network."""
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [LOOPBACK])


@asynccontextmanager
async def browsing() -> AsyncGenerator[asyncio.Queue[tuple[ServiceStateChange, str]]]:
    """Watch services come and go."""
    changes: asyncio.Queue[tuple[ServiceStateChange, str]] = asyncio.Queue()

    def on_change(
        zeroconf: Zeroconf,  # noqa: ARG001 - passed by name
        service_type: str,  # noqa: ARG001
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        changes.put_nowait((state_change, name))

    zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
    browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE_TYPE, handlers=[on_change])
    try:
        yield changes
    finally:
        await browser.async_cancel()
        await zeroconf.async_close()


async def next_change(
    changes: asyncio.Queue[tuple[ServiceStateChange, str]], kind: ServiceStateChange, name: str
) -> None:
    """Wait until a service has come or gone."""
    async with asyncio.timeout(10):
        while await changes.get() != (kind, name):
            pass


def speech_server(zeroconf: str | None = "") -> SpeechServer:
    """Make a server for both kinds of addresses."""
    return SpeechServer(EchoService(), ListenConfig(uri="tcp://[::]:0", zeroconf=zeroconf), 1)


@pytest.mark.usefixtures("only_loopback")
async def test_a_server_is_announced_and_taken_back(tmp_path: Path):
    """With its real addresses, its port and who it is; then with a goodbye."""
    server = speech_server()
    await server.start()
    announcer = Announcer(tmp_path)
    identity = instance_id(tmp_path, "echo", "")
    name = f"local-assist-echo-{identity}.{SERVICE_TYPE}"
    async with browsing() as changes:
        await announcer.announce([server])
        await next_change(changes, ServiceStateChange.Added, name)
        zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        assert await info.async_request(zeroconf.zeroconf, 3000)
        await zeroconf.async_close()
        assert info.port == server.port
        assert set(info.parsed_addresses()) == {"127.0.0.1", "::1"}
        properties = info.decoded_properties
        assert {key: properties[key] for key in ("software", "role", "id")} == {
            "software": "local-assist",
            "role": "echo",
            "id": identity,
        }
        assert properties["version"]
        await announcer.stop()
        await next_change(changes, ServiceStateChange.Removed, name)
    await server.stop()


@pytest.mark.usefixtures("only_loopback")
async def test_two_servers_of_one_name(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """The second is not announced, and the log says what to do."""
    first, second = speech_server("kitchen"), speech_server("kitchen")
    for server in (first, second):
        await server.start()
    announcers = Announcer(tmp_path), Announcer(tmp_path)
    for announcer, server in zip(announcers, (first, second), strict=True):
        await announcer.announce([server])
    assert "give one of them a name of its own" in caplog.text
    for announcer in announcers:
        await announcer.stop()
    await asyncio.gather(first.stop(), second.stop())


async def test_what_only_this_machine_reaches_is_not_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """One line says so."""
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [LOOPBACK, WIRED])
    server = SpeechServer(EchoService(), ListenConfig(uri="tcp://127.0.0.1:0"), 1)
    await server.start()
    announcer = Announcer(tmp_path)
    await announcer.announce([server])
    assert caplog.text.count("this machine only") == 1
    await announcer.stop()
    await server.stop()


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (["0.0.0.0"], ["192.0.2.5"]),
        (["::"], ["192.0.2.5", "2001:db8::5"]),
        (["192.0.2.5"], ["192.0.2.5"]),
        (["2001:db8::5"], ["2001:db8::5"]),
        (["127.0.0.1"], []),
        ([], []),
    ],
)
def test_reachable_addresses(
    bound: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
):
    """Neither loopback, nor link-local, nor a bridge to containers, nor what is not bound."""
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [LOOPBACK, WIRED, BRIDGE])
    found = discovery.reachable_addresses([ip_address(each) for each in bound])
    assert [str(address) for address in found] == expected


def test_the_id_stays(tmp_path: Path):
    """For a role and name; a broken file is replaced."""
    folder = tmp_path / "new"
    first = instance_id(folder, "stt", "")
    assert instance_id(folder, "stt", "") == first
    assert len({first, instance_id(folder, "tts", ""), instance_id(folder, "stt", "attic")}) == 3
    (folder / "instance-id").write_text("nonsense")
    assert instance_id(folder, "stt", "") != first


def test_an_id_that_cannot_be_kept_is_no_obstacle(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """The log says what follows."""
    (tmp_path / "file").touch()
    assert instance_id(tmp_path / "file", "stt", "")
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize(
    ("body", "is_ollama"), [('{"version": "0.12.0"}', True), ("<html>", False), ("[]", False)]
)
async def test_an_ollama_is_hinted_at_if_one_answers(body: str, is_ollama: bool):
    """At the address it was asked at."""

    async def version(request: web.Request) -> web.Response:
        assert request.path == "/api/version"
        return web.Response(text=body)

    runner = web.ServerRunner(web.Server(version))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = await asyncio.to_thread(find_ollama, [IPv4Address("127.0.0.1")], port)
    assert url == (f"http://127.0.0.1:{port}" if is_ollama else None)
    await runner.cleanup()
    assert await asyncio.to_thread(find_ollama, [IPv4Address("127.0.0.1")], port) is None
