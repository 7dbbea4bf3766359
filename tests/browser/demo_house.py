"""A running demo house with a stand-in for Ollama, for all tests of a file."""

import asyncio
import os
import re
import signal
import subprocess
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp

from demo.driver.conversation import speak
from demo.driver.home_assistant import HomeAssistant, log_in
from demo.driver.wav import read
from demo.house.prepare import PASSWORD, USER_NAME
from tests.fakes.ollama import FakeOllama, Model, Reply, call, say

ROOT = Path(__file__).parents[2]
STOP_TIMEOUT = 60


class Background:
    """An event loop of its own, for what outlives the event loop of a test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@dataclass
class DemoHouse:
    """A running `script/demo`.

    Attributes:
        url: of the web interface.
        folder: of the demo.
        ollama: what answers for the language model.
        background: where it runs.
    """

    url: str
    folder: Path
    ollama: FakeOllama
    background: Background

    async def speak(self, name: str) -> dict[str, Any]:
        """Say a shipped utterance as a satellite does; return what came of it."""
        utterance = read(ROOT / "demo" / "utterances" / f"{name}.wav")
        async with aiohttp.ClientSession() as http:
            token = await log_in(http, self.url, USER_NAME, PASSWORD)
            async with HomeAssistant(http, self.url, token) as home:
                return await speak(home, utterance, self.folder / "replies")


def script(body: dict[str, Any]) -> Reply:
    """Turn a light on when asked for brightness, else answer."""
    if body["messages"][-1]["role"] == "tool":
        return say("The kitchen light ", "is on now.")
    if "bright" in body["messages"][-1]["content"].rpartition("\n")[2]:
        names = [tool["function"]["name"] for tool in body["tools"]]
        turn_on = next(name for name in names if name.endswith("HassTurnOn"))
        return call(turn_on, name="Kitchen light")
    return say("The bins go out ", "on Tuesday.")


@contextmanager
def running(folder: Path) -> Iterator[DemoHouse]:
    """Run the demo house, with its files in a folder."""
    models = [Model(name="qwen3:4b", family="qwen3"), Model(name="gemma3:4b", family="gemma3")]
    ollama = FakeOllama(models=models, script=script)
    with Background() as background:
        background.run(ollama.start())
        process = subprocess.Popen(
            [ROOT / "script" / "demo", "--dir", folder, "--ollama", ollama.url],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LOCAL_ASSIST_DEMO": "", "HF_HUB_OFFLINE": "1"},
        )
        try:
            yield DemoHouse(_address(process), folder, ollama, background)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=STOP_TIMEOUT)
            background.run(ollama.stop())


def _address(process: subprocess.Popen[str]) -> str:
    """Wait until the house says where it is."""
    told = []
    assert process.stderr is not None
    for line in process.stderr:
        told.append(line)
        if up := re.search(r"house is at (http://\S+)", line):
            return up[1]
    raise AssertionError("script/demo ended early:\n" + "".join(told))
