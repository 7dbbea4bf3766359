"""Whisper models are found on the machine, and downloaded when they are not."""

import json
import shutil
from pathlib import Path

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from tests.unit.services.catalog.conftest import Hub
from wyoming_services.catalog.whisper import LANGUAGES, fetch, find, is_path, languages
from wyoming_services.errors import NotFoundError

BASE = "Systran/faster-whisper-base"


@pytest.mark.parametrize("given", ["/models/base", "./base", "~/base", "a/b/c", "C:\\models"])
def test_a_path_is_told_from_a_name(given: str) -> None:
    """A path is never asked for on the hub."""
    assert is_path(given)


@pytest.mark.parametrize("given", ["base", "tiny.en", "Systran/faster-whisper-base"])
def test_a_name_is_told_from_a_path(given: str) -> None:
    """Also one of an organisation."""
    assert not is_path(given)


def test_our_languages_are_whispers() -> None:
    """They are listed here because asking faster-whisper takes long."""
    assert set(LANGUAGES) == set(_LANGUAGE_CODES)


def test_a_model_knows_its_languages(whisper_folder: Path) -> None:
    """Those it detects among."""
    assert languages(whisper_folder) == ("en", "de")


def test_languages_of_other_models(whisper_folder: Path, tmp_path: Path) -> None:
    """English-only ones, and conversions with one token a line or no list of languages."""
    model = Path(shutil.copytree(whisper_folder, tmp_path / "model"))
    vocabulary = json.loads((model / "vocabulary.json").read_text())
    (model / "vocabulary.json").unlink()
    (model / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n")
    assert languages(model) == ("en", "de")
    (model / "config.json").write_text("{}")
    assert languages(model) == LANGUAGES
    (model / "vocabulary.txt").write_text("\n".join(filter(None, vocabulary)) + "\n")
    assert languages(model) == ("en",)
    (model / "vocabulary.txt").unlink()
    assert languages(model) == LANGUAGES


def test_a_folder_is_found(whisper_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By path, by a path from here, by its name in a data directory."""
    assert find(str(whisper_folder), []) == whisper_folder
    assert find("whisper-demo", [Path("/nowhere"), whisper_folder.parent]) == whisper_folder
    monkeypatch.chdir(whisper_folder.parent)
    assert find("./whisper-demo", []) == Path("whisper-demo")


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_half_a_model_is_none(whisper_folder: Path, tmp_path: Path, missing: str) -> None:
    """The error says what it needs."""
    model = Path(shutil.copytree(whisper_folder, tmp_path / "model"))
    (model / missing).unlink()
    with pytest.raises(NotFoundError, match="is not the folder of a Whisper model: it needs"):
        fetch(str(model), [tmp_path], local_files_only=False)


@pytest.mark.parametrize(
    "given", ["base", BASE, "base-int8", "base.int8", "rhasspy/faster-whisper-base-int8"]
)
def test_a_model_is_downloaded_once(
    hub: Hub, whisper_folder: Path, tmp_path: Path, given: str
) -> None:
    """Under any of its names; the second time no network is needed."""
    hub.publish(BASE, whisper_folder)
    folder = fetch(given, [tmp_path], local_files_only=False)
    assert (folder / "model.bin").read_bytes() == (whisper_folder / "model.bin").read_bytes()
    hub.files.clear()
    hub.served.clear()
    assert fetch("base", [Path("/nowhere"), tmp_path], local_files_only=True) == folder
    assert hub.served == []


def test_a_download_cut_short_is_taken_up_again(
    hub: Hub, whisper_folder: Path, tmp_path: Path
) -> None:
    """Half a model is an error now, and no model later."""
    hub.publish(BASE, whisper_folder)
    hub.refused = "model.bin"
    with pytest.raises(NotFoundError, match=r"'base' could not be downloaded\. Give the folder"):
        fetch("base", [tmp_path], local_files_only=False)
    assert find("base", [tmp_path]) is None
    hub.refused = ""
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert (folder / "model.bin").read_bytes() == (whisper_folder / "model.bin").read_bytes()


def test_a_repository_of_something_else(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """What faster-whisper could not use without a network is no model, then and later."""
    other = Path(shutil.copytree(whisper_folder, tmp_path / "other"))
    (other / "tokenizer.json").unlink()
    hub.publish("some/model", other)
    with pytest.raises(NotFoundError, match="'some/model' on the hub is not a CTranslate2 Whisper"):
        fetch("some/model", [tmp_path], local_files_only=False)
    assert find("some/model", [tmp_path]) is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("nonsense", "There is no Whisper model called 'nonsense'"),
        ("some/model", "'some/model' could not be downloaded"),
    ],
)
def test_a_model_that_does_not_exist(hub: Hub, tmp_path: Path, given: str, text: str) -> None:
    """Neither here nor on the hub."""
    with pytest.raises(NotFoundError, match=text):
        fetch(given, [tmp_path], local_files_only=False)
    assert hub.served == []
