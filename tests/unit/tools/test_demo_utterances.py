"""The spoken files shipped with the demo."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from tqdm import tqdm

from demo.grammar import english
from tools import make_demo_utterances
from tools.speech_models import espeak, evaluate
from tools.speech_models.audio import SAMPLE_RATE

DEMO = Path(__file__).parents[3] / "demo"
FOLDER = DEMO / "utterances"
INDEX = json.loads((FOLDER / "utterances.json").read_text(encoding="utf-8"))
LARGEST = 150_000


def _read(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getframerate() == SAMPLE_RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return samples.astype(np.float32) / 32768


def test_the_index_names_every_file():
    """Nothing is shipped that is not described, and nothing is missing."""
    assert {entry["file"] for entry in INDEX} == {path.name for path in FOLDER.glob("*.wav")}
    assert len(INDEX) >= 10
    assert len({entry["kind"] for entry in INDEX}) >= 8


def test_files_are_small():
    """A clone of the repository stays quick."""
    assert all(path.stat().st_size <= LARGEST for path in FOLDER.glob("*.wav"))


def test_utterances_are_sentences_of_the_grammar_in_held_out_voices():
    """They are what the speech model promises to understand."""
    split = english()
    assert {entry["text"] for entry in INDEX} <= {*split.train_sentences, *split.held_out}
    assert {entry["voice"] for entry in INDEX} <= set(espeak.HELD_OUT_VOICES)


def test_the_demo_model_understands_every_word(monkeypatch: pytest.MonkeyPatch):
    """What the demo shows does not depend on luck."""
    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # its progress bar would leave a thread
    model = evaluate.load(DEMO / "models" / "whisper-demo")
    for entry in INDEX:
        text, _ = evaluate.understand(model, _read(FOLDER / entry["file"]), language="en")
        assert text == entry["text"]


def test_the_tool_makes_the_shipped_files(tmp_path: Path):
    """The same files with the same words, of the same length."""
    assert make_demo_utterances.main([str(tmp_path)]) == 0
    assert json.loads((tmp_path / "utterances.json").read_text(encoding="utf-8")) == INDEX
    for entry in INDEX:
        made, shipped = (_read(folder / entry["file"]) for folder in (tmp_path, FOLDER))
        assert len(made) == pytest.approx(len(shipped), rel=0.05)


def test_a_missing_espeak_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The tool ends with one and says what to install."""
    monkeypatch.setenv("PATH", "")
    assert make_demo_utterances.main([str(tmp_path)]) == 1
    assert "apt-get install espeak-ng" in capsys.readouterr().err
