"""Whatever a client sends, it gets an `error` event or a clean close, and nobody else notices."""

import asyncio
import logging
from typing import Any

import psutil
import pytest

from tests.loopback.serving import serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

BAD = "bad-request"
LARGE = "too-large"


@pytest.fixture(autouse=True)
async def _nothing_unhandled(caplog: pytest.LogCaptureFixture):
    """Fail a test in which asyncio finds an exception nobody took, or a traceback is logged."""
    loop = asyncio.get_running_loop()
    unhandled: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    yield
    loop.set_exception_handler(None)
    assert not unhandled
    assert not [record for record in caplog.records if record.exc_info]
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(b"", None, id="end at once"),
        pytest.param(b"\n", BAD, id="blank line"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", BAD, id="not JSON"),
        pytest.param(b"\xff\xfe\x00\n", BAD, id="not UTF-8"),
        pytest.param(b"[]\n", BAD, id="list"),
        pytest.param(b"5\n", BAD, id="number"),
        pytest.param(b"{}\n", BAD, id="no type"),
        pytest.param(b'{"type": 5}\n', BAD, id="type is a number"),
        pytest.param(b'{"type": "echo", "data": []}\n', BAD, id="data is a list"),
        pytest.param(b'{"type": "x", "data_length": "5"}\n', BAD, id="length is a text"),
        pytest.param(b'{"type": "x", "data_length": 5.5}\n', BAD, id="length is a fraction"),
        pytest.param(b'{"type": "x", "data_length": -5}\n', BAD, id="length is negative"),
        pytest.param(b'{"type": "x", "data_length": NaN}\n', BAD, id="length is not a number"),
        pytest.param(
            b'{"type": "x", "data": null, "data_length": 3}\n[1]', BAD, id="data block is a list"
        ),
        pytest.param(b'{"type": "x", "data_length": 9}\n{"a": nope', BAD, id="data is not JSON"),
        pytest.param(b'{"type": "x", "payload_length": 9}\n1234', BAD, id="truncated payload"),
        pytest.param(b'{"type": "x"', BAD, id="truncated header"),
        pytest.param(
            b'{"type": "x", "data": ' + b"[" * 5000 + b"]" * 5000 + b"}\n", None, id="nested 5000"
        ),
        pytest.param(
            b'{"type": "x", "data_length": 900000}\n' + b"[" * 900_000, BAD, id="nested 900000"
        ),
        pytest.param(b"x" * (64 * 1024 + 1), LARGE, id="header too long"),
        pytest.param(b'{"type": "x", "data_length": 1048577}\n', LARGE, id="data too long"),
        pytest.param(b'{"type": "x", "payload_length": 1048577}\n', LARGE, id="payload too long"),
        pytest.param(
            b'{"type": "x", "payload_length": 1000000000000}\n', LARGE, id="payload of a terabyte"
        ),
        pytest.param(b'{"type": "ping", "data": {"text": []}}\n', BAD, id="ping with a list"),
        pytest.param(
            b'{"type": "ping", "data": {"text": "\\ud800"}}\n', BAD, id="ping with half a character"
        ),
        pytest.param(b'{"type": "unknown", "data": {"a": 1}}\n', None, id="unknown type"),
    ],
)
async def test_it_is_told_what_was_wrong(sent: bytes, code: str | None):
    """One error event with the code, or none, then the end; the next client is served."""
    async with serving() as running:
        client = await running.connect()
        client.writer.write(sent)
        client.writer.write_eof()
        expected = [BAD] if sent.startswith(b'{"type": "x", "data": [[') else [code]
        assert await client.codes() == ([] if expected == [None] else expected)
        other = await running.connect()
        other.send("echo", text="still there")
        assert (await other.read()).data == {"text": "still there"}


async def test_an_unbounded_payload_takes_no_memory():
    """A client that announces a terabyte and sends 64 MiB of it costs next to nothing."""
    async with serving() as running:
        client = await running.connect()
        before = psutil.Process().memory_info().rss
        client.writer.write(b'{"type": "x", "payload_length": 1000000000000}\n')
        block = bytes(1024 * 1024)
        try:
            for _ in range(64):
                client.writer.write(block)
                await client.writer.drain()
        except ConnectionError:
            pass  # it need not be taken
        assert psutil.Process().memory_info().rss - before < 16 * 1024 * 1024


async def test_random_bytes_from_many_clients():
    """Nothing unhandled, and the server serves on."""
    async with serving(connections=16) as running:
        for seed in range(200):
            client = await running.connect()
            client.writer.write(seed.to_bytes(2) * seed + b"\n")
            await client.close()
        client = await running.connect()
        client.send("ping", text="there?")
        assert (await client.read()).type == "pong"


@pytest.mark.parametrize(
    ("how", "code"), [("not-found", "not-found"), ("service", "engine-failed")]
)
async def test_what_a_service_refuses_is_told(how: str, code: str):
    """With its own code and text."""
    async with serving() as running:
        client = await running.connect()
        client.send("fail", how=how)
        events = await client.rest()
        assert events[-1].data["code"] == code
        assert events[-1].data["text"].startswith("no s")


async def test_a_log_line_cannot_be_forged(caplog: pytest.LogCaptureFixture):
    """Refused clients are logged with the connection's name."""
    async with serving() as running:
        client = await running.connect()
        client.send("fail", how="not-found")
        await client.rest()
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert lines == ["echo #1: not-found: no such thing"]
