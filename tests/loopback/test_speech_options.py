"""How to speak, asked of the real text-to-speech server, and what it keeps of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession
from wyoming.client import AsyncClient
from wyoming.event import Event

from tests.speech_servers import VOICE, VOICES, ServerProcess, running

pytestmark = pytest.mark.usefixtures("socket_enabled")

DUO = "en_US-demo_duo-low"
TEXT = "The kitchen light is on."
STILL = {"noise_scale": 0, "noise_w_scale": 0}
"""Without noise a voice says a text the same way every time."""
SETTINGS = f"[{DUO}]\nspeed = 2\nspeaker = 'high'\nvolume = 0.5\n"


def arguments(folder: Path) -> tuple[str, ...]:
    """Return the command line of a server that keeps what it speaks in a folder."""
    settings = folder / "voices.toml"
    settings.write_text(SETTINGS)
    return (
        *("tts", "--uri", "tcp://127.0.0.1:0", "--health-uri", "tcp://127.0.0.1:0"),
        *("--voice", VOICE, "--data-dir", str(VOICES), "--local-files-only", "--no-zeroconf"),
        *("--voice-settings", str(settings), "--voice-for", f"de={DUO}#low"),
        *("--cache-dir", str(folder)),
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose voices have settings."""
    folder = tmp_path_factory.mktemp("options")
    with running(folder / "log", *arguments(folder)) as one:
        yield one


async def ask(server: ServerProcess, text: str = TEXT, **request: Any) -> list[Event]:
    """Have a text spoken; return every event up to the end of the speech, or the error."""
    endpoint = await asyncio.to_thread(server.endpoint, "tts")
    events = []
    async with AsyncClient.from_uri(endpoint.uri) as client:
        await client.write_event(Event("synthesize", {"text": text, **request}))
        while not events or events[-1].type not in {"audio-stop", "error"}:
            event = await asyncio.wait_for(client.read_event(), 30)
            assert event is not None
            events.append(event)
    return events


async def speak(server: ServerProcess, text: str = TEXT, **request: Any) -> np.ndarray:
    """Return the samples of a text."""
    events = await ask(server, text, **request)
    assert events[-1].type == "audio-stop", events[-1].data
    return np.frombuffer(b"".join(event.payload or b"" for event in events), "<i2")


async def counts(server: ServerProcess) -> dict[str, int]:
    """Return what the health port tells of the cache."""
    found = await asyncio.to_thread(server.wait_for, r"health listening on tcp://127.0.0.1:(\d+)$")
    url = f"http://127.0.0.1:{found[1]}/ready"
    async with ClientSession() as client, client.get(url) as answer:
        return (await answer.json())["tts"]["cache"]


async def test_speed(server: ServerProcess):
    """Twice as fast is half as long, whichever way it is said."""
    usual = await speak(server, context=STILL | {"speed": 1})
    fast = await speak(server, context=STILL | {"speed": 2})
    assert len(fast) == pytest.approx(len(usual) / 2, rel=0.15)
    assert np.array_equal(fast, await speak(server, context=STILL | {"length_scale": 0.5}))


async def test_volume(server: ServerProcess):
    """Half the volume is half of every sample; none is silence of the same length."""
    usual = await speak(server, context=STILL)
    quiet = await speak(server, context=STILL | {"volume": 0.5})
    assert np.abs(quiet - usual / 2).max() <= 0.02 * np.abs(usual).max()
    silent = await speak(server, context=STILL | {"volume": 0})
    assert len(silent) == len(usual)
    assert not silent.any()


async def test_silence_between_sentences(server: ServerProcess):
    """As long as was asked for."""
    text = "The light is on. The door is open."
    usual = await speak(server, text, context=STILL)
    slow = await speak(server, text, context=STILL | {"sentence_silence": 1})
    assert len(slow) - len(usual) == 22_050


async def test_speakers_and_the_settings_of_their_voice(server: ServerProcess):
    """A voice's own settings hold for it alone, and a request comes before them."""
    settled = await speak(server, voice={"name": DUO}, context=STILL)
    same = STILL | {"speed": 2, "volume": 0.5}
    high = await speak(server, voice={"name": DUO, "speaker": "high"}, context=same)
    low = await speak(server, voice={"name": DUO, "speaker": "low"}, context=same)
    assert np.array_equal(settled, high)
    assert not np.array_equal(low, high)
    slow = await speak(server, voice={"name": DUO}, context=STILL | {"speed": 1})
    assert len(slow) > 1.7 * len(settled)


async def test_a_language_has_its_voice(server: ServerProcess):
    """With its speaker, for those who name no voice."""
    low = await speak(server, voice={"name": DUO, "speaker": "low"}, context=STILL)
    assert np.array_equal(await speak(server, voice={"language": "de-AT"}, context=STILL), low)
    named = await speak(server, voice={"language": "de", "name": VOICE}, context=STILL)
    assert np.array_equal(named, await speak(server, context=STILL))


@pytest.mark.parametrize(
    ("context", "named"),
    [
        ({"speed": 5}, "'speed' must be a number from 0.25 to 4."),
        ({"volume": "loud"}, "'volume' must be a number from 0 to 2."),
        ({"speed": 1, "length_scale": 1}, "'speed' and 'length_scale'"),
        ({"sentence_silence": 11}, "'sentence_silence' must be a number from 0 to 10."),
    ],
)
async def test_an_option_that_makes_no_sense(
    server: ServerProcess, context: dict[str, object], named: str
):
    """The error names it."""
    (error,) = await ask(server, context=context)
    assert error.data["code"] == "bad-request"
    assert named in error.data["text"]


async def test_a_phrase_is_rendered_once(tmp_path: Path):
    """With noise no two renderings are alike: the same bytes are those of the first.

    The counts say so, also those of the next server, which finds it on disk.
    """
    with running(tmp_path / "first", *arguments(tmp_path)) as first:
        spoken = await speak(first)
        assert np.array_equal(await speak(first), spoken)
        assert not np.array_equal(await speak(first, context={"speed": 1.01}), spoken)
        told = await counts(first)
    assert (told["hits"], told["misses"], told["entries"], told["disk_entries"]) == (1, 2, 2, 2)
    assert told["bytes"] > spoken.nbytes
    assert TEXT not in first.log
    with running(tmp_path / "second", *arguments(tmp_path)) as second:
        assert np.array_equal(await speak(second), spoken)
        told = await counts(second)
    assert (told["hits"], told["misses"], told["entries"], told["disk_entries"]) == (1, 0, 1, 2)


async def test_nothing_is_kept_without_room(tmp_path: Path):
    """Then no two renderings are alike."""
    off = ("--cache-bytes", "0", "--cache-disk-bytes", "0")
    with running(tmp_path / "log", *arguments(tmp_path), *off) as server:
        assert not np.array_equal(await speak(server), await speak(server))
        told = await counts(server)
    assert told == dict.fromkeys(told, 0) | {"misses": 2}
