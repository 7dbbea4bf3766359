"""The demo's speech models keep their figures, through faster-whisper and Piper as installed.

What is said is made here: sentences of the grammar that were held out of the training, in espeak-ng
voices that were held out too (Debian's package espeak-ng; without it these tests fail), and by the
demo voices themselves.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from faster_whisper import WhisperModel
from piper import PiperVoice, SynthesisConfig
from tqdm import tqdm

from demo.grammar import english, german
from tools.speech_models import espeak
from tools.speech_models.audio import SAMPLE_RATE
from tools.speech_models.evaluate import Utterance, espeak_utterances, load, score, understand

MODELS = Path(__file__).parents[2] / "demo" / "models"
LARGEST = 8_000_000
HIGHEST_ERROR_RATE = 0.05
HIGHEST_ROUND_TRIP_ERROR_RATE = 0.10


@pytest.fixture(autouse=True)
def _no_progress_thread(monkeypatch: pytest.MonkeyPatch):
    """faster-whisper's progress bar, though switched off, would leave a thread behind."""
    monkeypatch.setattr(tqdm, "monitor_interval", 0)


@pytest.fixture(scope="module", name="model")
def model_fixture() -> WhisperModel:
    """The demo's speech-to-text model."""
    return load(MODELS / "whisper-demo")


def _speak(voice: PiperVoice, texts: list[str], speaker: int | None) -> Iterator[Utterance]:
    for text in texts:
        chunks = voice.synthesize(text, SynthesisConfig(speaker_id=speaker))
        speech = np.concatenate([chunk.audio_float_array for chunk in chunks])
        yield Utterance(soxr.resample(speech, voice.config.sample_rate, SAMPLE_RATE), text)


def test_models_are_small():
    """A clone of the repository stays quick."""
    files = [path for path in MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= LARGEST


def test_held_out_sentences_in_held_out_voices_are_understood(model: WhisperModel):
    """With faster-whisper's defaults: timestamps, five beams."""
    utterances = espeak_utterances(english().held_out[:60], espeak.HELD_OUT_VOICES, seed=11)
    result = score(model, utterances, language="en")
    assert result.word_error_rate <= HIGHEST_ERROR_RATE, result.wrong


@pytest.mark.parametrize(
    ("texts", "voices", "language"),
    [
        (english().held_out[60:72], espeak.HELD_OUT_VOICES, "en"),
        (german().held_out, espeak.GERMAN_HELD_OUT_VOICES, "de"),
    ],
)
def test_language_is_detected(
    model: WhisperModel, texts: list[str], voices: list[str], language: str
):
    """Nobody needs to say whether it is English or German."""
    result = score(model, espeak_utterances(texts, voices, seed=12))
    assert result.languages == [language] * len(texts)
    assert result.word_error_rate <= HIGHEST_ERROR_RATE, result.wrong


@pytest.mark.parametrize(
    ("name", "speaker"),
    [("en_US-demo-low", None), ("en_US-demo_duo-low", 0), ("en_US-demo_duo-low", 1)],
)
def test_the_voices_are_understood(model: WhisperModel, name: str, speaker: int | None):
    """What a demo voice says comes back as text."""
    voice = PiperVoice.load(MODELS / "voices" / f"{name}.onnx")
    utterances = _speak(voice, list(english().held_out[72:86]), speaker)
    result = score(model, utterances, language="en")
    assert result.word_error_rate <= HIGHEST_ROUND_TRIP_ERROR_RATE, result.wrong


@pytest.mark.parametrize("level", [0.0, 0.01])
def test_nothing_is_understood_where_nobody_speaks(model: WhisperModel, level: float):
    """Silence, and quiet noise, are no words."""
    noise = np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE)
    text, _ = understand(model, (noise * level).astype(np.float32), language="en")
    assert text == ""


def test_a_pause_before_speech_does_no_harm(model: WhisperModel):
    """The model waits out three seconds in which nobody speaks."""
    texts = english().held_out[86:94]
    utterances = [
        Utterance(np.pad(utterance.audio, (3 * SAMPLE_RATE, 0)), utterance.text)
        for utterance in espeak_utterances(texts, espeak.HELD_OUT_VOICES, seed=13)
    ]
    result = score(model, utterances, language="en")
    assert result.word_error_rate <= HIGHEST_ERROR_RATE, result.wrong
