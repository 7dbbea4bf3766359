"""What `voices` does with names, folders and files that make no sense."""

import shutil
from pathlib import Path

import pytest

from wyoming_services.cli import voices
from wyoming_services.cli.app import execute

VOICES = Path(__file__).parents[4] / "demo" / "models" / "voices"
NAME = "en_US-demo-low"


@pytest.fixture(autouse=True)
def _own_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the test process its logging."""
    monkeypatch.setattr(voices, "_log_to_terminal", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a voice in it, and another voice beside it, which is nobody's."""
    folder = tmp_path / "data"
    folder.mkdir()
    for each in (folder, tmp_path):
        for ending in (".onnx", ".onnx.json"):
            shutil.copy(VOICES / f"{NAME}{ending}", each)
    monkeypatch.setenv("LOCAL_ASSIST_TTS_DATA_DIR", str(folder))
    return folder


@pytest.mark.parametrize("command", ["download", "remove"])
@pytest.mark.parametrize(
    "name",
    [
        *("", "..", f"../{NAME}", f"data/../{NAME}", f"/tmp/{NAME}", f"./{NAME}", f"x/{NAME}"),
        *("~", "C:\\voice", "a\0b", "a\nb", "a b", "a#b", "n" * 100_000, "🙂" * 1000, "%2e%2e%2f"),
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_a_name_is_never_a_path(
    folder: Path, command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is done, for the other names neither, and one line says what a name is."""
    before = sorted(folder.parent.rglob("*"))
    assert execute(["voices", command, NAME, name]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "is never a path" in captured.err
    assert len(captured.err) < 500
    assert sorted(folder.parent.rglob("*")) == before


def test_a_name_to_add_is_never_a_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is the name of the file taken for one where it cannot be."""
    model = folder.parent / f"{NAME}.onnx"
    assert execute(["voices", "add", str(model), "--name", "../x"]) == 2
    odd = model.rename(folder.parent / "my voice.onnx")
    assert execute(["voices", "add", str(odd)]) == 2
    assert capsys.readouterr().err.count("is never a path") == 2


def test_what_is_done_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output; what is not, on standard error, and by the exit code."""
    model = VOICES / "en_US-demo_duo-low.onnx"
    assert execute(["voices", "add", str(model), "--name", "de_DE-opa-low"]) == 0
    assert execute(["voices", "add", str(model), "--name", "de_DE-opa-low"]) == 1
    assert execute(["voices", "remove", "de_DE-oma-low", "de_DE-opa-low"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        f"Added de_DE-opa-low (en_US, 22050 Hz, 2 speakers) to {folder}",
        f"Removed de_DE-opa-low from {folder}",
    ]
    taken, missing = captured.err.splitlines()
    assert taken.startswith(f"local-assist: There is a voice 'de_DE-opa-low' in {folder}: remove")
    assert missing == f"local-assist: There is no voice 'de_DE-oma-low' in {folder}."


def test_letters_may_be_written_in_two_characters(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As some terminals send them."""
    for ending in (".onnx", ".onnx.json"):
        shutil.copy(folder / f"{NAME}{ending}", folder / f"pt_PT-tug\u00e3o-medium{ending}")
    assert execute(["voices", "remove", "pt_PT-tuga\u0303o-medium"]) == 0
    assert "tug\u00e3o" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["list"], ["download", NAME], ["remove", NAME]])
def test_a_data_directory_that_is_a_file(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Is refused as the server refuses it."""
    (tmp_path / "file").touch()
    assert execute(["voices", *command, "--data-dir", str(tmp_path / "file")]) == 2
    assert f"data-dir '{tmp_path}/file' is not a folder" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is named, with what is wrong with it."""
    under_a_file = folder / f"{NAME}.onnx" / "folder"
    model = folder.parent / f"{NAME}.onnx"
    assert execute(["voices", "add", str(model), "--data-dir", str(under_a_file)]) == 1
    assert f"{NAME}: Not a directory ({under_a_file}" in capsys.readouterr().err


def test_downloads_go_where_the_servers_go(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder for downloads comes first, as it does for the server."""
    other = folder.parent / "other"
    model = folder.parent / f"{NAME}.onnx"
    arguments = ["voices", "add", str(model), "--name", "x", "--download-dir", str(other)]
    assert execute(arguments) == 0
    assert capsys.readouterr().out.endswith(f" to {other}\n")
    assert sorted(file.name for file in other.glob("[!.]*")) == ["x.onnx", "x.onnx.json"]
