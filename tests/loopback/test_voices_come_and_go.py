"""Voices come and go while the real server runs; the real command line gets and removes them."""

import asyncio
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.fakes.hub import Hub, running_hub
from tests.speech_servers import ROOT, VOICE, VOICES, Endpoint, ServerProcess, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

BIG = "pt_PT-tugão-medium"
DUO = "en_US-demo_duo-low"
HOSTILE = [
    *("../voices/" + VOICE, f"../../{VOICE}", "/etc/passwd", f"{VOICES}/{VOICE}", f"./{VOICE}"),
    *(f"{VOICE}.onnx", f"{VOICE}\0", "\0", "..", "~root", "file:///etc/passwd", "C:\\voice"),
    *("n" * 100_000, "\uff0e\uff0e\uff0fvoice", "%2e%2e%2f", "a\u202eb", "$(id)", "🙂" * 1000),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with one voice."""
    folder = tmp_path / "data"
    folder.mkdir()
    for ending in (".onnx", ".onnx.json"):
        shutil.copy(VOICES / f"{VOICE}{ending}", folder)
    return folder


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with two voices and their index; it stops in the middle of the big one."""
    model = tmp_path / "published" / f"{BIG}.onnx"
    model.parent.mkdir()
    # A field of its own, `doc_string`, of 32 MiB: still a model. The hub's client writes 10 MB at
    # a time.
    note = b"\x32\x80\x80\x80\x10" + b"x" * (1 << 25)
    model.write_bytes((VOICES / f"{VOICE}.onnx").read_bytes() + note)
    config = json.loads((VOICES / f"{VOICE}.onnx.json").read_text())
    config["language"]["code"] = "pt_PT"
    Path(f"{model}.json").write_text(json.dumps(config))
    with running_hub() as server:
        server.publish_voice(model, BIG)
        server.publish_voice(VOICES / f"{DUO}.onnx", DUO)
        server.publish_index(model.parent / "voices.json")
        server.held = 25_000_000
        server.gate.clear()
        yield server


class Shell:
    """Runs `local-assist voices` on a data directory, with a hub or none."""

    def __init__(self, folder: Path, hub_url: str = "http://127.0.0.1:9") -> None:
        self.environment = {
            **os.environ,
            "LOCAL_ASSIST_TTS_DATA_DIR": str(folder),
            "HF_ENDPOINT": hub_url,
            "HF_HOME": str(folder.parent / "hub-home"),
        }

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "wyoming_services", "voices", *arguments],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more},
            env=self.environment,
            cwd=ROOT,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, and what it prints to each of its outputs."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        return process.returncode, out, err


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait for something that must happen."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_voices_are_listed_downloaded_and_removed(hub: Hub, folder: Path):
    """What was listed once can be listed without a network."""
    hub.gate.set()
    shell = Shell(folder, hub.url)
    code, out, err = shell.run("list", "--json")
    listed = {voice["name"]: voice for voice in json.loads(out)}
    assert (code, err) == (0, "")
    assert {name for name, voice in listed.items() if voice["installed"]} == {VOICE}
    assert listed[BIG]["size_bytes"] > 1 << 25
    assert (listed[BIG]["language"], listed[BIG]["model"]) == ("pt_PT", None)
    assert listed[DUO]["speakers"] == 2
    code, out, _ = shell.run("download", BIG, "en_US-nobody-low", DUO, VOICE)
    assert code == 1
    assert out.splitlines() == [
        f"Downloaded {BIG} to {folder}",
        f"Downloaded {DUO} to {folder}",
        f"{VOICE} is installed: {folder}/{VOICE}.onnx",
    ]
    offline = Shell(folder)
    code, out, err = offline.run("list", "--language", "PT")
    name, *language, size, unit, state = out.split()
    assert (code, name, unit, state) == (0, BIG, "MB", "installed")
    assert (language, float(size)) == (["English", "(Utopia)"], pytest.approx(34, abs=0.5))
    assert "could not be fetched" in err
    assert "This is the copy of 0:00:" in err
    assert offline.run("list", "--installed", "--language", "en_us")[1].count("installed") == 2
    assert offline.run("remove", BIG, BIG, DUO)[0] == 0
    code, out, err = offline.run("list", "--installed")
    assert (code, out.split()[0], out.count("\n"), err) == (0, VOICE, 1, "")


def test_without_a_network(tmp_path: Path):
    """A list that was never fetched, and a voice, say what to do; the exit code is 1."""
    shell = Shell(VOICES)
    code, out, err = shell.run("list")
    assert (code, out.count("installed")) == (1, 2)
    assert "List once with a network, and it is kept. These are the installed ones:" in err
    assert not (VOICES / "voices.json").exists()
    code, out, err = Shell(tmp_path / "new").run("download", DUO)
    assert (code, out) == (1, "")
    assert f"Voice '{DUO}' is not on this machine and could not be downloaded (" in err
    assert f"copy {DUO}.onnx and {DUO}.onnx.json to {tmp_path}/new" in err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_download_that_is_ended_goes_on(hub: Hub, folder: Path, how: signal.Signals):
    """However it was ended; there is no voice meanwhile."""
    shell = Shell(folder, hub.url)
    first = shell.start("download", BIG)
    wait_until(lambda: sum(part.stat().st_size for part in folder.rglob("*.part")) >= 20_000_000)
    first.send_signal(how)
    _, err = first.communicate(timeout=60)
    interrupted = how == signal.SIGINT
    assert first.returncode == (130 if interrupted else -how)
    assert ("What has arrived is kept: the same command goes on." in err) == interrupted
    assert "Traceback" not in err
    assert not list(folder.glob(f"{BIG}*"))
    here = sum(part.stat().st_size for part in folder.rglob("*.part"))
    hub.asked.clear()
    hub.gate.set()
    code, out, err = shell.run("download", BIG)
    assert (code, out) == (0, f"Downloaded {BIG} to {folder}\n")
    assert hub.ranges(f"{BIG}.onnx") == [f"bytes={here}-"]
    assert f"{BIG}: going on at " in err
    assert f"{BIG}: 34 of 34 MB (100 %), " in err
    assert json.loads(shell.run("list", "--installed", "--json")[1])[1]["name"] == BIG


def test_a_terminal_shows_a_bar(hub: Hub, folder: Path):
    """In place of lines."""
    hub.gate.set()
    ours, its = pty.openpty()
    shell = Shell(folder, hub.url)
    shell.environment |= {"TERM": "xterm", "COLUMNS": "100"}
    process = shell.start("download", BIG, stderr=its)
    os.close(its)
    shown = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # how a terminal says that nobody holds its other end
            break
        shown += read
        if not read:
            break
    os.close(ours)
    assert process.communicate(timeout=60)[0] == f"Downloaded {BIG} to {folder}\n"
    assert "━━━━━━━━".encode() in shown
    assert re.search(rb"(\d\d\.\d)/\1 MB", shown)
    assert b"Downloading voice" not in shown


@asynccontextmanager
async def serving(folder: Path, log: Path, *more: str) -> AsyncGenerator[tuple[Endpoint, Shell]]:
    """Run the real server on a data directory."""
    arguments = (
        *("tts", "--uri", "tcp://127.0.0.1:0", "--no-zeroconf", "--data-dir", str(folder)),
        *("--voice", VOICE, "--local-files-only", *more),
    )
    with running(log, *arguments) as server:
        yield await asyncio.to_thread(server.endpoint, "tts"), Shell(folder)


async def described(server: Endpoint) -> list[str]:
    """Return the names of the voices that are advertised as installed."""
    async with AsyncClient.from_uri(server.uri) as client:
        await client.write_event(Describe().event())
        event = await asyncio.wait_for(client.read_event(), 30)
        assert event is not None
        (program,) = Info.from_event(event).tts
        assert all(voice.installed for voice in program.voices)
        return [voice.name for voice in program.voices]


async def spoken(server: Endpoint, voice: str, text: str = "Done.") -> AsyncGenerator[Event]:
    """Have a text spoken, and return the answer."""
    async with AsyncClient.from_uri(server.uri) as client:
        request = Synthesize(text=text, voice=SynthesizeVoice(name=voice))
        await client.write_event(request.event())
        while (event := await asyncio.wait_for(client.read_event(), 30)) is not None:
            yield event
            if event.type == "audio-stop":
                return


async def test_voices_come_and_go_while_the_server_runs(folder: Path, tmp_path: Path):
    """One is offered when it is whole, not before.

    What is being said with one that goes is said to its end.
    """
    own = "en_GB-grandma-low"
    async with serving(folder, tmp_path / "log") as (server, shell):
        assert await described(server) == [VOICE]
        model = (VOICES / f"{DUO}.onnx").read_bytes()
        shutil.copy(VOICES / f"{DUO}.onnx.json", folder / f"{own}.onnx.json")
        for part in (1000, len(model) // 2, len(model) - 1):
            (folder / f"{own}.onnx").write_bytes(model[:part])
            assert await described(server) == [VOICE]
        (folder / f"{own}.onnx").write_bytes(model)
        assert own in await described(server)
        assert [event.type async for event in spoken(server, own)][-1] == "audio-stop"
        (folder / f"{own}.onnx").unlink()
        (folder / f"{own}.onnx.json").unlink()
        add = asyncio.to_thread(shell.run, "add", str(VOICES / f"{DUO}.onnx"), "--name", own)
        assert (await add)[0] == 0
        assert own in await described(server)
        said: list[str] = []
        async for event in spoken(server, own, "The light is on. " * 300):
            said.append(event.type)
            if len(said) == 2:
                assert (await asyncio.to_thread(shell.run, "remove", own))[0] == 0
                assert await described(server) == [VOICE]
                (code,) = [each.data["code"] async for each in spoken(server, own)]
                assert code == "not-found"
        assert said[-1] == "audio-stop"
        assert len(said) > 1000
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert (tmp_path / "log").read_text().count("is it still being copied?") == 1


async def test_a_name_on_the_wire_is_never_a_path(folder: Path, tmp_path: Path):
    """Whatever it is, the answer is an error of one line, and the server goes on."""
    shutil.copy(folder / f"{VOICE}.onnx", folder.parent / f"{VOICE}.onnx")
    shutil.copy(folder / f"{VOICE}.onnx.json", folder.parent / f"{VOICE}.onnx.json")
    async with serving(folder, tmp_path / "log") as (server, _):
        for name in HOSTILE:
            (error,) = [event async for event in spoken(server, name)]
            assert (error.type, error.data["code"]) == ("error", "not-found")
            assert len(error.data["text"]) < 500
        assert [event.type async for event in spoken(server, VOICE)][-1] == "audio-stop"


async def test_the_server_tells_how_far_its_voice_is(hub: Hub, tmp_path: Path):
    """In its log and at the health port; killed it goes on where it was, then speaks."""
    data = tmp_path / "data"
    arguments = (
        *("tts", "--uri", "tcp://127.0.0.1:0", "--health-uri", "tcp://127.0.0.1:0"),
        *("--voice", BIG, "--data-dir", str(data), "--no-zeroconf"),
    )
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub-home")}
    with running(tmp_path / "first", *arguments, **environment) as first:
        told = await _told_when(first, lambda each: each["downloads"][0]["percent"] >= 59)
        assert (told["state"], told["model"]) == ("downloading", BIG)
        (download,) = told["downloads"]
        assert download["name"] == BIG
        assert 59 <= download["percent"] < 100
        first.wait_for(rf"{BIG}: 2\d of 34 MB \(\d\d %\), ")
        first.process.kill()
        first.process.wait()
    assert not list(data.glob(f"{BIG}*"))
    hub.gate.set()
    with running(tmp_path / "second", *arguments, **environment) as second:
        server = await asyncio.to_thread(second.endpoint, "tts")
        second.wait_for(rf"{BIG}: going on at \d\d %")
        assert await described(server) == [BIG]
        assert [event.type async for event in spoken(server, BIG)][-1] == "audio-stop"


async def _told_when(server: ServerProcess, condition: Callable[[Any], bool]) -> dict[str, Any]:
    """Return what the health port tells of text-to-speech once a condition holds."""
    found = await asyncio.to_thread(server.wait_for, r"health listening on tcp://127.0.0.1:(\d+)$")
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            async with session.get(f"http://127.0.0.1:{found[1]}/ready") as answer:
                told: dict[str, Any] = (await answer.json())["tts"]
            if told["downloads"] and condition(told):
                return told
            await asyncio.sleep(0.05)
