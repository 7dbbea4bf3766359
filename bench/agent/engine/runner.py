"""The engine's process: `llama-server` with the model, and its single slot."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.agent.engine.contract import Request
from bench.agent.engine.program import Program
from bench.errors import BenchError
from bench.servers import free_port

BATCH = 512
"""Ollama's default `num_batch`: as much is read before it looks whether the client hung up."""
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 10.0
_ASK_AGAIN = 0.05
# A step asks for one token and takes none of the time of choosing well.
_STEP = {"n_predict": 1, "cache_prompt": True, "ignore_eos": True, "temperature": 0, "top_k": 1}


@dataclass(frozen=True, slots=True)
class Piece:
    """A token and its bytes."""

    token: int
    bytes: bytes


class Runner:
    """Runs the engine as Ollama does: one process for a model and its window.

    Attributes:
        window: tokens of its context; 0 while it is not running.
    """

    def __init__(self, program: Program, weights: Path, *, threads: int, log: Path) -> None:
        self.window = 0
        self._program, self._weights, self._threads, self._log = program, weights, threads, log
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self, window: int) -> None:
        """Load the model; its cache is empty.

        Raises:
            BenchError: it does not start.
        """
        await self.stop()
        port = free_port()
        arguments = (
            *("--model", self._weights, "--host", "127.0.0.1", "--port", port),
            *("--no-webui", "--offline", "--no-jinja", "--chat-template", "chatml"),
            *("-c", window, "-np", 1, "-b", BATCH, "-ub", BATCH, "-t", self._threads),
        )
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._program.command,
                *map(str, arguments),
                cwd=self._program.folder,
                # The other way threads spin when one of them has lost its core to the agent.
                env=os.environ | {"OMP_WAIT_POLICY": "passive"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the bench, which ends it
            )
        self._session = aiohttp.ClientSession(
            f"http://127.0.0.1:{port}",
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(force_close=True),  # it closes streams itself
        )
        await self._ready()
        self.window = window

    async def stop(self) -> None:
        """Unload the model, and with it the cache."""
        self.window = 0
        if self._session is not None:
            await self._session.close()
            self._session = None
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def tokens(self, text: str) -> list[Piece]:
        """Return the tokens of a text, special ones included."""
        body = {"content": text, "parse_special": True, "with_pieces": True}
        async with self._post("/tokenize", body) as response:
            found = (await response.json())["tokens"]
        return [Piece(item["id"], _bytes(item["piece"])) for item in found]

    async def read(self, prompt: list[int], request: Request) -> None:
        """Have the prompt read; what that takes is put down while it goes on.

        The engine stops when this is cancelled, at the end of the batch it is at.
        """
        left = 0
        try:
            async for event in self._events(prompt):
                if progress := event.get("prompt_progress"):
                    request.cached = progress["cache"]
                    request.evaluated = progress["processed"] - progress["cache"]
                    request.read_ms = progress["time_ms"]
                    left = progress["total"] - progress["processed"]
                elif timings := event.get("timings"):
                    request.cached, request.evaluated = timings["cache_n"], timings["prompt_n"]
                    request.read_ms = timings["prompt_ms"]
        except asyncio.CancelledError:
            request.evaluated += min(left, BATCH)
            raise

    async def _events(self, prompt: list[int]) -> AsyncIterator[dict[str, Any]]:
        """Yield what the engine tells while it reads a prompt."""
        body = {"prompt": prompt, "stream": True, "return_progress": True, **_STEP}
        async with self._post("/completion", body) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def step(self, tokens: list[int]) -> float:
        """Add the last of these tokens to the others; return the milliseconds it took.

        That is what generating a token costs: the token before it is computed with.
        """
        async with self._post("/completion", {"prompt": tokens, **_STEP}) as response:
            return float((await response.json())["timings"]["prompt_ms"])

    def _post(self, path: str, body: dict[str, Any]) -> aiohttp.client._RequestContextManager:
        assert self._session is not None
        return self._session.post(path, json=body, raise_for_status=True)

    async def _ready(self) -> None:
        """Wait until the model is loaded."""
        assert self._process is not None
        assert self._session is not None
        deadline = asyncio.get_running_loop().time() + _START_TIMEOUT
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with self._session.get("/health") as response:
                    if response.ok:
                        return
            ended = self._process.returncode is not None
            if ended or asyncio.get_running_loop().time() > deadline:
                words = "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])
                await self.stop()
                raise BenchError(f"llama-server did not start. It said:\n{words}")
            await asyncio.sleep(_ASK_AGAIN)


def _bytes(piece: str | list[int]) -> bytes:
    """Return a piece's bytes: it is a list of them where it is no whole character."""
    return piece.encode() if isinstance(piece, str) else bytes(piece)
