"""`script/demo`: a real house to talk to."""

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from demo.driver import models, wav
from demo.driver.conversation import speak
from demo.driver.errors import DemoError
from demo.driver.home_assistant import HomeAssistant, log_in
from demo.driver.processes import Program, python
from demo.driver.setup import set_up
from demo.driver.speech import say
from demo.house.prepare import PASSWORD, USER_NAME, prepare_config
from demo.house.seed import seed

ROOT = Path(__file__).parents[1]
UTTERANCES = ROOT / "demo" / "utterances"
USUAL_OLLAMA = "http://localhost:11434"
START_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that runs.

    Attributes:
        home: logged-in connection to Home Assistant.
        tts: host and port of the text-to-speech server.
    """

    home: HomeAssistant
    tts: tuple[str, int]


def tell(text: str) -> None:
    """Say something to the person; standard output is for the results."""
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Start the demo house with Local Assist in it and stay up until Ctrl-C. With "
        "--once or --say: speak to it instead, print one JSON object an utterance, and exit 0 "
        "only if every stage of every utterance worked.",
    )
    parser.add_argument("--once", action="store_true", help="run utterances and end")
    parser.add_argument(
        "wavs", nargs="*", type=Path, metavar="FILE.wav", help="utterances for --once"
    )
    parser.add_argument(
        "--say", action="append", default=[], metavar="TEXT", help="speak TEXT with our own voice"
    )
    parser.add_argument("--ollama", metavar="URL", help="use this Ollama")
    parser.add_argument("--port", type=int, default=0, help="of the web interface (default: 8123)")
    parser.add_argument(
        "--dir", type=Path, help="folder for logs, replies and the house (default: in .demo)"
    )
    arguments = parser.parse_args()
    arguments.once = arguments.once or bool(arguments.say)
    # A house that stays up is not disturbed by one that does not.
    arguments.dir = (
        arguments.dir or ROOT / ".demo" / ("once" if arguments.once else "up")
    ).resolve()
    if arguments.wavs and not arguments.once:
        parser.error("name WAV files after --once")
    return arguments


async def _find_ollama(given: str | None) -> str | None:
    """Return the address of the Ollama to use, if one answers; one asked for must."""
    url = (given or USUAL_OLLAMA).rstrip("/")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(3)) as http,
            http.get(f"{url}/api/version") as answer,
        ):
            version = (await answer.json(content_type=None))["version"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as err:
        if given:
            raise DemoError(f"No Ollama answers at {url}: {err or type(err).__name__}") from err
        tell(f"No Ollama at {url}: answers come from Home Assistant's built-in intents only.")
        return None
    tell(f"Ollama {version} at {url} answers what the built-in intents do not.")
    return url


@contextlib.asynccontextmanager
async def _running(arguments: argparse.Namespace) -> AsyncIterator[Demo]:
    """Start everything, set it up, and end it in the end."""
    ollama = await _find_ollama(arguments.ollama)
    folder: Path = arguments.dir
    await asyncio.to_thread(shutil.rmtree, folder / "house", ignore_errors=True)
    (folder / "replies").mkdir(parents=True, exist_ok=True)
    port = arguments.port or _free_port(8123 if not arguments.once else 0)
    await prepare_config(folder / "house", port)
    components = folder / "house" / "custom_components"
    components.mkdir()
    (components / "local_assist").symlink_to(ROOT / "custom_components" / "local_assist")
    chosen = await asyncio.to_thread(models.choose, folder / "models")
    tell(chosen.note)
    env = {"PYTHONPATH": str(ROOT), "ORT_DISABLE_TELEMETRY": "1"}
    loopback = ("--stt-uri", "tcp://127.0.0.1:0", "--tts-uri", "tcp://127.0.0.1:0")
    async with (
        aiohttp.ClientSession() as http,
        Program(
            "The speech servers",
            python("wyoming_services", "serve", *loopback, *chosen.options),
            folder / "speech.log",
            env,
        ) as speech,
        Program(
            "Home Assistant",
            python("homeassistant", "--config", str(folder / "house")),
            folder / "home-assistant.log",
            env,
        ) as home_assistant,
    ):
        tell("Starting Home Assistant and the speech servers ...")
        listening = {
            role: (await speech.wait_for(rf"{role} listening on tcp://(\S+):(\d+)", 30)).groups()
            for role in ("stt", "tts")
        }
        await home_assistant.wait_for("Home Assistant initialized in", START_TIMEOUT)
        for role in listening:
            await speech.wait_for(rf"{role} ready in", chosen.load_timeout)
        url = f"http://127.0.0.1:{port}"
        token = await log_in(http, url, USER_NAME, PASSWORD)
        async with HomeAssistant(http, url, token) as home:
            await seed(home)
            addresses = {role: f"{host}:{number}" for role, (host, number) in listening.items()}
            await set_up(home, **addresses, ollama=ollama)
            host, number = listening["tts"]
            yield Demo(home, (host, int(number)))


def _free_port(wanted: int) -> int:
    """Return the wanted port if it is free, else any free one."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _utterances(arguments: argparse.Namespace) -> list[wav.Utterance]:
    """Read the named files, or the shipped ones when nothing is named."""
    paths = arguments.wavs
    if not paths and not arguments.say:
        paths = sorted(UTTERANCES.glob("*.wav"))
    return [wav.read(path) for path in paths]


async def _speak_all(
    demo: Demo, utterances: list[wav.Utterance], arguments: argparse.Namespace
) -> bool:
    """Run every utterance; return whether all of them worked."""
    folder: Path = arguments.dir
    for number, text in enumerate(arguments.say, 1):
        path = folder / f"said-{number}.wav"
        await say(*demo.tts, text, path)
        utterances.append(wav.read(path))
    worked = True
    for utterance in utterances:
        report = await speak(demo.home, utterance, folder / "replies")
        print(json.dumps(report, ensure_ascii=False), flush=True)
        worked = worked and "error" not in report
    return worked


async def _run(arguments: argparse.Namespace) -> int:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    # The whole life of the demo is one task, so that Ctrl-C ends it wherever it is.
    life = asyncio.create_task(_live(arguments))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait((life, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not life.done():
        tell("Ending ...")
        life.cancel()
    try:
        return await life
    except asyncio.CancelledError:
        return 130 if arguments.once else 0


async def _live(arguments: argparse.Namespace) -> int:
    utterances = _utterances(arguments) if arguments.once else []
    async with _running(arguments) as demo:
        if arguments.once:
            return 0 if await _speak_all(demo, utterances, arguments) else 1
        tell(
            f"\nThe house is at {demo.home.url}  (user name '{USER_NAME}', password '{PASSWORD}')."
            "\nTalk to it by text there, or by voice: script/demo --once, in another terminal, "
            "runs the shipped utterances in a house of its own.\nCtrl-C ends everything."
        )
        await asyncio.Event().wait()
    raise AssertionError("unreachable")


def main() -> int:
    """Run the demo and return its exit code."""
    try:
        return asyncio.run(_run(_arguments()))
    except DemoError as err:
        tell(f"demo: {err}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
