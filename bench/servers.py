"""The servers under measurement: started, asked what they used, ended. Linux only: reads /proc."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from wyoming.client import AsyncTcpClient
from wyoming.info import Describe

from bench.errors import BenchError

ROOT = Path(__file__).resolve().parents[1]
START_TIMEOUT = 120.0
STOP_TIMEOUT = 15.0
_ASK_AGAIN = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        name: what tables call it.
        port: on loopback.
        pid: of its process, whose children, if any, compute nothing.
        log: what it prints.
    """

    name: str
    port: int
    pid: int
    log: Path

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far, user and system."""
        return cpu_seconds(self.pid)

    @property
    def peak_memory(self) -> float:
        """Most memory it has had at once, in MB (resident; `VmHWM` of proc_pid_status(5))."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise BenchError(f"{self.name} has ended.")

    @property
    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def client(self) -> AsyncTcpClient:
        """Return a client that is not connected yet."""
        return AsyncTcpClient("127.0.0.1", self.port)


def cores() -> int:
    """Return how many cores this process may use."""
    return os.process_cpu_count() or 1


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far, user and system; see proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running(
    name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """Run a Wyoming server until the block ends; it is ready when the block begins.

    Args:
        name: what tables call it.
        command: the program; "{port}" in an argument becomes the port it is to listen on.
        log: where its output goes.
        env: variables beside those of this process.

    Raises:
        BenchError: it does not come up.
    """
    port = free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(part.replace("{port}", str(port)) for part in command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C reaches the bench, which ends it
        )
    server = Server(name, port, process.pid, log)
    try:
        await _ready(server, process)
        yield server
    finally:
        await _end(process)


def ours(
    role: str, *arguments: str, flags: Sequence[str] = (), threads: int, logs: Path
) -> AbstractAsyncContextManager[Server]:
    """Run one of our servers.

    Args:
        role: stt or tts.
        arguments: what every one of this bench has: its models.
        flags: what this one has besides; tables show them.
        threads: CPU threads it computes with.
        logs: folder its log goes to.
    """
    command = (
        *(sys.executable, "-P", "-m", "wyoming_services", role, *arguments),
        *("--uri", "tcp://127.0.0.1:{port}", "--cpu-threads", str(threads)),
        *("--local-files-only", "--no-zeroconf", *flags),
    )
    name = " ".join(("ours", *flags))
    return running(name, command, logs / "ours.log", {"PYTHONPATH": str(ROOT)})


async def _ready(server: Server, process: asyncio.subprocess.Process) -> None:
    """Wait until a server answers."""
    deadline = asyncio.get_running_loop().time() + START_TIMEOUT
    while True:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(START_TIMEOUT), server.client() as client:
                await client.write_event(Describe().event())
                if await client.read_event():
                    return
        if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
            raise BenchError(f"{server.name} did not start. It said:\n{server.last_words}")
        await asyncio.sleep(_ASK_AGAIN)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a server, politely first."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
