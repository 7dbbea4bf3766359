"""The programs the demo starts, and ends again."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from demo.driver.errors import DemoError

STOP_TIMEOUT = 20.0
"""Seconds a program gets to end after SIGTERM before it is killed."""


class Program:
    """One child process whose output goes to a log file.

    Raises:
        DemoError: from `wait_for`, when the program ends or says nothing in time.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = env
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start the program."""
        with self.log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self._env},
                # A group of its own: Ctrl-C reaches the demo, which then ends them in order.
                start_new_session=True,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the program, politely first."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def wait_for(self, pattern: str, timeout: float) -> re.Match[str]:  # noqa: ASYNC109
        """Wait until the log holds the pattern; the program must stay up meanwhile."""
        assert self._process is not None
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            ended = self._process.returncode is not None
            text = await asyncio.to_thread(self.log.read_text, errors="replace")
            if match := re.search(pattern, text, re.MULTILINE):
                return match
            if ended:
                raise DemoError(f"{self.name} ended early; its last lines:\n{_tail(text)}")
            if asyncio.get_running_loop().time() > deadline:
                raise DemoError(
                    f"{self.name} was not ready in {timeout:.0f} s; its last lines:\n{_tail(text)}"
                )
            await asyncio.sleep(0.1)


def _tail(text: str, lines: int = 12) -> str:
    return "\n".join(text.splitlines()[-lines:]) or "(it printed nothing)"


def python(*arguments: str) -> list[str]:
    """Return the command that runs a module with this interpreter."""
    return [sys.executable, "-m", *arguments]
