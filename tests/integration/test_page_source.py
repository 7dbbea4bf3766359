"""The page's own files: no HTML made of data, nothing from elsewhere, and words for everything."""

import re
from pathlib import Path

import pytest

from custom_components.local_assist.page import ELEMENT, FRONTEND
from tests.integration.translated import ENGLISH

FILES = sorted(FRONTEND.iterdir())
SOURCE = "\n".join(path.read_text() for path in FILES)
WORDS = {key.removeprefix("page_") for key in ENGLISH["common"] if key.startswith("page_")}
# Keys that are put together where they are used, by what the parts of the assistant are called.
PUT_TOGETHER = re.compile(
    r"(by|guard|kind|source|file|stage|tokens)_|(edit|delete)_fact$|(load|unload|delete)_(model|begun|done)$"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_small_and_of_one_kind(path: Path) -> None:
    """Modules and nothing else, each to be read in one go."""
    assert path.suffix == ".js"
    assert path.read_text().count("\n") <= 400
    assert path.read_text().startswith("/**")


@pytest.mark.parametrize(
    "way",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "setHTML",
        "document.write",
        "createContextualFragment",
        "DOMParser",
        "eval(",
        "new Function",
        "srcdoc",
        "javascript:",
    ],
)
def test_no_text_becomes_html_or_a_program(way: str) -> None:
    """Facts, names and files are text, whatever is in them."""
    assert way not in SOURCE


def test_nothing_comes_from_elsewhere() -> None:
    """The page loads its own modules alone."""
    assert "://" not in SOURCE
    imports = re.findall(r'^import .* from "(.+)";$', SOURCE, re.MULTILINE)
    assert len(imports) == len(re.findall(r"^import ", SOURCE, re.MULTILINE))
    program = re.sub(r"/\*.*?\*/", "", SOURCE, flags=re.DOTALL)
    assert not re.search(r"(?<!#)\bimport\(", program)
    assert {name.removeprefix("./") for name in imports} <= {path.name for path in FILES}
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", SOURCE)


def test_the_element_is_the_panels() -> None:
    """Home Assistant finds the element under the name it was told."""
    assert f'const ELEMENT = "{ELEMENT}"' in SOURCE


def test_every_word_is_there_and_used() -> None:
    """No text is missing, and none is left over."""
    asked = set(re.findall(r"(?:text|button)\(\s*\"(\w+)\"", SOURCE))
    lists = re.findall(r"columns = \[([^\]]*)\]", SOURCE)
    asked |= {key for keys in lists for key in re.findall(r'"(\w+)"', keys)}
    missing = asked - WORDS
    assert not missing
    quoted = set(re.findall(r'"(\w+)"', SOURCE)) | set(
        re.findall(r"^  (\w+): \w+Section,$", SOURCE, re.MULTILINE)
    )
    left_over = {key for key in WORDS - quoted if not PUT_TOGETHER.match(key)}
    assert not left_over
