"""The pieces of `script/bench tts`, on our real server; the peer is left to the bench itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.probing import probing
from bench.servers import Server
from bench.tts import measure
from bench.tts.listen import listen
from bench.tts.measure import Side
from bench.tts.plan import Plan
from bench.tts.programs import Programs
from bench.tts.texts import SECONDS, Texts
from bench.tts.voices import put
from tests.speech_servers import VOICE, VOICES

pytestmark = pytest.mark.usefixtures("socket_enabled")

SEED = 11
PLAN = Plan(pace=15.0, turns=1, streams=1, each=1, crowds=1, pairs=1, costs=1)


@pytest.fixture(name="voice", scope="module")
def voice_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo voice in a folder of its own, where a server keeps what it makes of it."""
    return put(VOICES / f"{VOICE}.onnx", tmp_path_factory.mktemp("bench") / "voice")


@pytest.fixture(name="programs")
def programs_fixture(voice: Path, tmp_path: Path) -> Programs:
    """What the bench starts."""
    return Programs(voice, peer=None, logs=tmp_path, threads=1)


@pytest.fixture(name="texts")
def texts_fixture() -> Texts:
    """What it says."""
    return Texts(SEED, PLAN.pace)


@pytest.fixture(name="server")
async def server_fixture(programs: Programs, texts: Texts) -> AsyncIterator[Server]:
    """Our server, as the bench starts it."""
    async with programs.ours() as server:
        await measure.first_words(server, texts)
        yield server


async def test_every_length_is_spoken_whole_and_word_by_word(server: Server, texts: Texts):
    """Each text once a turn, all of it, and the clocks run forward."""
    side = Side()
    await measure.take_turns({server: side}, PLAN, texts)
    for turns in (side.whole, side.streamed):
        for seconds in SECONDS:
            ((spoken,),) = turns[seconds]
            assert not spoken.failed
            assert 0 < spoken.first_audio <= spoken.took
            assert spoken.seconds == pytest.approx(seconds, rel=0.5)
    assert side.alone_memory > 50


async def test_many_clients_and_describe_are_measured(server: Server, texts: Texts):
    """Four clients are spoken to at once, and `describe` is answered each time it is asked."""
    side = Side()
    await measure.crowds({server: side}, PLAN.crowds, texts)
    assert [len(some) for some in side.crowds] == [4, 4]
    assert not any(spoken.failed for spoken in side.everything)
    asked: list[float | None] = []
    async with probing(server, asked):
        await measure.at_once(server, texts.take(3, 2))
    assert asked
    assert all(asked)


async def test_cpu_time_is_measured_beside_the_library(
    server: Server, programs: Programs, texts: Texts
):
    """Of every length, in all three."""
    cost = await measure.cost(server, programs, PLAN.costs, texts)
    for side in (cost.ours, cost.library, cost.resting):
        assert set(side) == set(SECONDS)
        assert side[12] > 0


async def test_speech_has_the_samples_of_one_shot(server: Server, programs: Programs, texts: Texts):
    """To a 16-bit step, without noise."""
    steps = await measure.steps(server, programs.voice, texts)
    assert steps
    assert max(steps) <= 1


async def test_a_voice_that_is_not_there_ends_the_bench(tmp_path: Path, texts: Texts):
    """With the reason, and no process is left."""
    programs = Programs(tmp_path / "nobody.onnx", peer=None, logs=tmp_path, threads=1)
    with pytest.raises(BenchError, match="nobody"):
        async with programs.ours() as server:
            await measure.first_words(server, texts)


async def test_what_goes_wrong_with_a_text_is_noted(server: Server):
    """The bench goes on."""
    spoken = await listen(server, "Lamp on.", context={"noise_scale": 99})
    assert spoken.failed
    assert spoken.error == "bad-request"
