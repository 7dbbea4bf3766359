"""The main job, as a person runs it: `script/demo` on real Home Assistant and real servers."""

import asyncio
import contextlib
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ollama import FakeOllama, Model, Reply, call, say

ROOT = Path(__file__).parents[2]
UTTERANCES = ROOT / "demo" / "utterances"
TIMEOUT = 240


async def start_demo(folder: Path, *arguments: str, demo: str = "") -> asyncio.subprocess.Process:
    """Start `script/demo`."""
    return await asyncio.create_subprocess_exec(
        ROOT / "script" / "demo",
        *("--dir", str(folder)),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LOCAL_ASSIST_DEMO": demo, "HF_HUB_OFFLINE": "1"},
    )


async def run_demo(folder: Path, *arguments: str, demo: str = "") -> tuple[int, list[Any], str]:
    """Run `script/demo`; return its exit code, its lines of JSON and what it told the person."""
    process = await start_demo(folder, *arguments, demo=demo)
    try:
        async with asyncio.timeout(TIMEOUT):
            output, told = await process.communicate()
    except TimeoutError:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        raise
    lines = [json.loads(line) for line in output.decode().splitlines()]
    return process.returncode or 0, lines, told.decode()


def assert_complete(report: dict[str, Any]) -> None:
    """Check what holds for every utterance that worked."""
    assert "error" not in report
    assert report["reply"]
    audio = report["reply_audio"]
    assert Path(audio["path"]).is_file()
    assert audio["seconds"] > 0.2
    assert audio["sample_rate"] >= 16_000
    timings = report["timings_ms"]
    assert set(timings) == {
        "speech_end_to_transcript",
        "transcript_to_reply",
        "reply_to_first_audio",
        "total",
    }
    assert timings["total"] > 0


@pytest.mark.parametrize("demo", ["", "newest"], ids=["tested", "newest"])
@pytest.mark.usefixtures("socket_enabled")
async def test_spoken_files_change_the_house_and_are_answered(tmp_path: Path, demo: str):
    """Lights go on, a thermostat is set, a question is answered, all from files; then it ends."""
    names = ["bathroom-lights", "dining-room-thermostat", "bedroom-temperature"]
    wavs = [str(UTTERANCES / f"{name}.wav") for name in names]
    code, reports, told = await run_demo(tmp_path, "--once", *wavs, demo=demo)

    assert code == 0, told
    assert [report["utterance"] for report in reports] == names
    for report in reports:
        assert_complete(report)
        assert report["handled_by"] == "home_assistant"
    lights, thermostat, question = reports
    assert lights["transcript"] == "turn on the lights in the bathroom"
    assert {change["entity_id"] for change in lights["changed"]} == {
        "light.bathroom_light",
        "light.bathroom_lamp",
    }
    assert {change["to"] for change in lights["changed"]} == {"on"}
    changed = {change["entity_id"]: change["to"] for change in thermostat["changed"]}
    assert changed["climate.dining_room_thermostat"]["temperature"] == 24
    assert question["changed"] == []
    assert "18.5" in question["reply"]
    assert "built-in intents only" in told
    assert "demo/models" in told


@pytest.mark.usefixtures("socket_enabled")
async def test_a_model_answers_what_the_built_in_intents_do_not(tmp_path: Path):
    """A sentence we speak ourselves goes to Ollama, which uses a tool and then answers."""

    def script(body: dict[str, Any]) -> Reply:
        if body["messages"][-1]["role"] == "tool":
            return say("Anna will be reminded ", "on Monday, and the light is on.")
        tool = next(
            tool["function"]["name"]
            for tool in body["tools"]
            if tool["function"]["name"].endswith("HassTurnOn")
        )
        return call(tool, name="Kitchen light")

    sentence = "remind me to call anna on monday"
    async with FakeOllama(models=[Model(name="tiny:1b")], script=script) as ollama:
        code, (report,), told = await run_demo(tmp_path, "--ollama", ollama.url, "--say", sentence)

    assert code == 0, told
    assert_complete(report)
    assert report["transcript"] == sentence
    assert report["handled_by"] == "ollama:tiny:1b"
    assert report["changed"] == [{"entity_id": "light.kitchen_light", "from": "off", "to": "on"}]
    assert report["reply"] == "Anna will be reminded on Monday, and the light is on."
    assert sentence in ollama.chats[0]["messages"][-1]["content"]


@pytest.mark.usefixtures("socket_enabled")
async def test_what_cannot_work_is_said_and_ends_with_one(tmp_path: Path):
    """A file that is no speech and an Ollama that is not there are named before anything starts."""
    wav = tmp_path / "broken.wav"
    wav.write_bytes(b"RIFF")
    code, reports, told = await run_demo(tmp_path / "a", "--once", str(wav))
    assert (code, reports) == (1, [])
    assert "broken.wav: not a readable WAV file" in told

    code, reports, told = await run_demo(tmp_path / "b", "--once", "--ollama", "http://127.0.0.1:1")
    assert (code, reports) == (1, [])
    assert "No Ollama answers at http://127.0.0.1:1" in told


@pytest.mark.usefixtures("socket_enabled")
async def test_it_stays_up_until_ctrl_c_which_ends_everything(tmp_path: Path):
    """The web interface answers meanwhile; nothing that was started is left."""
    process = await start_demo(tmp_path)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(TIMEOUT):
            up = None
            while up is None:
                line = (await process.stderr.readline()).decode()
                assert line, "it ended early"
                up = re.search(r"house is at http://127.0.0.1:(\d+)", line)
        speech = re.findall(r"listening on tcp://\S+:(\d+)", (tmp_path / "speech.log").read_text())
        ports = [int(port) for port in (up[1], *speech)]
        assert len(ports) == 3
        assert await listening(ports) == ports
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(TIMEOUT):
            _, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert await listening(ports) == []


async def listening(ports: list[int]) -> list[int]:
    """Return those of the ports that take connections."""
    open_ports = []
    for port in ports:
        with contextlib.suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            open_ports.append(port)
    return open_ports
