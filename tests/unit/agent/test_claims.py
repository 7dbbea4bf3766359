"""Orders and claims are told from everything else, in eight languages."""

import tomllib
from pathlib import Path

import pytest

from custom_components.local_assist.agent.claims import claims_done, is_command

CORPUS = tomllib.loads(
    (Path(__file__).parents[2] / "corpora/claims.toml").read_text(encoding="utf-8")
)


def _sentences(kind: str) -> list[tuple[str, str]]:
    return [(language, text) for language, kinds in CORPUS.items() for text in kinds[kind]]


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    """At least 150 sentences, some in each language."""
    assert sum(len(texts) for kinds in CORPUS.values() for texts in kinds.values()) >= 150
    assert set(CORPUS) == {"en", "de", "fr", "es", "it", "nl", "pt", "pl"}


@pytest.mark.parametrize(("language", "sentence"), _sentences("orders"))
def test_orders_are_commands(language: str, sentence: str) -> None:
    """Orders, also those asked as a favour, are commands."""
    assert is_command(sentence, language)


@pytest.mark.parametrize(("language", "sentence"), _sentences("others"))
def test_questions_and_talk_are_none(language: str, sentence: str) -> None:
    """Questions, greetings, wishes to be reminded and talk are no commands."""
    assert not is_command(sentence, language)


@pytest.mark.parametrize(("language", "text"), _sentences("claims"))
def test_what_says_it_was_done_is_a_claim(language: str, text: str) -> None:
    """What says that something was done is a claim."""
    assert claims_done(text, language)


@pytest.mark.parametrize(("language", "text"), _sentences("reports"))
def test_answers_refusals_and_questions_back_are_none(language: str, text: str) -> None:
    """Answers, refusals and questions back claim nothing."""
    assert not claims_done(text, language)


def test_a_country_and_case_make_no_difference() -> None:
    """The language may come with a country, the text in capitals."""
    assert is_command("TURN ON THE LIGHT", "en-GB")
    assert claims_done("ERLEDIGT", "de_AT")


def test_nothing_is_known_of_other_languages() -> None:
    """Without a table for the language, nothing is a command or claim."""
    assert not is_command("Turn on the light", "ja")
    assert not claims_done("Done.", "ja")
    assert not is_command("", "en")
    assert not claims_done("", "en")
