"""What the speech-to-text bench tells."""

import io
import json
import math

import numpy as np
import pytest
from rich.console import Console

from bench.__main__ import main
from bench.replay import Heard
from bench.speech import Utterance
from bench.stt.main import results
from bench.stt.measure import Measured, Stock
from bench.stt.report import KEYS, block, tables

SAID = Utterance("good night", np.zeros(1, np.float32), 1.0)


def _heard(after_speech: float) -> Heard:
    return Heard(SAID, speech_end=10.0, answer=10.0 + after_speech, text=SAID.text)


@pytest.fixture(name="measured")
def measured_fixture() -> Measured:
    """A run in which everything took a known time."""
    return Measured(
        ours=Stock([[0.01, 0.02], [0.02, 0.03]], cpu=0.4, said=4, loaded=90, peak=100),
        theirs=Stock([[0.2, 0.2], [0.4, 0.4]], cpu=1.6, said=4, loaded=150, peak=200),
        equal=Stock([[0.06, 0.06]], cpu=0.2, said=2),
        own=[_heard(0.25), _heard(0.4), _heard(0.35)],
        own_cpu=0.6,
        cuts=[_heard(-0.2), *[_heard(0.3)] * 199],
        describe=[1.0] * 99 + [None],
        throughput=[(12.0, 5.0), (12.0, 3.0)],
        words=[("good night", "good night"), ("call anna", "call hanna")],
        plain=[("good night", "good night"), ("call anna", "call anna")],
    )


def test_a_block_holds_the_promised_keys(measured: Measured):
    """With the values the run gives them."""
    found = block(measured)
    assert set(KEYS) <= set(found)
    assert {key: found[key] for key in KEYS if key != "describe_p99_ms_8_clients"} == {
        "stop_to_transcript_p50_ratio": 0.0667,
        "stop_to_transcript_p95_ratio": 0.0712,
        "speech_end_to_transcript_p50_ratio": 0.35,
        "premature_cut_rate": 0.005,
        "cpu_ratio": 0.25,
        "peak_memory_ratio": 0.5,
        "throughput_ratio_8_clients": 3.0,
        "wer_ours": 0.25,
        "wer_plain": 0.0,
    }
    assert found["premature_cut_n"] == 200
    assert found["equal_beam_and_window"]["stop_to_transcript_p50_ratio"] == 0.2
    assert found["peer"]["cpu_ms"] == 400.0
    assert found["spread"]["stop_to_transcript_p50_ratio"] == [0.0625, 0.075]


def test_an_unanswered_describe_counts_as_long_as_it_is_waited_for(measured: Measured):
    """One lost among a hundred is seen at the 99th percentile."""
    assert block(measured)["describe_p99_ms_8_clients"] > 50


def test_the_demo_model_is_at_the_top_and_the_others_are_named(measured: Measured):
    """One line of JSON, with nothing in it that JSON lacks."""
    nothing = Measured(words=[("a", "a")], plain=[("a", "a")], ours=Stock([[]]), theirs=Stock([[]]))
    found = results({"demo": measured, "tiny": nothing})
    assert found["wer_ours"] == 0.25
    assert set(KEYS) <= set(found["tiny"])
    assert found["tiny"]["cpu_ratio"] is None
    assert not any(isinstance(value, float) and math.isnan(value) for value in found.values())
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_tables_say_what_true_size_means(measured: Measured):
    """Nobody takes the accuracy for a real model's."""
    measured.floors = {5: [("good night", "good night")]}
    out = io.StringIO()
    console = Console(file=out, width=120)
    for table in tables({"demo": measured, "base": measured}):
        console.print(table)
    text = " ".join(out.getvalue().split())
    assert "shape of Whisper base; its cost is base's, its accuracy is not." in text
    assert "audio-stop to transcript, median" in text
    assert "1 of 200" in text
    assert "5 s" in text


def test_unknown_models_are_named(capsys: pytest.CaptureFixture[str]):
    """Before anything is started."""
    with pytest.raises(SystemExit):
        main(["stt", "--only", "demo,large"])
    assert "there is no model large" in capsys.readouterr().err
