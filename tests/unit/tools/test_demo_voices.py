"""The Piper voices that need no training."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.utils import Extractor
from onnxruntime import InferenceSession
from piper import PiperVoice, SynthesisConfig

from tools.speech_models import phonemes, voices
from tools.speech_models.espeak import EspeakError
from tools.speech_models.voice_vocoder import FRAME, Frames

SHIPPED = Path(__file__).parents[3] / "demo" / "models" / "voices"
TEXT = "Is the front door locked?"
HANDED_OVER = [field.name for field in dataclasses.fields(Frames)]
WINDOW = 16  # frames


@pytest.fixture(scope="module", name="paths")
def paths_fixture(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Voices made now."""
    return voices.build(tmp_path_factory.mktemp("voices"))


def _speak(path: Path, *, speaker: int | None = None, length: float = 1.0) -> np.ndarray:
    """Speak without any chance."""
    settings = SynthesisConfig(
        speaker_id=speaker, length_scale=length, noise_scale=0, noise_w_scale=0
    )
    chunks = PiperVoice.load(path).synthesize(TEXT, settings)
    return np.concatenate([chunk.audio_float_array for chunk in chunks])


def _parts(path: Path) -> list[InferenceSession]:
    """Cut a voice where its vocoder starts."""
    cutter = Extractor(onnx.shape_inference.infer_shapes(onnx.load(path)))
    given = [each.name for each in cutter.graph.input]
    return [
        InferenceSession(cutter.extract_model(taken, made).SerializeToString())
        for taken, made in ((given, HANDED_OVER), (HANDED_OVER, ["output"]))
    ]


def _decode(vocoder: InferenceSession, frames: list[np.ndarray]) -> np.ndarray:
    (speech,) = vocoder.run(None, dict(zip(HANDED_OVER, frames, strict=True)))
    return speech.ravel()


def _pitch(speech: np.ndarray) -> float:
    """Return the pitch of the loudest tenth of a second, by autocorrelation, in Hz."""
    rate = phonemes.SAMPLE_RATE
    length = rate // 10
    loudest = int(np.convolve(speech**2, np.ones(length), "valid").argmax())
    frame = speech[loudest : loudest + length]
    correlation = np.correlate(frame, frame, "full")[length - 1 :]
    lowest, highest = 70, 350
    lag = rate // highest + int(correlation[rate // highest : rate // lowest].argmax())
    return rate / lag


def test_piper_speaks_with_them(paths: list[Path]):
    """Each loads in Piper and says a short sentence in a second or two."""
    for path in paths:
        speech = _speak(path)
        assert 1 < len(speech) / phonemes.SAMPLE_RATE < 3
        assert 0.3 < np.abs(speech).max() <= 1


def test_they_sound_as_the_shipped_ones(paths: list[Path]):
    """The tool makes the voices that are in the repository."""
    for path in paths:
        made, shipped = _speak(path), _speak(SHIPPED / path.name)
        assert len(made) == len(shipped)
        assert np.corrcoef(made, shipped)[0, 1] > 0.99
        config = path.with_name(f"{path.name}.json").read_text(encoding="utf-8")
        assert json.loads(config) == json.loads((SHIPPED / f"{path.name}.json").read_text())


def test_a_length_scale_slows_them(paths: list[Path]):
    """Twice as long, about twice the time."""
    assert len(_speak(paths[0], length=2)) / len(_speak(paths[0])) == pytest.approx(2, rel=0.05)


def test_the_second_speaker_is_higher(paths: list[Path]):
    """Two speakers are told apart by pitch."""
    low, high = (_pitch(_speak(paths[1], speaker=speaker)) for speaker in (0, 1))
    assert high / low > 1.4


def test_piper_finds_the_phonemes_in_the_audio(paths: list[Path]):
    """The alignments cover all that is spoken."""
    voice = PiperVoice.load(paths[0], include_alignments=True)
    (chunk,) = voice.synthesize(TEXT, include_alignments=True)
    assert chunk.phoneme_alignments
    samples = sum(alignment.num_samples for alignment in chunk.phoneme_alignments)
    assert samples == len(chunk.audio_float_array)


def test_without_noise_they_say_the_same_twice(paths: list[Path]):
    """All chance is in the noise scales."""
    for path in paths:
        assert np.array_equal(_speak(path), _speak(path))


def test_the_vocoder_needs_a_frame_either_side(paths: list[Path]):
    """Decoded in windows with a frame of context, speech is what it is in one piece."""
    for path in paths:
        acoustic, vocoder = _parts(path)
        voice = PiperVoice.load(path)
        (phonemes_of_text,) = voice.phonemize(TEXT)
        ids = np.array([voice.phonemes_to_ids(phonemes_of_text)])
        feeds = {
            "input": ids,
            "input_lengths": [ids.size],
            "scales": np.array([0, 1, 0], np.float32),
            "sid": [0],
        }
        taken = {each.name for each in acoustic.get_inputs()}
        frames = acoustic.run(HANDED_OVER, {name: feeds[name] for name in taken})
        count = frames[0].shape[2]
        pieces = []
        for start in range(0, count, WINDOW):
            first = max(0, start - 1)
            piece = _decode(vocoder, [each[:, :, first : start + WINDOW + 1] for each in frames])
            pieces.append(piece[(start - first) * FRAME :][: WINDOW * FRAME])
        whole = _decode(vocoder, frames)
        assert len(whole) == count * FRAME
        assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-5)


def test_an_unknown_espeak_voice_is_an_error():
    """The error names it."""
    with pytest.raises(EspeakError, match="no-such-voice"):
        phonemes.speak("hello", "no-such-voice")
