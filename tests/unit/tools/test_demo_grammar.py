"""The grammar of the demo sentences, and its held-out part."""

import hashlib
import json
from pathlib import Path

import pytest

from demo.grammar import ENGLISH_TEMPLATES, Split, english, german
from tools.speech_models import tokenizer

MODEL = Path(__file__).parents[3] / "demo" / "models" / "whisper-demo"


@pytest.mark.parametrize("split", [english(), german()], ids=["english", "german"])
def test_the_held_out_sentences_are_new_but_their_words_are_not(split: Split):
    """The model never heard a held-out sentence, and can write every word of it."""
    assert set(split.held_out).isdisjoint(split.train_sentences)
    assert {word for text in split.held_out for word in text.split()} <= set(split.words)


@pytest.mark.parametrize("split", [english(), german()], ids=["english", "german"])
def test_no_sentence_is_there_twice(split: Split):
    """Each sentence belongs to one template."""
    sentences = [*split.train_sentences, *split.held_out]
    assert len(sentences) == len(set(sentences))


def test_every_template_is_trained():
    """Whatever the grammar can say, the model has heard something like it."""
    assert all(english().train[template] for template in ENGLISH_TEMPLATES)


def test_words_agree_with_their_number():
    """One minute, two minutes."""
    sentences = [*english().train_sentences, *english().held_out]
    assert "set a timer for one minute" in sentences
    assert not [text for text in sentences if "one minutes" in text or "one hours" in text]


def test_the_split_is_the_one_the_shipped_model_was_trained_on():
    """If this changes, sentences the model was trained on count as held out: train it again."""
    held_out = "\n".join([*english().held_out, *german().held_out])
    digest = hashlib.sha256(held_out.encode()).hexdigest()
    assert digest.startswith("61b608759e7e37cd")


def test_the_tokenizer_is_the_one_of_the_shipped_model():
    """The tool gives every word the id it has in the shipped model."""
    made = json.loads(tokenizer.build_for_grammar().to_str())
    assert made == json.loads((MODEL / "tokenizer.json").read_text(encoding="utf-8"))
