"""What the memory's bench asks, what it measures, and what it calls broken."""

import tomllib

import numpy as np
import pytest
from rich.console import Console

from bench.memory import PARTS, main, measure
from bench.memory import run as run_bench
from bench.memory.household import CORPUS, LANGUAGES, Questions, household
from bench.memory.standin import embed

KINDS: tuple[Questions, ...] = ("tuning", "tuning_hard", "asked")


@pytest.mark.parametrize("questions", KINDS)
def test_a_household_is_the_same_whenever_it_is_made(questions: Questions):
    """A thousand facts in eight languages, and another household for another seed."""
    told = household(questions, seed=1)
    assert told == household(questions, seed=1)
    assert told != household(questions, seed=2)
    assert len(told) == 1000
    assert {one.language for one in told} == set(LANGUAGES)
    assert all("{" not in one.text + one.question for one in told)


def test_whoever_has_a_fact_of_their_own_asks_for_it():
    """Everybody may ask for the household's."""
    told = household("asked", seed=1)
    assert all(one.asker == one.person for one in told if one.person)
    assert any(one.person for one in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_was_tuned_with_and_held_out(language: str):
    """Nor does a thing have the same other name."""
    corpus = tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))
    for family in corpus["family"]:
        for own in ("", "own_"):
            tuned = {*family.get(f"{own}tuning", ()), *family.get(f"{own}tuning_hard", ())}
            assert tuned.isdisjoint(family.get(f"{own}asked", ()))
    other = corpus.get("other", {}).items()
    assert corpus["tuning_other"].items().isdisjoint(other)


def test_the_stand_in_is_no_oracle():
    """Deterministic, of length one; it knows some words to be alike, and not all."""
    vector = embed("Where is my passport?")
    assert np.array_equal(vector, embed("Where is my passport?"))
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    groups = tomllib.loads((CORPUS / "standin.toml").read_text(encoding="utf-8"))["groups"]
    pairs = [group.split()[:2] for group in groups if len(group.split()) > 1]
    alike = np.array([float(embed(first) @ embed(second)) for first, second in pairs])
    assert 0.2 < (alike > 0.4).mean() < 0.8


def test_recall_and_size_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A small household through all of the bench: ours finds more than bare FTS5."""
    monkeypatch.setattr(measure, "FACTS", 200)
    monkeypatch.setattr(measure, "MANY", 300)
    monkeypatch.setattr(measure, "_TURNS", 10)
    monkeypatch.setattr(measure, "_grown", lambda *_: 1.0)
    monkeypatch.setattr(main, "_SEEDS", (1,))
    monkeypatch.setattr(main, "_TUNING_SEEDS", (11,))
    results = run_bench(PARTS, full=False, console=Console(quiet=True))
    found = results["recall"]
    assert 1 >= found["vectors"]["at_5"] > found["peer"]["at_5"] > 0
    assert found["text"]["at_5"] > found["peer"]["at_5"]
    assert set(results["tuning"]) == set(found)
    assert results["turn_ms_10000"] > 0
    assert "the right fact is found" in capsys.readouterr().out


def test_promises_that_are_not_kept_are_named():
    """Only of what was measured."""
    assert main.broken({}) == []
    assert main.broken({"recall_at_5_vectors": 0.97, "turn_ms_10000": 10}) == [
        "recall_at_5_vectors"
    ]
    assert main.broken({"recall_at_5_text": 0.95, "rss_mb_10000": 50.1}) == ["rss_mb_10000"]
