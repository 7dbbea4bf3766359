"""Hard texts of many languages: where they are cut, and what is said of each piece.

A corpus is a TOML file named by its language, with a table `text` for each text: its `pieces`,
which joined are the text as it was written, what is `spoken` of each (nothing of some), and its
`language` where the file has several.
"""

import random
import tomllib
from pathlib import Path

import pytest

from wyoming_services.tts.sentences import SentenceStream
from wyoming_services.tts.text import SpeechText

CORPORA = sorted(Path(__file__).parents[3].joinpath("corpora", "speech").glob("*.toml"))
LEAST = 150
"""Texts in a corpus."""

type Text = dict[str, list[str]]


def texts(corpus: Path) -> list[tuple[str, Text]]:
    """Return the texts of a corpus, each with its language."""
    tables = tomllib.loads(corpus.read_text("utf-8"))["text"]
    return [(table.get("language", corpus.stem), table) for table in tables]


def cut(language: str, chunks: list[str]) -> list[str]:
    """Cut a text that comes in chunks."""
    stream = SentenceStream(language)
    return [piece for chunk in chunks for piece in stream.add(chunk)] + list(stream.finish())


def in_random_chunks(text: str) -> list[str]:
    """Cut a text anywhere, the same way in each run."""
    choice = random.Random(text)
    cuts = sorted(choice.randrange(len(text) + 1) for _ in range(len(text) // 5))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]


each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.stem)


def test_there_are_corpora() -> None:
    """For at least the languages that have words of their own."""
    assert {corpus.stem for corpus in CORPORA} >= {"de", "en", "es", "fr", "it", "nl"}


@each_corpus
def test_a_corpus_has_many_texts_and_none_twice(corpus: Path) -> None:
    """Each says what is spoken of every piece."""
    written = ["".join(text["pieces"]) for _, text in texts(corpus)]
    assert len(written) >= LEAST
    assert [text for text in written if written.count(text) > 1] == []
    assert [t["pieces"] for _, t in texts(corpus) if len(t["pieces"]) != len(t["spoken"])] == []


@each_corpus
def test_what_is_spoken(corpus: Path) -> None:
    """One cleaner takes the pieces of a text in order."""
    wrong = []
    for language, text in texts(corpus):
        speech = SpeechText(language)
        spoken = [speech.clean(piece) for piece in text["pieces"]]
        wrong += [] if spoken == text["spoken"] else [(text["spoken"], spoken)]
    assert wrong == [], "\n".join(f"\nexpected {right}\n     got {said}" for right, said in wrong)


@each_corpus
def test_where_texts_are_cut(corpus: Path) -> None:
    """It makes no difference in what chunks they come."""
    wrong = []
    for language, text in texts(corpus):
        written = "".join(text["pieces"])
        for chunks in [written], list(written), in_random_chunks(written):
            if (pieces := cut(language, chunks)) != text["pieces"]:
                wrong.append((text["pieces"], pieces))
                break
    assert wrong == [], "\n".join(f"\nexpected {right}\n     got {cuts}" for right, cuts in wrong)
