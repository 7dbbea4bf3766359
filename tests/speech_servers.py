"""The real speech servers, with the demo models, as one process for the whole test session.

A test that talks to them also asks for the fixture `socket_enabled`.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "demo" / "models"

STT_MODEL = MODELS / "whisper-demo"
VOICES = MODELS / "voices"
VOICE = "en_US-demo-low"

START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0

SERVE = (
    "serve",
    *("--stt-uri", "tcp://127.0.0.1:0", "--tts-uri", "tcp://127.0.0.1:0"),
    *("--model", str(STT_MODEL), "--stt-data-dir", str(MODELS)),
    *("--tts-data-dir", str(VOICES), "--voice", VOICE),
    # Without noise the voice says a text the same way every time.
    *("--noise-scale", "0", "--noise-w-scale", "0"),
    *("--local-files-only", "--no-zeroconf"),
)
"""Arguments that serve both with the demo models, on ports of the system's choice."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int

    @property
    def uri(self) -> str:
        """Return the address as the `wyoming` package takes it."""
        return f"tcp://{self.host}:{self.port}"


class ServerProcess:
    """A running `python -m wyoming_services`.

    Attributes:
        process: the process.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has printed up to now."""
        return self._log.read_text(errors="replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the log holds a pattern."""
        deadline = time.monotonic() + START_TIMEOUT
        while (found := re.search(pattern, self.log, re.MULTILINE)) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The servers' log lacks {pattern!r}:\n{self.log}")
            time.sleep(0.02)
        return found

    def endpoint(self, role: str) -> Endpoint:
        """Return where the server of a role listens, once it is ready."""
        found = self.wait_for(rf"{role} listening on tcp://(\S+):(\d+)$")
        self.wait_for(rf"{role} ready in")
        return Endpoint(found[1], int(found[2]))


@contextmanager
def running(log: Path, *arguments: str, **environment: str) -> Iterator[ServerProcess]:
    """Run `python -m wyoming_services` with arguments, and end it if it still runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_services", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield ServerProcess(process, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def speech_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Both servers, loading or loaded."""
    with running(tmp_path_factory.mktemp("speech") / "servers.log", *SERVE) as servers:
        yield servers


@pytest.fixture(scope="session")
def stt_server(speech_servers: ServerProcess) -> Endpoint:
    """The speech-to-text server, ready."""
    return speech_servers.endpoint("stt")


@pytest.fixture(scope="session")
def tts_server(speech_servers: ServerProcess) -> Endpoint:
    """The text-to-speech server, ready."""
    return speech_servers.endpoint("tts")
