"""What the text-to-speech bench tells."""

import io
import json
from collections import defaultdict

import pytest
from rich.console import Console

from bench.__main__ import main
from bench.tts.listen import Spoken
from bench.tts.main import results
from bench.tts.measure import Cost, Measured, Side
from bench.tts.plan import VOICES, plan
from bench.tts.report import PROMISES, block, broken, tables
from bench.tts.texts import SECONDS


def _spoken(
    first: float, *, took: float = 0.5, at_once: float = 1.0, error: str | None = None
) -> Spoken:
    """Two seconds of speech, some of it at once."""
    chunks = [(first, at_once), (first + took, 2.0 - at_once)]
    return Spoken("Lamp on.", chunks=chunks, error=error)


def _side(first: float, memory: float) -> Side:
    """Return a server that begins to speak after a known time."""
    turns = [[_spoken(first), _spoken(first)], [_spoken(first * 2), _spoken(first * 2)]]
    return Side(
        whole=defaultdict(list, dict.fromkeys(SECONDS, turns)),
        streamed=defaultdict(list, dict.fromkeys(SECONDS, turns[:1])),
        crowds=[[_spoken(first), _spoken(first * 3)]],
        describe=[2.0] * 10,
        alone_memory=memory,
        crowd_memory=memory * 2,
    )


@pytest.fixture(name="measured")
def measured_fixture() -> Measured:
    """A run in which everything took a known time."""
    return Measured(
        ours=_side(0.02, 100),
        theirs=_side(0.2, 125),
        cost=Cost(
            *(dict.fromkeys(SECONDS, seconds) for seconds in (1.0, 2.0, 1.25)),
            texts=4,
        ),
        first_start=9.0,
        next_start=1.0,
        first_memory=90,
        steps=[0, 1],
    )


def test_a_block_holds_the_promised_keys(measured: Measured):
    """With the values the run gives them; all promises are kept."""
    found = block(measured)
    assert {key: found[key] for key in PROMISES} == {
        "first_audio_ratio_12s": 0.1,
        "first_audio_ratio_3s": 0.1,
        "first_audio_ratio_1s": 0.1,
        "first_audio_ratio_4_clients": 0.1,
        "describe_p99_ms": 2.0,
        "underruns": 0,
        "cpu_ratio_vs_piper": 0.5,
        "peak_memory_ratio": 0.8,
        "max_step_difference": 1,
    }
    assert found["spread"]["first_audio_ratio_12s"] == [0.1, 0.1]
    assert found["ours"]["first_audio_12s_ms"] == 30.0
    assert found["peer"]["first_audio_4_clients_ms"] == 400.0
    assert broken(found) == []


def test_gaps_count_only_where_a_machine_keeps_up(measured: Measured):
    """Several listeners share it by turns, which needs more room than one does."""
    measured.ours.pairs = [
        [_spoken(0.1, took=0.6, at_once=0.5), _spoken(0.1)],
        [_spoken(0.1, took=1.2), _spoken(0.1)],
    ]
    found = block(measured)
    assert found["underruns"] == 1
    assert [(each["clients"], each["gaps"], each["counted"]) for each in found["playing"]] == [
        (1, 0, 0),
        (2, 2, 1),
    ]
    assert broken(found) == ["underruns"]


def test_a_broken_promise_is_named_with_its_voice(measured: Measured):
    """So is one that was not measured."""
    measured.cost.library[12] = 0.5
    measured.steps = []
    found = results({"demo": measured})
    assert found["broken"] == ["demo cpu_ratio_vs_piper", "demo max_step_difference"]


def test_what_was_not_spoken_is_counted_and_not_timed(measured: Measured):
    """A failure is neither quick nor slow."""
    measured.ours.whole[3] = [[_spoken(0.04), _spoken(0.001, error="busy")]] * 2
    found = block(measured)
    assert found["ours"]["first_audio_3s_ms"] == 40.0
    assert found["failed"] == 2
    assert broken(found) == ["failed"]


def test_the_medium_voice_is_at_the_top_and_the_others_are_named(measured: Measured):
    """One line of JSON, with nothing in it that JSON lacks."""
    found = results({"medium": measured, "high": measured, "demo": measured})
    assert found["cpu_ratio_vs_piper"] == 0.5
    assert set(PROMISES) <= set(found["high"])
    assert set(PROMISES) <= set(found["demo"])
    assert found["broken"] == []
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_tables_say_what_the_voices_are(measured: Measured):
    """Nobody takes noise for a real voice."""
    out = io.StringIO()
    console = Console(file=out, width=120)
    for table in tables({"medium": measured, "demo": measured}):
        console.print(table)
    text = " ".join(out.getvalue().split())
    assert "Text-to-speech with a voice of Piper's medium shape, random weights" in text
    assert "Text-to-speech with the demo voice" in text
    assert "demo: text that comes word by word" in text
    assert "0.100 (0.100 to 0.100)" in text


@pytest.mark.parametrize("voice", VOICES)
def test_a_full_plan_has_more_of_everything(voice: str):
    """It says the same things, longer."""
    quick, full = plan(voice, full=False), plan(voice, full=True)
    for name in ("turns", "streams", "crowds", "pairs", "costs"):
        assert getattr(full, name) > getattr(quick, name)


def test_unknown_voices_are_named(capsys: pytest.CaptureFixture[str]):
    """Before anything is started."""
    with pytest.raises(SystemExit):
        main(["tts", "--only", "demo,low"])
    assert "there is no voice low" in capsys.readouterr().err
