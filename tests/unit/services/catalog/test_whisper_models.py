"""Whisper models are found on the machine, and downloaded when they are not."""

import json
import logging
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES
from faster_whisper.utils import _MODELS
from huggingface_hub import constants

from tests.fakes.hub import COMMIT, Hub
from wyoming_services.catalog.progress import Download
from wyoming_services.catalog.whisper import LANGUAGES, NAMES, fetch, find, is_path, languages
from wyoming_services.config import SttConfig
from wyoming_services.errors import NotFoundError
from wyoming_services.stt.service import SttService

BASE = "Systran/faster-whisper-base"
NAMES_OF_FILES = {
    *("config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.json")
}
PROGRESS = r"base: \d of 3 MB \((\d+) %\), \d+\.\d MB/s"


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


def test_our_names_are_faster_whispers() -> None:
    """Listed here for the same reason."""
    assert NAMES == _MODELS


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


def test_a_model_in_a_hub_cache_is_found(whisper_folder: Path, tmp_path: Path) -> None:
    """As wyoming-faster-whisper leaves it; not when its download was cut short."""
    cache = tmp_path / "models--Systran--faster-whisper-base"
    snapshot = cache / "snapshots" / COMMIT
    shutil.copytree(whisper_folder, snapshot)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(COMMIT)
    assert fetch("base", [Path("/nowhere"), tmp_path], local_files_only=True) == snapshot
    (snapshot / "model.bin").unlink()
    assert find("base", [tmp_path]) is None


def test_a_download_is_a_folder_to_copy(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """Plain files, where another machine finds them as well, and nothing else."""
    hub.publish(BASE, whisper_folder)
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert folder == tmp_path / BASE
    assert {file.name for file in folder.iterdir()} == NAMES_OF_FILES
    assert all(file.is_file() and not file.is_symlink() for file in folder.iterdir())
    copy = shutil.copytree(folder, tmp_path / "usb-stick")
    assert fetch(str(copy), [], local_files_only=True) == copy


def test_a_folder_needs_no_network(
    whisper_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor does it ask for one: sockets are closed in this test."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    config = SttConfig(models=(str(whisper_folder),), data_dirs=(tmp_path,))
    service = SttService(config)
    service.load()
    assert service.status().device.startswith("cpu")
    assert not service.status().downloads
    assert list(tmp_path.iterdir()) == []
    service.close()


def test_a_hub_that_is_not_there(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says so, and what to do without it."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(NotFoundError, match=r"'base' could not be downloaded \(.*refused\)\. Give"):
        fetch("base", [tmp_path], local_files_only=False)
    assert hub.asked == []


def test_a_download_cut_short_goes_on_where_it_was(
    hub: Hub, whisper_folder: Path, tmp_path: Path
) -> None:
    """Half a model is an error now, no model later, and is not fetched again."""
    hub.publish(BASE, whisper_folder)
    hub.cut["model.bin"] = 1_000_000
    hub.refuse_after_cut = True
    with pytest.raises(NotFoundError, match=r"'base' could not be downloaded \(403.*\)\. Give the"):
        fetch("base", [tmp_path], local_files_only=False)
    assert find("base", [tmp_path]) is None
    (part,) = tmp_path.rglob("*.part")
    here = part.stat().st_size
    assert 0 < here <= 1_000_000
    hub.refused = ""
    hub.asked.clear()
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert hub.ranges("model.bin") == [f"bytes={here}-"]
    assert (folder / "model.bin").read_bytes() == (whisper_folder / "model.bin").read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_a_lost_connection_is_taken_up_at_once(
    hub: Hub, whisper_folder: Path, tmp_path: Path
) -> None:
    """The user need not know."""
    hub.publish(BASE, whisper_folder)
    hub.cut["model.bin"] = 1_000_000
    folder = fetch("base", [tmp_path], local_files_only=False)
    whole, rest = hub.ranges("model.bin")
    assert whole is None
    assert rest is not None
    assert rest.startswith("bytes=")
    assert (folder / "model.bin").read_bytes() == (whisper_folder / "model.bin").read_bytes()


def test_a_hub_that_starts_over(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """What is here already is not written twice."""
    hub.publish(BASE, whisper_folder)
    hub.cut["model.bin"] = 1_000_000
    hub.ignores_ranges = True
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert (folder / "model.bin").read_bytes() == (whisper_folder / "model.bin").read_bytes()


def test_what_an_attempt_left_of_another_version(
    hub: Hub, whisper_folder: Path, tmp_path: Path
) -> None:
    """Is not gone on with."""
    hub.publish(BASE, whisper_folder)
    staging = tmp_path / "Systran" / ".faster-whisper-base.download"
    staging.mkdir(parents=True)
    (staging / f"{'a' * 64}.part").write_bytes(b"another version's")
    (staging / "config.json").write_bytes(b"x" * 10_000)
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert hub.ranges("model.bin") == [None]
    assert {file.name for file in folder.iterdir()} == NAMES_OF_FILES
    assert (folder / "config.json").read_bytes() == (whisper_folder / "config.json").read_bytes()


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_file_that_arrives_damaged_is_fetched_again(
    hub: Hub, whisper_folder: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever its size: big files and small ones are hashed in different ways."""
    hub.publish(BASE, whisper_folder)
    hub.damaged[name] = 1
    folder = fetch("base", [tmp_path], local_files_only=False)
    assert (folder / name).read_bytes() == (whisper_folder / name).read_bytes()
    assert hub.ranges(name) == [None, None]
    assert f"{name} of {BASE} arrived damaged" in caplog.messages


def test_a_file_that_is_always_damaged(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """Is never put in place."""
    hub.publish(BASE, whisper_folder)
    hub.damaged["model.bin"] = 9
    with pytest.raises(NotFoundError, match=r"\(model\.bin arrived damaged 2 times\)"):
        fetch("base", [tmp_path], local_files_only=False)
    assert find("base", [tmp_path]) is None
    assert not list(tmp_path.rglob("model.bin*"))


def test_too_little_room(
    hub: Hub, whisper_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is told before anything is downloaded."""
    hub.publish(BASE, whisper_folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 2_000_000))
    with pytest.raises(NotFoundError, match=r"needs 3 MB more in .*, where 2 MB are free\)"):
        fetch("base", [tmp_path], local_files_only=False)
    assert hub.asked == []


def test_progress(
    hub: Hub, whisper_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A line each tenth, and the numbers for whoever asks meanwhile."""
    caplog.set_level(logging.INFO)
    hub.publish(BASE, whisper_folder)
    hub.held = 1_500_000
    hub.gate.clear()
    progress = Download("base")
    with ThreadPoolExecutor() as pool:
        done = pool.submit(fetch, "base", [tmp_path], local_files_only=False, progress=progress)
        while progress.done_bytes < 1_000_000:
            assert not done.done()
            time.sleep(0.01)
        assert progress.running
        size = sum((whisper_folder / name).stat().st_size for name in NAMES_OF_FILES)
        assert progress.total_bytes == size
        assert progress.percent == progress.done_bytes * 100 // size < 100
        hub.gate.set()
        done.result(30)
    assert not progress.running
    assert (progress.done_bytes, progress.percent) == (size, 100)
    lines = [re.fullmatch(PROGRESS, text) for text in caplog.messages]
    percents = [int(line[1]) for line in lines if line]
    assert percents == sorted(percents)
    assert len({percent // 10 for percent in percents}) == len(percents) == 10


def test_a_slow_download_is_told_of_by_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    """With its speed since the last line; one that stands still is not."""
    caplog.set_level(logging.INFO)
    clock = iter([0.0, 5.0, 12.0, 23.0]).__next__
    progress = Download("large", clock)
    with progress.of(1_000_000_000, 50_000_000):
        for megabytes in (60, 62, 62):
            progress.reached(megabytes * 1_000_000)
    assert caplog.messages == [
        "large: going on at 5 %",
        "large: 62 of 1000 MB (6 %), 1.0 MB/s",
    ]


def test_two_processes_download_once(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """One waits for the other."""
    hub.publish(BASE, whisper_folder)
    with ThreadPoolExecutor() as pool:
        for _ in range(2):
            pool.submit(fetch, "base", [tmp_path], local_files_only=False)
    assert hub.ranges("model.bin") == [None]
    assert find("base", [tmp_path]) == tmp_path / BASE


def test_a_repository_of_something_else(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """What faster-whisper could not use without a network is no model, and is not downloaded."""
    other = Path(shutil.copytree(whisper_folder, tmp_path / "other"))
    (other / "tokenizer.json").unlink()
    hub.publish("some/model", other)
    with pytest.raises(NotFoundError, match="'some/model' on the hub is not a CTranslate2 Whisper"):
        fetch("some/model", [tmp_path], local_files_only=False)
    assert hub.asked == []


def test_a_repository_with_more_than_a_model(
    hub: Hub, whisper_folder: Path, tmp_path: Path
) -> None:
    """Only what is needed comes, and nothing from its folders."""
    hub.publish("some/model", whisper_folder)
    for name in ("README.md", "vocabulary.d/../../../x"):
        hub.files[f"/some/model/resolve/{COMMIT}/{name}"] = whisper_folder / "config.json"
    folder = fetch("some/model", [tmp_path], local_files_only=False)
    assert {file.name for file in folder.iterdir()} == NAMES_OF_FILES


def test_a_folder_in_the_way(hub: Hub, whisper_folder: Path, tmp_path: Path) -> None:
    """Is not touched: it may be somebody's."""
    hub.publish(BASE, whisper_folder)
    (tmp_path / BASE).mkdir(parents=True)
    (tmp_path / BASE / "mine.txt").touch()
    with pytest.raises(NotFoundError, match="is there but is no Whisper model: remove it"):
        fetch("base", [tmp_path], local_files_only=False)
    assert (tmp_path / BASE / "mine.txt").exists()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("nonsense", "There is no Whisper model called 'nonsense'"),
        ("some/model", "'some/model' could not be downloaded"),
        ("not a/name", "'not a/name' could not be downloaded"),
    ],
)
def test_a_model_that_does_not_exist(hub: Hub, tmp_path: Path, given: str, text: str) -> None:
    """Neither here nor on the hub."""
    with pytest.raises(NotFoundError, match=text):
        fetch(given, [tmp_path], local_files_only=False)
    assert hub.served == []
