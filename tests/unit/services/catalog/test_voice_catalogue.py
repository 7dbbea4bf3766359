"""Voices are listed with and without a network, and downloaded complete or not at all."""

import json
import logging
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import constants
from piper.download_voices import VOICE_PATTERN

from tests.fakes.hub import Hub
from wyoming_services.catalog import hub as hub_module
from wyoming_services.catalog.piper import VoiceFolders
from wyoming_services.catalog.progress import Download
from wyoming_services.catalog.voices import _NAME, INDEX, age, download, offered, refresh
from wyoming_services.config import TtsConfig
from wyoming_services.errors import NotFoundError
from wyoming_services.tts.service import TtsService

DEMO = "en_US-demo-low"
NAME = "pt_PT-tugão-medium"
PATH = f"pt/pt_PT/tugão/medium/{NAME}"


@pytest.fixture
def published(hub: Hub, voices_folder: Path, tmp_path: Path) -> Hub:
    """The hub with two voices and their index; the model of one has a megabyte."""
    hub.publish_voice(voices_folder / f"{DEMO}.onnx", DEMO)
    model = tmp_path / "hub" / f"{NAME}.onnx"
    model.parent.mkdir()
    # A field of its own, `doc_string`, of 1,000,001 bytes: still a model.
    note = b"\x32\xc1\x84\x3d" + b"x" * 1_000_001
    model.write_bytes((voices_folder / f"{DEMO}.onnx").read_bytes() + note)
    shutil.copy(voices_folder / f"{DEMO}.onnx.json", f"{model}.json")
    hub.publish_voice(model, NAME)
    hub.publish_index(tmp_path / "hub" / INDEX)
    return hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where voices go; not made yet."""
    return tmp_path / "new" / "voices"


def visible(folder: Path) -> list[str]:
    """Return what is in a folder and not hidden."""
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))


def test_the_catalogue_is_kept(published: Hub, folder: Path, tmp_path: Path) -> None:
    """Fetched once, then again when it has changed; read without a network."""
    for _ in range(2):
        refresh(folder)
    assert len(published.ranges(INDEX)) == 1
    voice = offered(folder)[NAME]
    assert (voice.language, voice.language_name) == ("pt_PT", "English (Utopia)")
    assert (voice.quality, voice.speakers) == ("medium", 1)
    files = [published.files[path] for path in published.files if NAME in path]
    assert voice.size == sum(file.stat().st_size for file in files)
    del published.index[NAME]
    published.publish_index(tmp_path / "hub" / INDEX)
    refresh(folder)
    assert list(offered(folder)) == [DEMO]
    assert len(published.ranges(INDEX)) == 2


def test_the_catalogue_without_a_network(
    published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is there to read, and says how old it is."""
    assert (offered(folder), age(folder)) == ({}, None)
    refresh(folder)
    published.files.clear()
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        NotFoundError, match=r"The catalogue of voices could not be fetched \(.*ref"
    ):
        refresh(folder)
    assert set(offered(folder)) == {DEMO, NAME}
    assert age(folder, lambda: (folder / INDEX).stat().st_mtime + 60) == 60


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, "\x00", '"x"'])
def test_an_index_that_is_none(published: Hub, folder: Path, tmp_path: Path, content: str) -> None:
    """Offers nothing."""
    published.publish_index(tmp_path / "hub" / INDEX, content)
    if content:
        refresh(folder)
    assert offered(folder) == {}


def test_an_index_with_odd_entries(published: Hub, folder: Path, tmp_path: Path) -> None:
    """Offers the others: nothing that is a path, or that lacks what is listed."""
    good = published.index[DEMO]
    odd = [
        good | {"key": "../../etc/passwd"},
        good | {"key": f"{DEMO}\n"},
        good | {"language": None},
        good | {"num_speakers": 1e999},
        good | {"files": []},
        *(None, 1, "x", [], {}),
    ]
    content = json.dumps({"good": good} | {str(i): each for i, each in enumerate(odd)})
    published.publish_index(tmp_path / "hub" / INDEX, content)
    refresh(folder)
    assert list(offered(folder)) == [DEMO]


def test_an_index_far_too_large(
    published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not downloaded."""
    monkeypatch.setattr("wyoming_services.catalog.voices._LARGEST_INDEX", 100)
    with pytest.raises(NotFoundError, match=r"\(the hub offers 0 MB, which cannot be right\)"):
        refresh(folder)
    assert published.asked == []


def test_a_hub_that_does_not_answer(
    published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not waited for for ever."""
    monkeypatch.setattr(hub_module, "_TIMEOUT", 0.2)
    published.silent = True
    published.gate.clear()
    try:
        with pytest.raises(NotFoundError, match=r"could not be fetched .*timed out"):
            refresh(folder)
    finally:
        published.gate.set()


@pytest.mark.parametrize("name", [NAME, DEMO, "es_419-x-high", "en_US-libritts_r-medium"])
def test_a_name_is_read_as_piper_reads_it(name: str) -> None:
    """Its downloader makes the same path of it."""
    ours, pipers = _NAME.fullmatch(name), VOICE_PATTERN.match(name)
    assert ours is not None
    assert pipers is not None
    assert ours.groups() == pipers.groups()


def test_the_configured_voice_is_downloaded(published: Hub, folder: Path, tmp_path: Path) -> None:
    """Once, to the first data directory, made for it."""
    folders = (folder, tmp_path / "other")
    for _ in range(2):
        service = TtsService(TtsConfig(voice=DEMO, data_dirs=folders))
        service.load()
        assert [voice.name for voice in service.info().tts[0].voices] == [DEMO]
        assert service.status().downloads == ()
    assert [path.rpartition("/")[2] for path in published.served] == [
        f"{DEMO}.onnx",
        f"{DEMO}.onnx.json",
    ]
    assert visible(folder) == [f"{DEMO}.onnx", f"{DEMO}.onnx.json"]


def test_a_voice_with_letters_of_its_language(published: Hub, folder: Path) -> None:
    """Is asked for as addresses are written."""
    download(NAME, folder)
    source = published.files[
        next(path for path in published.files if path.endswith("ão-medium.onnx"))
    ]
    assert (folder / f"{NAME}.onnx").read_bytes() == source.read_bytes()
    assert list(VoiceFolders([folder]).voices()) == [NAME]


@pytest.mark.parametrize("missing", [".onnx", ".onnx.json"])
def test_half_a_voice_is_none(published: Hub, folder: Path, missing: str) -> None:
    """The error says what to do, and nothing is downloaded."""
    for path in [path for path in published.files if path.endswith(f"{NAME}{missing}")]:
        del published.files[path]
    with pytest.raises(NotFoundError, match=f"no voice '{NAME}' in the public catalogue"):
        download(NAME, folder)
    assert published.asked == []
    assert not folder.exists()


@pytest.mark.parametrize(
    "name",
    [
        *("nonsense", "en_US-nobody-low", "", "../x", "/etc/passwd", "a\0b", "x" * 1_000_000),
        *(f"../{DEMO}", f"{DEMO}.onnx", "en_US-demo/../demo-low", "en_US-..-low", "%2e%2e"),
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_a_name_that_is_no_voice(published: Hub, folder: Path, name: str) -> None:
    """Becomes no path, neither here nor on the hub."""
    with pytest.raises(NotFoundError, match="in the public catalogue") as error:
        download(name, folder)
    assert len(str(error.value)) < 500
    assert published.asked == []
    assert not folder.exists()


@pytest.mark.usefixtures("published")
def test_a_misspelt_name(folder: Path) -> None:
    """Is told from what the catalogue has, when that is known."""
    refresh(folder)
    with pytest.raises(NotFoundError, match=rf"Is it {NAME}\? Choose one of `local-assist voices"):
        download("pt_PT-tugao-medium", folder)


def test_a_download_cut_short_goes_on_where_it_was(published: Hub, folder: Path) -> None:
    """There is no voice meanwhile; the error names it, and says that what came is kept."""
    published.cut[f"{NAME}.onnx"] = 700_000
    published.refuse_after_cut = True
    with pytest.raises(NotFoundError, match=rf"'{NAME}' .* \(403.*what has arrived is kept"):
        download(NAME, folder)
    assert visible(folder) == []
    (part,) = folder.rglob("*.part")
    here = part.stat().st_size
    assert 0 < here <= 700_000
    published.refused = ""
    published.asked.clear()
    progress = Download(NAME)
    download(NAME, folder, progress)
    assert published.ranges(f"{NAME}.onnx") == [f"bytes={here}-"]
    assert list(VoiceFolders([folder]).voices()) == [NAME]
    assert progress.percent == 100
    assert not list(folder.rglob("*.part"))


@pytest.mark.usefixtures("published")
def test_the_model_comes_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it there is no voice yet."""
    placed: list[str] = []
    replace = Path.replace

    def record(self: Path, target: Path) -> Path:
        if target.parent == folder:
            placed.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", record)
    download(NAME, folder)
    assert placed == [f"{NAME}.onnx.json", f"{NAME}.onnx"]


@pytest.mark.parametrize("ending", [".onnx", ".onnx.json"])
def test_a_file_that_arrives_damaged(published: Hub, folder: Path, ending: str) -> None:
    """Is fetched again, once; then there is no voice rather than a broken one."""
    published.damaged[f"{NAME}{ending}"] = 3
    with pytest.raises(NotFoundError, match="arrived damaged 2 times"):
        download(NAME, folder)
    assert visible(folder) == []
    download(NAME, folder)
    assert list(VoiceFolders([folder]).voices()) == [NAME]


def test_a_file_longer_than_it_was_said_to_be(published: Hub, folder: Path) -> None:
    """Does not fill the disk."""
    published.excess[f"{NAME}.onnx"] = 10_000_000
    with pytest.raises(NotFoundError, match=r"sends more than the .* bytes it spoke of"):
        download(NAME, folder)
    assert sum(file.stat().st_size for file in folder.rglob("*.part")) < 2_000_000
    assert visible(folder) == []


def test_a_voice_far_too_large(
    published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not downloaded."""
    monkeypatch.setattr("wyoming_services.catalog.voices._LARGEST_VOICE", 1_000_000)
    with pytest.raises(NotFoundError, match="the hub offers 1 MB, which cannot be right"):
        download(NAME, folder)
    assert published.asked == []


def test_too_little_room(published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told before anything is downloaded."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 500_000))
    with pytest.raises(NotFoundError, match=r"needs 2 MB more in .*, where 0 MB are free\)"):
        download(NAME, folder)
    assert published.asked == []


def test_a_hub_that_is_not_there(
    published: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the voice, and says what to do without a network."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    text = rf"Voice '{NAME}' .*refused\)\. Try again with a network.* Or copy {NAME}\.onnx and"
    with pytest.raises(NotFoundError, match=text):
        download(NAME, folder)
    assert published.asked == []


def test_what_another_downloader_left(published: Hub, folder: Path) -> None:
    """Piper's own leaves a model without its configuration, or cut short.

    What is right is not fetched again, and what is not is replaced.
    """
    folder.mkdir(parents=True)
    (source,) = (file for path, file in published.files.items() if path.endswith(f"{NAME}.onnx"))
    model = folder / f"{NAME}.onnx"
    shutil.copy(source, model)
    download(NAME, folder)
    assert published.ranges(model.name) == []
    model.write_bytes(source.read_bytes()[:5000])
    assert VoiceFolders([folder]).voices() == {}
    download(NAME, folder)
    assert list(VoiceFolders([folder]).voices()) == [NAME]
    assert len(published.ranges(f"{model.name}.json")) == 1


def test_two_processes_download_once(
    published: Hub, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One waits for the other, and says so."""
    caplog.set_level(logging.INFO)
    published.held = 500_000
    published.gate.clear()
    with ThreadPoolExecutor() as pool:
        done = [pool.submit(download, NAME, folder) for _ in range(2)]
        while not any("waiting for it" in line for line in caplog.messages):
            assert not any(each.done() for each in done)
            assert len(published.ranges(f"{NAME}.onnx")) < 2
            time.sleep(0.01)
        published.gate.set()
        for each in done:
            each.result(30)
    assert published.ranges(f"{NAME}.onnx") == [None]
    assert list(VoiceFolders([folder]).voices()) == [NAME]


@pytest.mark.usefixtures("published")
def test_progress(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line each tenth, as for models."""
    caplog.set_level(logging.INFO)
    download(NAME, folder)
    lines = [line for line in caplog.messages if line.startswith(f"{NAME}: ")]
    assert len(lines) == 10
    assert lines[-1].startswith(f"{NAME}: 1 of 1 MB (100 %), ")
