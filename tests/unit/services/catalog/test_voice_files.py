"""One's own voices are added whole or not at all, and removed with all that belongs to them."""

import errno
import re
import shutil
from pathlib import Path
from typing import NoReturn

import onnx
import pytest
from onnx import TensorProto, helper

from wyoming_services.catalog.piper import VoiceFolders
from wyoming_services.catalog.voice_files import add, remove
from wyoming_services.errors import BadRequestError, NotFoundError

NAME = "en_US-demo-low"
DUO = "en_US-demo_duo-low"
OWN = "en_US-grandma-low"


@pytest.fixture
def pair(voices_folder: Path, tmp_path: Path) -> Path:
    """The model of a voice somewhere else, with its configuration; its name is none."""
    model = tmp_path / "on a stick" / "grandma 2.onnx"
    model.parent.mkdir()
    shutil.copy(voices_folder / f"{DUO}.onnx", model)
    shutil.copy(voices_folder / f"{DUO}.onnx.json", f"{model}.json")
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data directory."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def everything(folder: Path) -> list[str]:
    """Return what is in a folder, but for locks."""
    return sorted(file.name for file in folder.iterdir() if file.suffix != ".lock")


def test_a_voice_is_copied(pair: Path, folder: Path) -> None:
    """Under the name given; what an attempt that was killed left does not matter."""
    rest = folder / f".{OWN}.onnx.download"
    rest.mkdir()
    (rest / "junk").touch()
    add(pair, OWN, folder)
    assert everything(folder) == [f"{OWN}.onnx", f"{OWN}.onnx.json"]
    assert (folder / f"{OWN}.onnx").read_bytes() == pair.read_bytes()
    voice = VoiceFolders([folder]).voices()[OWN]
    assert [name for name, _ in voice.speakers] == ["low", "high"]


def test_the_model_comes_last(pair: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it there is no voice yet."""
    replaced: list[str] = []
    replace = Path.replace

    def record(self: Path, target: Path) -> Path:
        replaced.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", record)
    add(pair, OWN, folder)
    assert replaced == [f"{OWN}.onnx.json", f"{OWN}.onnx"]


def test_a_name_that_is_taken(pair: Path, folder: Path) -> None:
    """Is not taken from its voice."""
    add(pair, OWN, folder)
    before = (folder / f"{OWN}.onnx").stat()
    with pytest.raises(BadRequestError, match=rf"remove it first \(local-assist .* remove {OWN}\)"):
        add(pair, OWN, folder)
    assert (folder / f"{OWN}.onnx").stat() == before


@pytest.mark.parametrize("missing", ["", ".json"])
def test_a_file_is_missing(pair: Path, folder: Path, missing: str) -> None:
    """The text names it."""
    Path(f"{pair}{missing}").unlink()
    with pytest.raises(NotFoundError, match=rf"{re.escape(pair.name + missing)} is not there: a"):
        add(pair, OWN, folder)


def test_a_model_cut_short(pair: Path, folder: Path) -> None:
    """Is not copied."""
    pair.write_bytes(pair.read_bytes()[:-1])
    with pytest.raises(BadRequestError, match=r"grandma 2\.onnx is not a whole ONNX model"):
        add(pair, OWN, folder)
    assert everything(folder) == []


def test_a_model_that_cannot_be_loaded(pair: Path, folder: Path) -> None:
    """Nor one whose outside alone is right."""
    content = bytearray(pair.read_bytes())
    content[1000:-1000] = bytes(len(content) - 2000)
    pair.write_bytes(content)
    with pytest.raises(BadRequestError, match="cannot be used as a voice: "):
        add(pair, OWN, folder)
    assert everything(folder) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"audio": {"sample_rate": 22050}}'])
def test_a_configuration_that_is_none(pair: Path, folder: Path, content: str) -> None:
    """The text names the file."""
    Path(f"{pair}.json").write_text(content)
    with pytest.raises(BadRequestError, match=r"grandma 2\.onnx\.json is no voice's configuration"):
        add(pair, OWN, folder)


def test_a_configuration_that_piper_cannot_read(pair: Path, folder: Path) -> None:
    """It knows what it needs better than we do."""
    config = '{"audio": {"sample_rate": 22050}, "num_speakers": 1}'
    Path(f"{pair}.json").write_text(config)
    with pytest.raises(BadRequestError, match="cannot be used as a voice: "):
        add(pair, OWN, folder)


def test_a_model_of_something_else(pair: Path, folder: Path) -> None:
    """Is told from what it takes."""
    value = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1])
    graph = helper.make_graph(
        [helper.make_node("Identity", ["input"], ["output"])], "x", [value], [out]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.save(model, pair)
    with pytest.raises(BadRequestError, match="has no input input_lengths, scales, sid"):
        add(pair, OWN, folder)


def test_a_model_of_one_speaker_described_as_two(
    pair: Path, folder: Path, voices_folder: Path
) -> None:
    """Its speakers could not be chosen."""
    shutil.copy(voices_folder / f"{NAME}.onnx", pair)
    with pytest.raises(BadRequestError, match="has no input sid"):
        add(pair, OWN, folder)


def test_too_little_room(pair: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before it is copied."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 1000))
    with pytest.raises(OSError, match="it needs 1 MB, 0 MB are free"):
        add(pair, OWN, folder)
    assert everything(folder) == []


def test_a_disk_that_fills_up_meanwhile(
    pair: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaves nothing behind."""

    def fail(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", fail)
    with pytest.raises(OSError, match="No space left"):
        add(pair, OWN, folder)
    assert everything(folder) == []


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a\0b", "", "-x", "x/y", "a b", "n" * 500])
def test_a_name_that_is_none(pair: Path, folder: Path, name: str) -> None:
    """Neither to add nor to remove."""
    outside = folder.parent / "x.onnx"
    shutil.copy(pair, outside)
    with pytest.raises(BadRequestError, match=r"is no voice's name: .* is never a path"):
        add(pair, name, folder)
    with pytest.raises(BadRequestError, match=r"is no voice's name: .* is never a path"):
        remove(name, [folder])
    assert everything(folder) == []
    assert outside.is_file()


def test_a_voice_is_removed_with_all_that_belongs_to_it(pair: Path, folder: Path) -> None:
    """From every data directory; others stay."""
    other = folder.parent / "other"
    for each in (folder, other):
        add(pair, OWN, each)
        add(pair, f"{OWN}er", each)
    for rest in ("parts", "download"):
        (folder / f".{OWN}.onnx.{rest}").mkdir()
        (folder / f".{OWN}.onnx.{rest}" / "x.part").touch()
    assert remove(OWN, [folder, other]) == [folder / f"{OWN}.onnx", other / f"{OWN}.onnx"]
    for each in (folder, other):
        assert everything(each) == [f"{OWN}er.onnx", f"{OWN}er.onnx.json"]
        assert not (each / f".{OWN}.onnx.lock").exists()


@pytest.mark.parametrize("kept", [".onnx", ".onnx.json"])
def test_half_a_voice_can_be_removed(folder: Path, kept: str) -> None:
    """Though it is none."""
    (folder / f"{OWN}{kept}").touch()
    remove(OWN, [folder])
    assert everything(folder) == []
    with pytest.raises(NotFoundError, match=f"There is no voice '{OWN}' in {folder}"):
        remove(OWN, [folder])


def test_only_links_are_removed_of_what_is_linked(pair: Path, folder: Path) -> None:
    """What they lead to is not in the data directory."""
    (folder / f"{OWN}.onnx").symlink_to(pair)
    (folder / f"{OWN}.onnx.json").symlink_to(f"{pair}.json")
    (folder / f".{OWN}.onnx.parts").symlink_to(pair.parent)
    assert list(VoiceFolders([folder]).voices()) == [OWN]
    remove(OWN, [folder])
    assert everything(folder) == []
    assert everything(pair.parent) == ["grandma 2.onnx", "grandma 2.onnx.json"]
