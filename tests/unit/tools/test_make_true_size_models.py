"""The models of true size compute what the demo model computes, in Whisper's own shape."""

import json
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from tqdm import tqdm

from demo.driver.wav import read
from tools import make_true_size_models
from tools.true_size import ct2_file
from tools.true_size.layout import EMPTY, END_OF_TEXT, SIZE, Layout, vocabulary
from tools.true_size.widen import TRUE_SHAPES, Shape, Widener, shape_of

DEMO = make_true_size_models.DEMO_MODEL
UTTERANCES = sorted((DEMO.parents[1] / "utterances").glob("*.wav"))[:10]


@pytest.fixture(autouse=True)
def _no_progress_thread(monkeypatch: pytest.MonkeyPatch):
    """faster-whisper's progress bar, though switched off, would leave a thread behind."""
    monkeypatch.setattr(tqdm, "monitor_interval", 0)


@pytest.fixture(scope="module", name="tiny")
def tiny_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest of the models."""
    return make_true_size_models.make(tmp_path_factory.mktemp("models"), "tiny")


def _load(folder: Path) -> WhisperModel:
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)


def _audio(path: Path) -> np.ndarray:
    return np.frombuffer(read(path).pcm, "<i2").astype(np.float32) / 32768


def _readings(model: WhisperModel) -> list[tuple[str, float]]:
    """Text, and its logarithmic probability, of ten sentences."""
    tokenizer = model.hf_tokenizer
    names = ("startoftranscript", "en", "transcribe", "notimestamps")
    prompt = [tokenizer.token_to_id(f"<|{name}|>") for name in names]
    readings = []
    for path in UTTERANCES:
        encoded = model.encode(model.feature_extractor(_audio(path)))
        result = model.model.generate(
            encoded, [prompt], beam_size=1, return_scores=True, return_no_speech_prob=True
        )[0]
        text = tokenizer.decode(result.sequences_ids[0])
        assert result.no_speech_prob < 0.01
        readings.append((text, result.scores[0]))
    return readings


def test_a_wide_model_hears_what_the_demo_model_hears(tiny: Path):
    """Ten sentences have the same text, and all but the same probability."""
    small, wide = _readings(_load(DEMO)), _readings(_load(tiny))
    assert [text for text, _ in wide] == [text for text, _ in small]
    assert len({text for text, _ in small}) == len(UTTERANCES)
    for (_, ours), (_, theirs) in zip(wide, small, strict=True):
        assert ours == pytest.approx(theirs, abs=0.002)


def test_faster_whisper_runs_it_as_it_runs_a_real_one(tiny: Path):
    """Timestamps, the language and the end of text are found with faster-whisper's defaults."""
    segments, info = _load(tiny).transcribe(_audio(UTTERANCES[0]))
    (segment,) = segments
    assert segment.text.strip() == "turn off all the lights"
    assert info.language == "en"
    assert segment.avg_logprob > -0.2
    assert END_OF_TEXT < segment.tokens[0] < SIZE


def test_its_shape_and_its_tokens_are_those_of_whisper(tiny: Path):
    """Nothing of the demo model's size is left that would make it cheaper."""
    wide = ct2_file.read(tiny / "model.bin", kind="WhisperSpec", revision=3)
    assert shape_of(wide) == TRUE_SHAPES["tiny"]
    assert wide["decoder/embeddings/weight"].shape == (SIZE, 384)
    # As many bytes as the real tiny in 8 bits: no layer is an alias of another.
    assert 38e6 < (tiny / "model.bin").stat().st_size < 42e6
    tokens = json.loads((tiny / "vocabulary.json").read_text())
    assert len(tokens) == len(set(tokens)) == SIZE
    places = {"<|endoftext|>": END_OF_TEXT, "<|transcribe|>": 50359, "<|0.00|>": 50364, "": EMPTY}
    assert {name: tokens.index(name) for name in places} == places
    assert _load(tiny).hf_tokenizer.get_vocab_size() == SIZE


def test_the_tokenizer_reads_and_writes_text_as_before(tiny: Path):
    """Fillers are never found in text, and ids of text are those of the demo model."""
    small, wide = _load(DEMO).hf_tokenizer, _load(tiny).hf_tokenizer
    for text in (" turn on the kitchen light", " öffne das fenster", "Xyz <|unused900|> é"):
        assert wide.encode(text).ids == small.encode(text).ids
        assert wide.decode(wide.encode(text).ids) == text
    assert vocabulary(json.loads(wide.to_str()))[:END_OF_TEXT].count("") == 1


def test_what_cannot_be_widened_is_refused(tmp_path: Path):
    """A width that is no multiple, a foreign vocabulary and a foreign file are named."""
    small = ct2_file.read(DEMO / "model.bin", kind="WhisperSpec", revision=3)
    layout = Layout(796, 2404)
    with pytest.raises(ValueError, match="cannot be widened"):
        Widener(small, Shape(400, 6, 4, 4, 1536), layout)
    with pytest.raises(ValueError, match="cannot be widened"):
        Widener(small, Shape(384, 6, 2, 4, 1536), layout)
    with pytest.raises(ValueError, match="no part of Whisper's"):
        Layout(796, 2000)
    with pytest.raises(ValueError, match="not TransformerSpec 3"):
        ct2_file.read(DEMO / "model.bin", kind="TransformerSpec", revision=3)
    (tmp_path / "model.bin").write_bytes(b"\x05\0\0\0")
    with pytest.raises(ValueError, match="is of version 5"):
        ct2_file.read(tmp_path / "model.bin", kind="WhisperSpec", revision=3)
