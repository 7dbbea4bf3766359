"""What the benches say to the servers."""

import numpy as np
import pytest

from bench import speech
from bench.speech import LEAD, RATE
from demo import grammar

SEED = 11


def test_a_seed_says_the_same_again():
    """Two runs measure the same recordings, and another seed gives others."""
    first, again, other = (speech.utterances(3, seed) for seed in (SEED, SEED, SEED + 1))
    assert [one.pcm(0.7) for one in first] == [one.pcm(0.7) for one in again]
    assert [one.text for one in first] != [one.text for one in other]


def test_only_sentences_no_model_was_trained_on_are_said():
    """Held-out sentences, each once before any comes twice."""
    held_out = grammar.english().held_out
    said = speech.sentences(len(held_out), SEED)
    assert sorted(said) == sorted(held_out)
    assert speech.sentences(len(held_out) + 1, SEED)[-1] == said[0]


def test_an_utterance_ends_with_so_much_room_after_the_voice():
    """The room goes on quietly after the voice, never in digital silence."""
    (utterance,) = speech.utterances(1, SEED)
    for trailing in (0.0, 0.7):
        seconds = len(utterance.pcm(trailing)) / 2 / RATE
        assert seconds == pytest.approx(utterance.speech_end + trailing, abs=0.001)
    voice, room = np.split(utterance.samples, [round(utterance.speech_end * RATE)])
    assert 0 < np.abs(room[RATE // 10 :]).mean() < np.abs(voice).mean() / 10


def test_the_end_of_a_voice_is_where_its_energy_ends():
    """To 20 ms, whatever silence follows."""
    tone = np.sin(np.arange(RATE) / 10).astype(np.float32)
    padded = np.pad(tone, (round(LEAD * RATE), 3 * RATE))
    assert speech.speech_end(padded) == pytest.approx(LEAD + 1.0, abs=0.02)


def test_pauses_are_where_they_are_said_to_be():
    """One or two of 200 to 600 ms, with nothing but the room in them."""
    for utterance in speech.paused_utterances(4, SEED):
        assert 1 <= len(utterance.pauses) <= 2
        loudest = np.abs(utterance.samples).max()
        for pause in utterance.pauses:
            assert 0.2 <= pause.length <= 0.6
            begin, end = (round(t * RATE) for t in (pause.start, pause.start + pause.length))
            assert np.abs(utterance.samples[begin + 10 : end - 10]).max() < loudest * 0.1
            assert np.abs(utterance.samples[end : end + RATE // 5]).max() > loudest * 0.1


def test_a_pause_comes_between_words():
    """The gaps a voice leaves are as many as its words, less one; small words lean on others."""
    heard, gaps = speech.speak("open kitchen window", "en_US-demo-low", None)
    assert len(gaps) == 2
    assert gaps == sorted(gaps)
    assert 0 < gaps[0] < gaps[-1] < len(heard)
