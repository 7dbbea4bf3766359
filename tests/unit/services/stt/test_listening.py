"""Telling speech from silence while it comes in."""

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from tests.unit.services.speaking import say
from wyoming_services.stt.listening import SileroEar
from wyoming_services.stt.pauses import FRAME, Pauses
from wyoming_services.tts.service import TtsService


@pytest.mark.parametrize("block", [1, 160, 512, 700, 5000, 100_000])
def test_it_hears_the_same_in_pieces(tts: TtsService, block: int) -> None:
    """As the whole utterance at once, through faster-whisper's own wrapper."""
    spoken = say(tts, "turn on the kitchen light").at(16000).samples
    spoken = spoken[: len(spoken) // 512 * 512]
    ear = SileroEar(16000)
    step = max(block, 64)  # a sample at a time is slow: 64 make the same point
    pieces = [spoken[begin : begin + step] for begin in range(0, len(spoken), step)]
    heard = [each for piece in pieces for frames in ear.hear(piece.tobytes()) for each in frames]
    whole = get_vad_model()(spoken.astype(np.float32) / 32768).ravel()
    # The wrapper wipes out the end of the last frame.
    assert heard[:-1] == pytest.approx(whole.tolist()[:-1], abs=1e-4)
    assert max(heard) > 0.9


@pytest.mark.parametrize("rate", [8000, 44100])
def test_it_hears_other_rates(tts: TtsService, rate: int) -> None:
    """A frame is 32 ms of any."""
    spoken = say(tts, "turn on the kitchen light").at(rate)
    ear = SileroEar(rate)
    step = rate // 100
    pieces = [
        spoken.samples[begin : begin + step].astype("<i2").tobytes()
        for begin in range(0, len(spoken.samples), step)
    ]
    heard = [each for piece in pieces for frames in ear.hear(piece) for each in frames]
    assert len(heard) == pytest.approx(spoken.seconds / FRAME, abs=3)
    assert max(heard) > 0.9


def test_pauses_are_measured() -> None:
    """From the last frame of speech; a frame in doubt goes on as what was before it."""
    pauses = Pauses()
    pauses.hear([0.01, 0.4, 0.6, 0.4, 0.9, 0.9], now=1.0)
    assert pauses.speech_end == pytest.approx(6 * FRAME)
    assert pauses.spoken
    assert pauses.speaking
    assert pauses.audible == pytest.approx((FRAME, 6 * FRAME))
    pauses.hear([0.3, 0.4, 0.2], now=1.1)
    assert not pauses.speaking
    assert pauses.silence == pytest.approx(3 * FRAME)
    assert pauses.audible == pytest.approx((FRAME, 8 * FRAME))


def test_a_click_is_nothing_spoken() -> None:
    """Too short for a word."""
    pauses = Pauses()
    pauses.hear([0.0, 0.9, 0.9, 0.9, 0.0], now=0.0)
    assert not pauses.spoken
    assert pauses.audible is not None


def test_real_time_is_told_from_a_file() -> None:
    """By how long the silence took to come."""
    pauses = Pauses()
    pauses.hear([0.9, 0.9, 0.0], now=5.0)
    pauses.hear([0.0] * 10, now=5.05)
    assert not pauses.in_real_time(5.05)
    assert pauses.in_real_time(5.2)
