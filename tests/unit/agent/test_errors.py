"""Every error that a person may hear can be told."""

import json
import re
from pathlib import Path

import pytest

from custom_components.local_assist.errors import (
    BackendError,
    DownloadError,
    LocalAssistError,
    SpeechError,
)
from custom_components.local_assist.knowledge.errors import KnowledgeFileError
from custom_components.local_assist.memory.errors import MemoryFieldError, MemoryUnavailableError

TRANSLATIONS = Path("custom_components/local_assist/translations")


def family(root: type[LocalAssistError]) -> list[type[LocalAssistError]]:
    """Return a class and all below it."""
    return [root, *(error for child in root.__subclasses__() for error in family(child))]


# What is only shown: in forms, on the page, as repairs and by actions.
SHOWN = (DownloadError, KnowledgeFileError, MemoryFieldError, MemoryUnavailableError, SpeechError)
ERRORS = [error for error in family(LocalAssistError) if not issubclass(error, SHOWN)]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pt", "pl"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.key)
def test_every_error_has_a_sentence(error: type[LocalAssistError], language: str):
    """It names nothing but what the error documents to carry."""
    path = Path(__file__).parents[3] / TRANSLATIONS / f"{language}.json"
    sentence = json.loads(path.read_text())["exceptions"][error.key]["message"]
    documented = re.search(r"Placeholders: ([\w, ]+)\.", error.__doc__ or "")
    carried = set(documented[1].split(", ")) if documented else set()
    if issubclass(error, BackendError):
        carried.add("server")
    assert set(re.findall(r"{(\w+)}", sentence)) <= carried
