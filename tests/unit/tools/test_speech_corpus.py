"""The spoken sentences a model is trained on, and what is asked of it about them."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from demo.grammar import english
from tools.speech_models import audio, corpus, espeak, tokenizer
from tools.speech_models.batches import BATCH, Batches
from tools.speech_models.schedule import RECIPE, Phase, Variation, phases
from tools.speech_models.targets import IGNORED, Spoken, TargetWriter
from tools.speech_models.weights import CHARACTERS

PART = replace(corpus.PARTS[0], count=BATCH + 8)
VOICE = Path(__file__).parents[3] / "demo" / "models" / "voices" / "en_US-demo_duo-low.onnx"


@pytest.fixture(scope="module", name="tokens")
def tokens_fixture() -> tokenizer.Tokens:
    """The demo model's tokens."""
    return tokenizer.Tokens(tokenizer.build_for_grammar())


@pytest.fixture(scope="module", name="folder")
def folder_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    corpus.make(PART, folder, [], processes=1)
    return folder


def test_espeak_speaks_at_the_rate_the_model_hears():
    """A sentence is a second or two of sound that is not silence."""
    speech = espeak.speak("turn on the kitchen light", "en-us+m5")
    assert speech.dtype == np.float32
    assert 1 < len(speech) / audio.SAMPLE_RATE < 3
    assert 0.05 < np.abs(speech).max() <= 1


def test_a_missing_espeak_is_named(monkeypatch: pytest.MonkeyPatch):
    """The error says what to install."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(espeak.EspeakError, match="apt-get install espeak-ng"):
        espeak.speak("hello", "en-us")


@pytest.mark.parametrize(
    ("held_out", "trained"),
    [
        (espeak.HELD_OUT_VOICES, espeak.ENGLISH_VOICES),
        (espeak.GERMAN_HELD_OUT_VOICES, espeak.GERMAN_VOICES),
    ],
)
def test_held_out_voices_sound_like_no_trained_one(
    held_out: tuple[str, ...], trained: tuple[str, ...]
):
    """By ear, not by name: espeak-ng says nothing when it ignores part of a name."""

    def sounds(voices: tuple[str, ...]) -> set[bytes]:
        return {espeak.speak("hello", voice).tobytes() for voice in set(voices)}

    assert len(sounds(held_out)) == len(held_out)
    assert sounds(held_out).isdisjoint(sounds(trained))


def test_recordings_start_and_end_where_they_say():
    """The speech is between start and end, silence around it."""
    speech = espeak.speak("open the garage door", "en-gb")
    take = audio.record(speech, random.Random(4), noisy=False)
    samples = np.abs(take.audio)
    start, end = round(take.start * audio.SAMPLE_RATE), round(take.end * audio.SAMPLE_RATE)
    assert not samples[:start].any()
    assert not samples[end:].any()
    moment = audio.SAMPLE_RATE // 20
    assert samples[start : start + moment].any()
    assert samples[end - moment : end].any()


def test_corpus_is_of_the_training_sentences_alone(folder: Path):
    """No held-out sentence is ever heard, and each recording has its frames."""
    made = corpus.load(PART, folder)
    texts = {recording.text for recording in made.recordings}
    assert texts - {""} <= set(english().train_sentences)
    assert sum(recording.frames for recording in made.recordings) == len(made.mel)
    for recording in made.recordings:
        assert 0 <= recording.start <= recording.end <= recording.frames / audio.FRAMES_PER_SECOND


def test_corpus_is_the_same_each_time(folder: Path, tmp_path: Path):
    """Seeds decide everything."""
    corpus.make(PART, tmp_path, [], processes=1)
    again, first = corpus.load(PART, tmp_path), corpus.load(PART, folder)
    assert again.recordings == first.recordings
    assert np.array_equal(again.mel, first.mel)


def test_corpus_is_kept_until_it_should_be_another(tmp_path: Path):
    """An interrupted run goes on where it was; a changed recipe starts again."""
    small = replace(PART, count=2)
    corpus.make(small, tmp_path, [], processes=1)
    index = tmp_path / f"{small.name}.json"
    written = index.stat().st_mtime_ns
    corpus.make(small, tmp_path, [], processes=1)
    assert index.stat().st_mtime_ns == written
    corpus.make(replace(small, count=3), tmp_path, [], processes=1)
    assert len(corpus.load(small, tmp_path).recordings) == 3


def test_demo_voices_speak_their_part(tmp_path: Path):
    """A part may be spoken by Piper voices."""
    part = replace(corpus.PARTS[3], count=3)
    corpus.make(part, tmp_path, [VOICE], processes=1)
    spoken = [recording for recording in corpus.load(part, tmp_path).recordings if recording.text]
    assert all(recording.end - recording.start > 0.5 for recording in spoken)


def test_targets_answer_the_next_token(tokens: tokenizer.Tokens):
    """Whatever the form, the answer is the next token; the model never chooses the form."""
    writer = TargetWriter(tokens, ["good night"], random.Random(1))
    sentence = tokens.encode("open the garage door")
    for _ in range(50):
        given, answers = writer.write([Spoken("open the garage door", 0.3, 1.7)], "en")
        assert len(given) == len(answers)
        assert answers[-1] == tokens.end_of_text
        assert tokens.special("notimestamps") not in answers
        said = [token for token in answers if 0 <= token < tokens.end_of_text]
        assert said == sentence
        if tokens.special("notimestamps") not in given:
            times = [token for token in answers if token > tokens.special("notimestamps")]
            assert times == [tokens.timestamp(0.3), tokens.timestamp(1.7)]


def test_silence_answers_no_speech(tokens: tokenizer.Tokens):
    """Right after the start of the transcript, where faster-whisper looks."""
    writer = TargetWriter(tokens, ["good night"], random.Random(2))
    for _ in range(20):
        given, answers = writer.write([Spoken("", 0, 0)], "en")
        start = given.index(tokens.special("startoftranscript"))
        assert answers[start] == tokens.special("nospeech")
        assert answers[-1] == tokens.end_of_text


@pytest.mark.parametrize("full", [False, True])
def test_batches_fit_the_network(folder: Path, tokens: tokenizer.Tokens, full: bool):
    """An even number of frames, zeros at the end of each row, and padding that is not asked."""
    variation = Variation(second_command=0.5, leading_silence=0.5)
    batches = Batches([corpus.load(PART, folder)], tokens, variation, seed=3)
    groups = batches.draw()
    for _ in range(25):
        batch = batches.assemble(next(groups), full=full)
        assert len(batch.mel) == BATCH
        assert batch.mel.shape[1] == 800 if full else batch.mel.shape[1] % 2 == 0
        assert not batch.mel[:, -8:].any()
        assert batch.given.shape == batch.answers.shape
        assert (batch.answers != IGNORED).any(axis=1).all()
        assert all(0 < number <= len(CHARACTERS) for row in batch.spelling for number in row)


def test_every_recording_is_used_before_any_again(folder: Path, tokens: tokenizer.Tokens):
    """One round over the corpus holds nothing twice."""
    batches = Batches([corpus.load(PART, folder)], tokens, Variation(), seed=4)
    offsets = [source.recording.offset for source in next(batches.draw())]
    assert len(set(offsets)) == BATCH


def test_the_learning_rate_rises_and_falls():
    """Warm-up, flat, then down to a fiftieth."""
    phase = Phase(1000, 1e-3)
    assert phase.rate(0) < phase.rate(100) < phase.rate(250) == 1e-3
    assert phase.rate(400) > phase.rate(700) > phase.rate(999)
    assert phase.rate(999) == pytest.approx(2e-5, rel=0.01)


def test_steps_are_shared_as_in_the_recipe():
    """A shorter run keeps the proportions; no number is the recipe itself."""
    assert phases(None) == list(RECIPE)
    first, second = phases(537)
    assert (first.steps, second.steps) == (448, 89)
