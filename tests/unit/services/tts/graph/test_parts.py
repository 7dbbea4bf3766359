"""The parts of a voice are made once, checked, and never in the way."""

import logging
import shutil
from pathlib import Path

import pytest

from tests.unit.services.tts.graph.small_voices import SmallVoice
from wyoming_services.tts.graph.parts import MANIFEST, Manifest, parts_of


@pytest.fixture
def voice(voices_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo voice without parts, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "voices"
    folder.mkdir()
    for end in ("", ".json"):
        shutil.copy(voices_folder / f"en_US-demo-low.onnx{end}", folder)
    return folder / "en_US-demo-low.onnx"


def times(folder: Path) -> dict[str, int]:
    """Return when each part was written."""
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}


def test_parts_are_made_once(voice: Path) -> None:
    """Beside the model, nothing else is left behind."""
    made = parts_of(voice)
    assert made is not None
    folder, manifest = made.folder, made.manifest
    assert folder == voice.with_name(f".{voice.name}.parts")
    assert set(times(folder)) == {MANIFEST, *manifest.hashes}
    assert {each.name for each in voice.parent.iterdir()} == {
        voice.name,
        f"{voice.name}.json",
        folder.name,
    }
    before = times(folder)
    assert parts_of(voice) == made
    assert times(folder) == before


@pytest.mark.parametrize("damage", ["vocoder.onnx", MANIFEST, "head.onnx"])
def test_damaged_parts_are_made_anew(voice: Path, damage: str) -> None:
    """A byte too many is seen, and so is a file that is gone."""
    made = parts_of(voice)
    assert made is not None
    file = made.folder / damage
    whole = file.read_bytes()
    file.write_bytes(whole + b"}")
    assert parts_of(voice) == made
    assert file.read_bytes() == whole
    file.unlink()
    assert parts_of(voice) == made
    assert file.read_bytes() == whole


def test_another_model_has_other_parts(voice: Path) -> None:
    """Under the same name."""
    before = parts_of(voice)
    small = SmallVoice()
    small.stretch(4, 8)
    small.save(voice)
    after = parts_of(voice)
    assert before is not None
    assert after is not None
    assert after.manifest.model != before.manifest.model
    assert after.manifest.parts[-1].rate == 4


def test_a_voice_that_cannot_be_split_is_remembered(
    voice: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With one line in the log, and without trying again."""
    caplog.set_level(logging.INFO)
    SmallVoice().save(voice)
    assert parts_of(voice) is None
    assert [record.getMessage() for record in caplog.records] == [
        "Voice en_US-demo-low renders each sentence whole: it has no vocoder that is local in time"
    ]
    before = times(voice.with_name(f".{voice.name}.parts"))
    assert parts_of(voice) is None
    assert times(voice.with_name(f".{voice.name}.parts")) == before


def test_parts_go_to_the_cache_when_the_folder_takes_none(voice: Path, tmp_path: Path) -> None:
    """As on a disk that is mounted read-only. A file stands for it: root may write anywhere."""
    voice.with_name(f".{voice.name}.parts").write_text("in the way")
    made = parts_of(voice)
    assert made is not None
    assert made.folder.is_relative_to(tmp_path / "cache")
    assert parts_of(voice) == made


def test_a_broken_model_is_not_split(voice: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Why is in the log; nothing is remembered, since a download may go on."""
    caplog.set_level(logging.INFO)
    voice.write_bytes(b"not a model")
    assert parts_of(voice) is None
    assert "splitting it failed" in caplog.text
    assert not voice.with_name(f".{voice.name}.parts").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', '{"format": 2, "parts": [{}]}'])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    """Whatever wrote it."""
    with pytest.raises(ValueError, match=r"."):
        Manifest.from_json(text)
