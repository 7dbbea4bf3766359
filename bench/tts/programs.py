"""The two text-to-speech servers and Piper's bare library, started in the same way."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.errors import BenchError
from bench.servers import Server, running
from bench.tts import bare

_NO_CACHE = ("--cache-bytes", "0")
_TIMEOUT = 120.0


class Library:
    """Piper's library in a process of its own; see `bench.tts.bare`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def cpu_seconds(self) -> float:
        """CPU time so far."""
        return servers.cpu_seconds(self._process.pid)

    async def say(self, text: str) -> float:
        """Render a text; return its seconds of speech.

        Raises:
            BenchError: it has ended.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{json.dumps(text)}\n".encode())
        async with asyncio.timeout(_TIMEOUT):
            line = await stdout.readline()
        if not line:
            raise BenchError("Piper's library does not speak: its error is above.")
        return float(line)


@dataclass(frozen=True, slots=True)
class Programs:
    """Starts everything with one voice.

    Attributes:
        voice: its `.onnx`, alone with its configuration in a folder.
        peer: interpreter of the peer's environment; None where no peer is wanted.
        logs: folder for what servers print.
        threads: CPU threads each gets.
    """

    voice: Path
    peer: Path | None
    logs: Path
    threads: int

    def ours(self) -> AbstractAsyncContextManager[Server]:
        """Run our server, with its defaults but for the cache of short replies."""
        arguments = (*self._voice, *_NO_CACHE)
        return servers.ours("tts", *arguments, threads=self.threads, logs=self.logs)

    def theirs(self) -> AbstractAsyncContextManager[Server]:
        """Run wyoming-piper, with its defaults."""
        if self.peer is None:
            raise ValueError("There is no peer to run.")
        command = (
            *(str(self.peer), "-P", "-m", "wyoming_piper"),
            *(*self._voice, "--uri", "tcp://127.0.0.1:{port}"),
        )
        return running("wyoming-piper", command, self.logs / "theirs.log")

    @contextlib.asynccontextmanager
    async def library(self, *, resting: bool) -> AsyncIterator[Library]:
        """Run Piper's library: as it is, or with our number of threads, and these at rest."""
        flags = ("--resting-threads", str(self.threads)) if resting else ()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", bare.__file__, str(self.voice), *flags),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield Library(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    @property
    def _voice(self) -> tuple[str, ...]:
        return ("--voice", self.voice.stem, "--data-dir", str(self.voice.parent))
