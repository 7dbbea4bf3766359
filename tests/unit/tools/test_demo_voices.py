"""The Piper voices that need no training."""

import json
from pathlib import Path

import numpy as np
import pytest
from piper import PiperVoice, SynthesisConfig

from tools.speech_models import phonemes, voices
from tools.speech_models.espeak import EspeakError

SHIPPED = Path(__file__).parents[3] / "demo" / "models" / "voices"
TEXT = "Is the front door locked?"


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


def test_an_unknown_espeak_voice_is_an_error():
    """The error names it."""
    with pytest.raises(EspeakError, match="no-such-voice"):
        phonemes.speak("hello", "no-such-voice")
