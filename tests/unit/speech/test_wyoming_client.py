"""Connecting to and describing a Wyoming server, and every way in which that fails."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Info
from wyoming.ping import Ping, Pong

from custom_components.local_assist.errors import (
    SpeechClosedError,
    SpeechConnectError,
    SpeechError,
    SpeechProtocolError,
    SpeechServerError,
    SpeechTimeoutError,
)
from custom_components.local_assist.speech import wyoming_client
from custom_components.local_assist.speech.wyoming_client import SpeechServer, connect, describe
from tests.fakes.wyoming import Peer, asr, describing, serve, tts

pytestmark = pytest.mark.usefixtures("socket_enabled")


def write_bytes(data: bytes) -> Callable[[Peer], Awaitable[None]]:
    """Return the script of a server that answers anything with `data` and hangs up."""

    async def script(peer: Peer) -> None:
        await peer.read()
        peer.writer.write(data)

    return script


async def hang(peer: Peer) -> None:
    """Hang."""
    await peer.hang()


async def test_describe_returns_what_the_server_says() -> None:
    """Describe returns what the server says."""
    async with serve(describing(Info(asr=[asr("en", "de")]))) as server:
        info = await describe(SpeechServer("stt", server.host, server.port))

    assert info.asr[0].models[0].languages == ["en", "de"]


async def test_describe_skips_other_events() -> None:
    """Describe skips other events."""

    async def script(peer: Peer) -> None:
        await peer.read()
        await peer.write(Pong(), Info(tts=[tts(anna="en")]))

    async with serve(script) as server:
        info = await describe(SpeechServer("tts", server.host, server.port))

    assert info.tts[0].name == "Speaker"


async def test_describe_refuses_a_server_of_the_other_kind() -> None:
    """Describe refuses a server of the other kind."""
    async with serve(describing(Info(tts=[tts(anna="en")]))) as server:
        with pytest.raises(SpeechProtocolError) as raised:
            await describe(SpeechServer("stt", server.host, server.port))

    assert raised.value.placeholders == {
        "role": "stt",
        "host": server.host,
        "port": str(server.port),
    }


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (hang, SpeechTimeoutError),
        (write_bytes(b""), SpeechProtocolError),
        (write_bytes(b"SSH-2.0-OpenSSH_9.2\r\n"), SpeechProtocolError),
        (write_bytes(b'["info"]\n'), SpeechProtocolError),
        (write_bytes(b'{"data": {}}\n'), SpeechProtocolError),
        (write_bytes(b'{"type": "info", "data_length": 10}\n{'), SpeechProtocolError),
        (write_bytes(b'{"type": "info", "data": {"asr": [{"name": 1}]}}\n'), SpeechProtocolError),
        (write_bytes(b'{"type": "error", "data": {"text": "full"}}\n'), SpeechServerError),
    ],
)
async def test_describe_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[Peer], Awaitable[None]],
    error: type[SpeechError],
) -> None:
    """Describe says what is wrong."""
    monkeypatch.setattr(wyoming_client, "DESCRIBE_TIMEOUT", 0.2)
    async with serve(script) as server:
        with pytest.raises(error):
            await describe(SpeechServer("stt", server.host, server.port))


async def test_nobody_there(unused_tcp_port: int) -> None:
    """Nobody there."""
    with pytest.raises(SpeechConnectError):
        await describe(SpeechServer("stt", "127.0.0.1", unused_tcp_port))


async def test_error_event_carries_code_and_text() -> None:
    """Error event carries code and text."""

    async def script(peer: Peer) -> None:
        await peer.write(Error(text="too busy", code="busy"))

    async with (
        serve(script) as server,
        connect(SpeechServer("stt", server.host, server.port)) as peer,
    ):
        with pytest.raises(SpeechServerError) as raised:
            await peer.read()

    assert raised.value.placeholders["code"] == "busy"
    assert raised.value.placeholders["message"] == "too busy"


async def test_writing_to_a_server_that_never_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing to a server that never reads."""
    monkeypatch.setattr(wyoming_client, "WRITE_TIMEOUT", 0.2)
    monkeypatch.setattr(wyoming_client, "CLOSE_TIMEOUT", 0.1)

    async def script(_peer: Peer) -> None:
        await asyncio.Event().wait()

    async with (
        serve(script) as server,
        connect(SpeechServer("tts", server.host, server.port)) as peer,
    ):
        with pytest.raises(SpeechTimeoutError):
            await peer.write(Event("audio-chunk", payload=bytes(100_000_000)))


async def test_a_broken_source_breaks_the_answer() -> None:
    """A broken source breaks the answer."""

    async def broken() -> AsyncGenerator[Event]:
        yield Ping().event()
        raise RuntimeError("microphone gone")

    async with (
        serve(hang) as server,
        connect(SpeechServer("stt", server.host, server.port)) as peer,
        peer.sending(broken()) as sending,
    ):
        with pytest.raises(RuntimeError, match="microphone gone"):
            await peer.answer(sending)


async def test_a_server_that_hangs_up_while_we_send() -> None:
    """A server that hangs up while we send."""

    async def endless() -> AsyncGenerator[Event]:
        while True:
            yield Event("audio-chunk", payload=bytes(10_000))

    async def script(peer: Peer) -> None:
        await peer.read()

    async with (
        serve(script) as server,
        connect(SpeechServer("stt", server.host, server.port)) as peer,
        peer.sending(endless()) as sending,
    ):
        with pytest.raises(SpeechClosedError):
            await peer.answer(sending)


def test_address_of_an_ipv6_host_has_brackets() -> None:
    """Address of an ipv6 host has brackets."""
    assert str(SpeechServer("stt", "fe80::1", 10300)) == "[fe80::1]:10300"
    assert str(SpeechServer("stt", "10.0.0.2", 10300)) == "10.0.0.2:10300"
