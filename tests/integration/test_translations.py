"""The translations: every error has its words, and all languages say the same things."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from custom_components.local_assist.errors import BackendError, LocalAssistError, SpeechError
from custom_components.local_assist.flows.agent_form import THINK_OPTIONS
from custom_components.local_assist.guard.rules import Kind
from tests.integration.translated import ENGLISH, FOLDER, placeholders

INTEGRATION = "custom_components.local_assist"
OTHERS = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "en")
LANGUAGES = {
    path.stem: json.loads(path.read_text())["exceptions"] for path in FOLDER.glob("*.json")
}
# What the guard says, which is nobody's error, and what it names.
GUARD_QUESTIONS = {f"guard_ask_{kind}": {"targets"} for kind in (*Kind, "all")}
GUARD_QUESTIONS["guard_pin"] = {"targets"}
GUARD = GUARD_QUESTIONS | {
    "guard_done": set(),
    "guard_failed": set(),
    "guard_locked_out": {"seconds"},
    "guard_never": {"targets"},
    "guard_no_pin": set(),
    "guard_not_later": {"targets"},
    "guard_refused": set(),
    "guard_too_late": set(),
    "guard_wrong_pin": set(),
}


def all_errors(root: type[LocalAssistError] = LocalAssistError) -> Iterator[type[LocalAssistError]]:
    """Return an error class and all below it."""
    yield root
    for kind in root.__subclasses__():
        if kind.__module__.startswith(INTEGRATION):
            yield from all_errors(kind)


def texts(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return every text with its path."""
    if isinstance(words, str):
        yield path, words
        return
    for key, below in words.items():
        yield from texts(below, f"{path}.{key}")


def announced(kind: type[LocalAssistError]) -> set[str]:
    """Return the placeholders that an error's documentation, or a parent's, announces."""
    documentation = " ".join(parent.__doc__ or "" for parent in kind.__mro__[:-3])
    found = re.findall(r"Placeholders?(?: of all)?: ([\w, ]+)\.", documentation)
    return {name.strip() for names in found for name in names.split(",")}


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.key)
def test_every_error_has_its_words(kind: type[LocalAssistError]) -> None:
    """An error's text exists and names nothing that the error does not carry."""
    text = ENGLISH["exceptions"][kind.key]["message"]
    assert placeholders(text) <= announced(kind)


def test_no_words_without_an_error() -> None:
    """What no error says any more is gone."""
    known = {kind.key for kind in all_errors()} | set(GUARD)
    assert {key.removesuffix("_spoken") for key in ENGLISH["exceptions"]} == known
    assert known <= set(ENGLISH["exceptions"])


def test_flows_know_every_error_of_a_server() -> None:
    """Whatever Ollama or a speech server does, a form can say it."""
    model_only = {"model_not_found", "model_loading", "model_unsuitable", "context_overflow"}
    backend = {kind.key for kind in all_errors(BackendError)} - model_only
    ollama = backend - {"not_openai"}
    speech = {kind.key for kind in all_errors(SpeechError)} - {"speech_failed"}

    assert set(ENGLISH["config"]["error"]) == ollama | speech | {"invalid_url", "invalid_address"}
    assert set(ENGLISH["config_subentries"]["backend"]["error"]) == backend | {"invalid_url"}
    for role in ("stt", "tts"):
        subentry = ENGLISH["config_subentries"][role]
        assert set(subentry["error"]) == speech | {"invalid_address"}


def test_subentries_have_their_names() -> None:
    """Each kind of subentry is named, and so is how one is begun and changed."""
    assert set(ENGLISH["config_subentries"]) == {
        "conversation",
        "ai_task_data",
        "backend",
        "stt",
        "tts",
    }
    for words in ENGLISH["config_subentries"].values():
        assert words["entry_type"]
        assert set(words["initiate_flow"]) == {"user", "reconfigure"}


def test_thinking_is_named() -> None:
    """Each degree of thinking is named."""
    assert list(ENGLISH["selector"]["think"]["options"]) == THINK_OPTIONS


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_follow(language: str) -> None:
    """Another language has no text that English lacks, and the same placeholders."""
    english = dict(texts(ENGLISH))
    for path, text in texts(json.loads((FOLDER / f"{language}.json").read_text())):
        assert placeholders(text) == placeholders(english[path]), path


def test_it_speaks_all_its_languages() -> None:
    """Whatever is said to a person is said in each language; downloads are only shown."""
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "it", "nl", "pt", "pl"}
    german = {key for key in LANGUAGES["de"] if not key.startswith("download_")}
    for language in LANGUAGES.keys() - {"en", "de"}:
        assert set(LANGUAGES[language]) == german, language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", GUARD)
def test_what_the_guard_says(language: str, key: str) -> None:
    """Questions, and only these, end with a question mark, so that an answer is listened to."""
    text = LANGUAGES[language][key]["message"]
    assert placeholders(text) == GUARD[key]
    assert text.endswith("?") == (key in GUARD_QUESTIONS)
    assert text.endswith(("?", "."))


def test_no_text_is_empty() -> None:
    """Nothing is left to be written."""
    assert all(text.strip() for _, text in texts(ENGLISH))
