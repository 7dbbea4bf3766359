"""When utterances are said, and how their answers count."""

from itertools import pairwise

import numpy as np
import pytest

from bench.replay import Heard, starts
from bench.speech import Utterance
from bench.stt.plan import MODELS, plan


def _utterance(end: float) -> Utterance:
    return Utterance("word", np.zeros(1, np.float32), end)


def test_voices_end_at_least_a_gap_apart():
    """What one utterance costs after its end is not disturbed by the next one's."""
    said = [_utterance(end) for end in (2.0, 3.5, 1.0, 2.0)]
    begun = starts(said, gap=1.5)
    ends = [start + one.speech_end for start, one in zip(begun, said, strict=True)]
    assert begun[0] == 0
    assert min(begun) >= 0
    assert all(later - earlier >= 1.5 for earlier, later in pairwise(ends))
    assert ends[1] - ends[0] == pytest.approx(1.5)


def test_an_answer_before_the_voice_ended_is_a_cut():
    """Even one before audio-stop is none if the voice had ended."""
    early = Heard(_utterance(2.0), speech_end=12.0, answer=11.9, text="turn")
    prompt = Heard(_utterance(2.0), speech_end=12.0, answer=12.3, text="turn on")
    assert early.cut
    assert not prompt.cut
    assert prompt.after_speech == pytest.approx(0.3)
    assert prompt.after_stop == 0


def test_no_answer_has_no_time():
    """A failure is counted elsewhere, not as quick or slow."""
    failed = Heard(_utterance(2.0), speech_end=12.0, stop=12.7, answer=None, error="busy")
    late = Heard(_utterance(2.0), speech_end=12.0, stop=12.7, answer=13.0, text="word")
    assert failed.after_stop is failed.after_speech is None
    assert not failed.cut
    assert late.after_stop == pytest.approx(0.3)


@pytest.mark.parametrize("model", MODELS)
def test_a_full_plan_has_more_of_everything(model: str):
    """It says the same things, longer."""
    quick, full = plan(model, full=False), plan(model, full=True)
    for name in ("blocks", "block", "equal", "own", "floods", "words"):
        assert getattr(full, name) > getattr(quick, name)
    assert full.cuts >= 150
