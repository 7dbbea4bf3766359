"""How an utterance is read: the demo model encodes, what it generates is written by the test."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from faster_whisper import WhisperModel

from demo.grammar import english
from tests.unit.services.speaking import say
from wyoming_services.stt.decoding import Manner, Reading, read
from wyoming_services.tts.service import TtsService

ENGLISH = english()
FINE = ("turn on the light", -0.1, 0.0)
IMPROBABLE = ("turn on the night", -1.5, 0.0)
REPEATING = ("light " * 40, -0.1, 0.0)
SILENT = ("turn on the light", -1.5, 0.9)


class Writing:
    """A model's engine that writes what it is told, text, confidence and no-speech probability.

    Attributes:
        asked: the options of each generation.
        encoded: how many frames were encoded each time.
    """

    def __init__(self, real: Any, tokenizer: Any, readings: tuple[tuple[str, float, float], ...]):
        self._real = real
        self._tokenizer = tokenizer
        self._readings = list(readings)
        self.asked: list[dict[str, Any]] = []
        self.encoded: list[int] = []

    def __getattr__(self, name: str) -> Any:
        """Do everything else for real."""
        return getattr(self._real, name)

    def encode(self, features: Any, **options: Any) -> Any:
        """Encode for real."""
        self.encoded.append(features.shape[-1])
        return self._real.encode(features, **options)

    def generate(self, _encoded: Any, prompts: list[list[int]], **options: Any) -> list[Any]:
        """Write the next reading."""
        self.asked.append(options | {"prompt": prompts[0]})
        text, confidence, no_speech = self._readings.pop(0)
        tokens = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        score = confidence * (len(tokens) + 1) / len(tokens)
        return [
            SimpleNamespace(
                sequences_ids=[tokens], scores=[score], no_speech_prob=no_speech, logits=[[]]
            )
        ]


class Model(WhisperModel):
    """The demo model, what it writes given."""

    def __init__(self, folder: Path, *readings: tuple[str, float, float]) -> None:
        super().__init__(str(folder), device="cpu", cpu_threads=1, local_files_only=True)
        self.model = Writing(self.model, self.hf_tokenizer, readings)


def result(model: Model, seconds: float = 2, **manner: Any) -> Reading:
    """Read some noise."""
    samples = np.random.default_rng(0).normal(0, 0.1, round(seconds * 16000)).astype(np.float32)
    *steps, reading = read(model, samples, Manner(**{"languages": ("en",)} | manner))
    assert set(steps) == {None}
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("seconds", "floor", "frames"), [(2, 10, 1000), (9, 10, 1100), (2, 30, 3000), (29, 10, 3000)]
)
def test_the_window_is_as_long_as_the_audio_needs(
    whisper_folder: Path, seconds: float, floor: float, frames: int
) -> None:
    """Two seconds more than that, but not below the floor, nor above what Whisper knows."""
    model = Model(whisper_folder, FINE)
    assert result(model, seconds, window_floor=floor).text == "turn on the light"
    assert model.model.encoded == [frames]
    assert model.model.asked[0]["prompt"][-1] == model.hf_tokenizer.token_to_id("<|notimestamps|>")


@pytest.mark.parametrize("bad", [IMPROBABLE, REPEATING])
def test_a_broken_reading_is_made_again_from_the_whole_window(
    whisper_folder: Path, bad: tuple[str, float, float]
) -> None:
    """The short one may be what broke it."""
    model = Model(whisper_folder, bad, FINE)
    assert result(model, window_floor=10).text == "turn on the light"
    assert model.model.encoded == [1000, 3000]
    assert [asked["sampling_temperature"] for asked in model.model.asked] == [1.0, 1.0]


def test_the_ladder_of_temperatures_has_two_steps(whisper_folder: Path) -> None:
    """The best of what there is stands: what is no loop, then what is likelier."""
    model = Model(whisper_folder, REPEATING, REPEATING, ("turn off the light", -0.9, 0.0))
    assert result(model, window_floor=10, beam_size=5).text == "turn off the light"
    assert [asked["beam_size"] for asked in model.model.asked] == [5, 5, 1]
    assert model.model.asked[2]["sampling_temperature"] == 0.4
    model = Model(whisper_folder, IMPROBABLE, ("turn off the night", -1.7, 0.0))
    assert result(model).text == "turn on the night"


def test_what_the_model_takes_for_silence_is_not_read_again(whisper_folder: Path) -> None:
    """Nothing is gained by looking at it longer."""
    model = Model(whisper_folder, SILENT)
    assert result(model, window_floor=10, words="lamp").silent
    assert model.model.encoded == [1000]


def test_no_more_tokens_than_can_be_spoken(whisper_folder: Path) -> None:
    """A loop ends early; what runs into the limit is one."""
    model = Model(whisper_folder, FINE, FINE)
    result(model, 1)
    result(model, 29)
    prompt = len(model.model.asked[0]["prompt"])
    assert [asked["max_length"] - prompt for asked in model.model.asked] == [41, 224]
    endless = (" ".join(ENGLISH.words[:50]), -0.1, 0.0)
    assert not result(Model(whisper_folder, endless, endless, endless), 1).sound


@pytest.mark.parametrize(("languages", "code"), [((), "en"), (("de", "en"), "en"), (("de",), "de")])
def test_the_language_takes_no_pass_of_its_own(
    whisper_folder: Path, languages: tuple[str, ...], code: str
) -> None:
    """It is read off the same encoding, among those it may be."""
    model = Model(whisper_folder, FINE)
    model.model.detect_language = lambda _: [[("<|fr|>", 0.6), ("<|en|>", 0.3), ("<|de|>", 0.1)]]
    expected = "fr" if not languages else code
    assert result(model, languages=languages).language == expected
    assert len(model.model.encoded) == 1
    spoken = model.hf_tokenizer.token_to_id(f"<|{expected}|>")
    assert spoken in model.model.asked[0]["prompt"]


@pytest.mark.parametrize(
    ("plain", "biased", "text"),
    [
        (("turn on bela", -0.5, 0.0), ("turn on Bella", -0.2, 0.0), "turn on Bella"),
        (("turn on bela", -0.5, 0.0), ("lamp lamp lamp", -2.0, 0.0), "turn on bela"),
        (("turn on bela", -0.5, 0.0), ("lamp " * 30, -0.1, 0.0), "turn on bela"),
        (("turn on bela", -0.1, 0.0), None, "turn on bela"),
    ],
)
def test_words_to_expect_are_tried_when_the_reading_is_unsure(
    whisper_folder: Path,
    plain: tuple[str, float, float],
    biased: tuple[str, float, float] | None,
    text: str,
) -> None:
    """The likelier reading stands; one that collapses under the words does not."""
    model = Model(whisper_folder, *(reading for reading in (plain, biased) if reading))
    assert result(model, words="Bella, lamp").text == text
    assert len(model.model.encoded) == 1
    assert len(model.model.asked) == 1 + (biased is not None)


@pytest.mark.parametrize("beam_size", [1, 5])
def test_what_was_not_said_ends_less_surely(
    whisper_folder: Path, tts: TtsService, beam_size: int
) -> None:
    """The demo model completes what it heard half of; it knows that it guesses."""
    model = WhisperModel(str(whisper_folder), device="cpu", cpu_threads=1, local_files_only=True)
    manner = Manner(languages=("en",), beam_size=beam_size)
    whole = say(tts, "turn on the kitchen light").at(16000)
    samples = whole.samples.astype(np.float32) / 32768
    *_, said = read(model, samples, manner)
    *_, half = read(model, samples[: len(samples) * 2 // 3], manner)
    assert said is not None
    assert half is not None
    assert said.text == "turn on the kitchen light"
    assert said.ending > 0.9
    assert half.ending < said.ending - 0.1
