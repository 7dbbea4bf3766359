"""Voices are found in folders, and downloaded complete or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from tests.fakes.hub import Hub
from wyoming_services.catalog.piper import VoiceFolders, download
from wyoming_services.config import TtsConfig
from wyoming_services.errors import NotFoundError
from wyoming_services.tts.service import TtsService

NAME = "en_US-demo-low"
DUO = "en_US-demo_duo-low"
PATH = f"/en/en_US/demo/low/{NAME}"


@pytest.fixture
def published(hub: Hub, voices_folder: Path) -> Hub:
    """The hub with one voice."""
    for ending in (".onnx", ".onnx.json"):
        hub.files[PATH + ending] = voices_folder / f"{NAME}{ending}"
    return hub


def test_what_a_voice_says_of_itself(voices_folder: Path) -> None:
    """Read from its configuration file."""
    voices = VoiceFolders([voices_folder]).voices()
    assert list(voices) == [NAME, DUO]
    assert (voices[NAME].language, voices[NAME].rate, voices[NAME].speakers) == ("en_US", 22050, ())
    assert voices[DUO].speakers == (("low", 0), ("high", 1))
    assert voices[DUO].config.is_file()


def test_a_speaker_without_a_name_goes_by_the_number(voices_folder: Path, tmp_path: Path) -> None:
    """And a voice that says no language goes by its name."""
    config = json.loads((voices_folder / f"{DUO}.onnx.json").read_text())
    config["speaker_id_map"] = {"high": 1}
    del config["language"]
    shutil.copy(voices_folder / f"{DUO}.onnx", tmp_path / "nl_BE-x-low.onnx")
    (tmp_path / "nl_BE-x-low.onnx.json").write_text(json.dumps(config))
    voice = VoiceFolders([tmp_path]).voices()["nl_BE-x-low"]
    assert (voice.language, voice.speakers) == ("nl_BE", (("0", 0), ("high", 1)))


def test_a_voice_without_both_files_is_none(voices_folder: Path, tmp_path: Path) -> None:
    """Nor one whose copy has not begun."""
    shutil.copy(voices_folder / f"{NAME}.onnx", tmp_path)
    shutil.copy(voices_folder / f"{DUO}.onnx.json", tmp_path)
    (tmp_path / f"{DUO}.onnx").touch()
    assert VoiceFolders([tmp_path, tmp_path / "nowhere"]).voices() == {}


def test_of_two_voices_of_one_name_the_first_counts(voices_folder: Path, tmp_path: Path) -> None:
    """Folders are searched in order."""
    shutil.copytree(voices_folder, tmp_path, dirs_exist_ok=True)
    assert VoiceFolders([tmp_path, voices_folder]).voices()[NAME].model.parent == tmp_path


def test_the_configured_voice_is_downloaded(published: Hub, tmp_path: Path) -> None:
    """Once, to the first data directory, made for it."""
    folders = (tmp_path / "new", tmp_path / "other")
    for _ in range(2):
        service = TtsService(TtsConfig(voice=NAME, data_dirs=folders))
        service.load()
        assert [voice.name for voice in service.info().tts[0].voices] == [NAME]
    assert published.served == [f"{PATH}.onnx", f"{PATH}.onnx.json"]
    assert sorted(file.name for file in folders[0].iterdir()) == [
        f"{NAME}.onnx",
        f"{NAME}.onnx.json",
    ]


@pytest.mark.parametrize("missing", [".onnx", ".onnx.json"])
def test_half_a_voice_is_never_left_behind(published: Hub, tmp_path: Path, missing: str) -> None:
    """The error says what to do."""
    del published.files[PATH + missing]
    with pytest.raises(NotFoundError, match=rf"HTTP Error 404.* Copy {NAME}\.onnx and"):
        download(NAME, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_voice(hub: Hub, tmp_path: Path) -> None:
    """Piper's own names have three parts."""
    with pytest.raises(NotFoundError, match="'nonsense' is not on this machine"):
        download("nonsense", tmp_path)
    assert hub.served == []
