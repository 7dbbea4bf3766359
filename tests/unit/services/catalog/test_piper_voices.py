"""Voices are found in folders: whole ones with a name, read anew when they change."""

import json
import os
import shutil
from pathlib import Path

import pytest

from wyoming_services.catalog.onnx_file import is_whole
from wyoming_services.catalog.piper import VoiceFolders, is_name

NAME = "en_US-demo-low"
DUO = "en_US-demo_duo-low"


@pytest.fixture
def folder(voices_folder: Path, tmp_path: Path) -> Path:
    """A folder with one voice."""
    for ending in (".onnx", ".onnx.json"):
        shutil.copy(voices_folder / f"{NAME}{ending}", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [NAME, DUO, "pt_PT-tugão-medium", "x", "kitchen.v2", "a+b", "zh_CN-华-x_low", "n" * 150],
)
def test_what_may_be_a_name(name: str) -> None:
    """Letters of any language and digits, and a few signs inside."""
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "a/../b", "/etc/passwd", "a/b", "a\\b", "C:x", "~", "~root"),
        *("a\0b", "a\nb", "a\n", "a b", " a", ".a", "._a", "a.", "-a", "_a", "--data-dir", "a#low"),
        *("a%2fb", "a:b", "a*", "a?", "a;b", "a\u202eb", "a\u2044b", "\ud800", "n" * 151, "ä" * 76),
        *("n" * 1_000_000, "\N{FULLWIDTH SOLIDUS}", "a\N{COMBINING TILDE}", "\uff45\uff4e"),
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_what_may_not_be_a_name(name: str) -> None:
    """Nothing that is a path, a flag, or hard to see."""
    assert not is_name(name)


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


def test_a_voice_being_copied_is_none_until_it_is_whole(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is looked at meanwhile; the log says so once."""
    model = folder / f"{NAME}.onnx"
    content = model.read_bytes()
    folders = VoiceFolders([folder])
    for size in range(1, len(content), len(content) // 50):
        model.write_bytes(content[:size])
        assert folders.voices() == {}
    assert len([line for line in caplog.messages if "is it still being copied?" in line]) == 1
    model.write_bytes(content)
    assert list(folders.voices()) == [NAME]


def test_a_configuration_being_written_is_read_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault is told once, and once more when it comes back."""
    config = folder / f"{NAME}.onnx.json"
    whole = config.read_text()
    folders = VoiceFolders([folder])
    for count in (1, 2):
        config.write_text("{")
        for _ in range(3):
            assert folders.voices() == {}
        os.utime(config, ns=(count, count))
        assert folders.voices() == {}
        assert (
            len([line for line in caplog.messages if "no voice's configuration" in line]) == count
        )
        config.write_text(whole)
        assert list(folders.voices()) == [NAME]


@pytest.mark.parametrize(
    "content",
    [
        *("[]", "1", '"x"', "null", "[" * 100_000, '{"audio": 1}', '{"audio": {"sample_rate": 0}}'),
        '{"audio": {"sample_rate": 1e999}, "num_speakers": 1}',
        '{"audio": {"sample_rate": 1000000}, "num_speakers": 1}',
        '{"audio": {"sample_rate": 22050}, "num_speakers": 1e15}',
        '{"audio": {"sample_rate": 22050}, "num_speakers": 1000000000000}',
        '{"audio": {"sample_rate": 22050}, "num_speakers": "two"}',
        '{"audio": {"sample_rate": 22050}, "num_speakers": 2, "speaker_id_map": {"a": "b"}}',
        '{"audio": {"sample_rate": 22050}, "num_speakers": 1}' + " " * 5_000_000,
    ],
    ids=lambda content: content[:60].strip(),
)
def test_a_configuration_that_is_none(
    folder: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Costs neither memory nor the other voices, and the log names the file."""
    (folder / f"{NAME}.onnx.json").write_text(content)
    assert VoiceFolders([folder]).voices() == {}
    (line,) = caplog.messages
    assert f"{NAME}.onnx.json" in line
    assert len(line) < 1000


def test_a_file_whose_name_is_none_is_left_out(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says how to call it; hidden files are nobody's voices, and are not told of."""
    for name in ("my voice", "a#b", ".hidden", f"._{NAME}"):
        for ending in (".onnx", ".onnx.json"):
            shutil.copy(folder / f"{NAME}{ending}", folder / f"{name}{ending}")
    assert list(VoiceFolders([folder]).voices()) == [NAME]
    assert len(caplog.messages) == 2
    assert all("cannot be its name; use letters" in line for line in caplog.messages)


def test_a_voice_that_was_here_may_still_speak(folder: Path) -> None:
    """What began with it ends with it; it is not found any more."""
    folders = VoiceFolders([folder])
    (folder / f"{NAME}.onnx").rename(folder / f"{NAME}.old")
    assert folders.seen() == {}
    (folder / f"{NAME}.old").rename(folder / f"{NAME}.onnx")
    assert list(folders.voices()) == [NAME]
    (folder / f"{NAME}.onnx").unlink()
    assert folders.voices() == {}
    assert list(folders.seen()) == [NAME]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\0", b"\xff" * 100, b"\x08\x08", b"\x3a", b"\x3a\xff", b"\x3a\x05abc"),
        *(b"\x3a" + b"\xff" * 9 + b"\x01", b"<html></html>", b"\x08\x00" * 100_000),
    ],
)
def test_what_is_no_model(tmp_path: Path, content: bytes) -> None:
    """Told from its first bytes."""
    (tmp_path / "x.onnx").write_bytes(content)
    assert not is_whole(tmp_path / "x.onnx")


def test_every_kind_of_field_is_known(tmp_path: Path) -> None:
    """A graph between numbers of both sizes."""
    (tmp_path / "x.onnx").write_bytes(b"\x08\x96\x01\x3a\x01x\x51abcdefgh\x55abcd")
    assert is_whole(tmp_path / "x.onnx")
