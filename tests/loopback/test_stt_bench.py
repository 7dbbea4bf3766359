"""The pieces of `script/bench stt`, on our real server; the peer is left to the bench itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench import replay, speech
from bench.errors import BenchError
from bench.probing import probing
from bench.servers import Server, running
from bench.stt import measure
from bench.stt.programs import Programs
from tests.speech_servers import STT_MODEL

pytestmark = pytest.mark.usefixtures("socket_enabled")

SEED = 11


@pytest.fixture(name="server")
async def server_fixture(tmp_path: Path) -> AsyncIterator[Server]:
    """Our server, as the bench starts it."""
    async with Programs(STT_MODEL, peer=None, logs=tmp_path, threads=1).ours() as server:
        await measure.warm_up(server)
        yield server


async def test_one_utterance_is_measured(server: Server):
    """In real time and at once; the text is right and the clocks run forward."""
    (utterance,) = speech.utterances(1, SEED)
    before = server.cpu_seconds
    (slow,) = await replay.series(server, [utterance], 1.0, trailing=replay.TRAILING)
    quick = await replay.replay(server, utterance, paced=False)
    for heard in (slow, quick):
        assert heard.text == utterance.text
        assert heard.error is None
        assert heard.after_stop is not None
    assert slow.after_speech is not None
    assert not slow.cut
    assert server.cpu_seconds > before
    assert server.peak_memory > 50


async def test_many_clients_and_describe_are_measured(server: Server):
    """Eight clients are transcribed, and `describe` is answered each time it is asked."""
    assert await measure.flood(server, 8) > 0
    asked: list[float | None] = []
    async with probing(server, asked):
        await asyncio.sleep(1)
    assert asked
    assert all(asked)
    pairs = await measure.words(server, 2)
    assert measure.word_error_rate(pairs) == 0


async def test_a_server_that_does_not_start_is_named_with_what_it_said(tmp_path: Path):
    """The bench ends with the reason, and leaves no process."""
    programs = Programs(tmp_path / "nothing", peer=None, logs=tmp_path, threads=1)
    with pytest.raises(BenchError, match="nothing"):
        async with programs.ours() as server:
            await measure.warm_up(server)


async def test_a_server_that_ends_at_once_is_told_from_one_that_is_slow(tmp_path: Path):
    """Its last words are shown."""
    command = ("python", "-c", "raise SystemExit('no such port')")
    with pytest.raises(BenchError, match=r"peer did not start\. It said:\nno such port"):
        async with running("peer", command, tmp_path / "log"):
            pass
