"""The tool's own stages, as far as they run without torch, and the export of any weights."""

import sys
from pathlib import Path

import numpy as np
import pytest
from tqdm import tqdm

from tools import make_speech_models
from tools.speech_models import evaluate, export, tokenizer, weights
from tools.speech_models.weights import Shape

SEED = 3


@pytest.fixture(autouse=True)
def _no_progress_thread(monkeypatch: pytest.MonkeyPatch):
    """faster-whisper's progress bar, though switched off, would leave a thread behind."""
    monkeypatch.setattr(tqdm, "monitor_interval", 0)


@pytest.fixture(scope="module", name="shape")
def shape_fixture() -> Shape:
    """A model of hardly any size."""
    vocabulary = tokenizer.build_for_grammar().get_vocab_size()
    return Shape(vocabulary, width=32, heads=2, encoder_layers=1, decoder_layers=1, feed_forward=64)


def _random_weights(shape: Shape) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(SEED)
    return {
        name: (rng.standard_normal(size) * 0.1).astype(np.float32)
        for name, size in weights.parameter_shapes(shape).items()
    }


def test_an_exported_model_loads_and_transcribes(shape: Shape, tmp_path: Path):
    """Weights that know nothing still make a model faster-whisper runs, in both languages."""
    path = tmp_path / "weights.npz"
    weights.save(_random_weights(shape), path)
    export.export(weights.load(path), shape, tokenizer.build_for_grammar(), tmp_path / "model")
    model = evaluate.load(tmp_path / "model")
    assert model.model.is_multilingual
    noise = np.random.default_rng(SEED).standard_normal(16_000).astype(np.float32) * 0.1
    options = {"beam_size": 1, "temperature": 0.0, "max_new_tokens": 5}
    text, language = evaluate.understand(model, noise, **options)
    assert isinstance(text, str)
    assert language in export.LANGUAGES


def test_export_names_weights_that_do_not_fit(shape: Shape, tmp_path: Path):
    """Weights of another kind, size or vocabulary are refused, and nothing is written."""
    made = tokenizer.build_for_grammar()
    missing = _random_weights(shape)
    del missing["encoder.0.attention.key.weight"]
    with pytest.raises(ValueError, match=r"encoder\.0\.attention\.key\.weight"):
        export.export(missing, shape, made, tmp_path / "model")
    wrong = _random_weights(shape) | {"padding_position": np.zeros(5, np.float32)}
    with pytest.raises(ValueError, match="'padding_position' has the shape"):
        export.export(wrong, shape, made, tmp_path / "model")
    with pytest.raises(ValueError, match="The tokenizer has"):
        export.export(_random_weights(shape), shape, tokenizer.build(["a"]), tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("stage", "needed"),
    [("corpus", "voices"), ("export", "train"), ("evaluate", "export")],
)
def test_a_stage_that_comes_too_early_says_what_is_missing(
    stage: str, needed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Each stage works on what the one before left."""
    assert make_speech_models.main([stage, "--out", str(tmp_path)]) == 1
    assert f"run the stage '{needed}' first" in capsys.readouterr().err


def test_training_without_torch_says_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The environment of the tests has no torch, and needs none."""
    monkeypatch.setitem(sys.modules, "torch", None)
    assert make_speech_models.main(["train", "--out", str(tmp_path)]) == 1
    assert "requirements/tools.txt" in capsys.readouterr().err


def test_voices_are_a_stage_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One stage runs alone, and tells what it made."""
    assert make_speech_models.main(["voices", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "voices" / "en_US-demo-low.onnx").exists()
    assert "en_US-demo_duo-low.onnx" in capsys.readouterr().out
