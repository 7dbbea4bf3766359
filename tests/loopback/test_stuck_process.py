"""A process whose engine hangs ends all the same."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loopback.serving import Client

pytestmark = pytest.mark.usefixtures("socket_enabled")

ROOT = Path(__file__).parents[2]

PROGRAM = """
from tests.fakes.echo import EchoService
from wyoming_services.cli import app as cli
from wyoming_services.cli.logs import DEFAULT_FORMAT, set_up_logging
from wyoming_services.config import Limits, ListenConfig
from wyoming_services.server.server import SpeechServer

def serve(_):
    set_up_logging(debug=False, log_format=DEFAULT_FORMAT)
    service = EchoService()
    service.gate.wait = lambda _: __import__("time").sleep(600)
    listen = ListenConfig(uri="tcp://127.0.0.1:0", zeroconf=None, limits=Limits(shutdown=1.3))
    cli._serve(lambda: [SpeechServer(service, listen, 1)])
    return 0

cli.execute = serve
cli.main()
"""


async def test_a_stuck_thread_does_not_keep_the_process():
    """SIGTERM: the client is told, the exit code is 0, long before the thread would end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    line = await asyncio.wait_for(process.stderr.readline(), 30)
    listening = re.search(rb"listening on tcp://127.0.0.1:(\d+)", line)
    assert listening, line
    client = Client(*await asyncio.open_connection("127.0.0.1", int(listening[1])))
    client.send("work", items=1)
    client.send("ping")
    assert (await client.read()).type == "pong"
    process.terminate()
    assert await client.codes() == ["shutting-down"]
    await client.close()
    _, log = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert b"left behind" in log
    assert b"Traceback" not in log
