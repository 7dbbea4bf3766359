"""Phrases that are kept as they sounded, in memory and on disk."""

import logging
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_services.catalog.piper import InstalledVoice
from wyoming_services.config import TtsConfig
from wyoming_services.protocol.status import CacheCounts
from wyoming_services.tts.cache import Phrase, PhraseCache
from wyoming_services.tts.cache_folder import CacheFolder
from wyoming_services.tts.engine import Speech

RATE = 16_000
SECOND = RATE * 2
VOICE = InstalledVoice("en_US-a-low", Path("/voices/en_US-a-low.onnx"), "en_US", RATE, (), (1, 2))
FILE = 100 + 32
"""Bytes of a file with 100 bytes of samples."""
SECRET = "The code is 4711."


def phrase(text: str = "Done.", voice: InstalledVoice = VOICE, **speech: float) -> Phrase:
    """Make a phrase."""
    return Phrase(voice, Speech(voice.name, voice.rate, **speech), text)


def sound(letter: str = "a", size: int = 100) -> bytes:
    """Make samples that can be told apart."""
    return letter.encode() * size


def in_memory(size: int = 1000) -> PhraseCache:
    """Make a cache without a folder."""
    return PhraseCache(TtsConfig(cache_bytes=size))


def on_disk(folder: Path, size: int = 100_000) -> PhraseCache:
    """Make a cache that has nothing but a folder."""
    return PhraseCache(TtsConfig(cache_bytes=0, cache_dir=folder, cache_disk_bytes=size))


def files(folder: Path) -> list[Path]:
    """Return the files a cache has made."""
    return sorted((folder / "phrases").iterdir())


@pytest.fixture(params=["memory", "disk"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> PhraseCache:
    """Either kind."""
    return in_memory() if request.param == "memory" else on_disk(tmp_path)


def test_a_phrase_is_kept(cache: PhraseCache) -> None:
    """Byte for byte; two renderings of it are one, the first."""
    assert cache.get(phrase()) is None
    cache.put(phrase(), sound("a"))
    cache.put(phrase(), sound("b"))
    assert cache.get(phrase()) == sound("a")
    counts = cache.counts()
    assert (counts.hits, counts.misses) == (1, 1)
    assert counts.entries + counts.disk_entries == 1


@pytest.mark.parametrize(
    "other",
    [
        phrase("Done!"),
        phrase("done."),
        phrase(voice=replace(VOICE, name="en_US-b-low")),
        phrase(voice=replace(VOICE, stamp=(1, 3))),
        phrase(speaker=0),
        phrase(length_scale=1.0),
        phrase(noise_scale=0.0),
        phrase(noise_w_scale=0.0),
        phrase(volume=0.5),
        phrase(sentence_silence=0.1),
    ],
)
def test_what_sounds_different_is_another_phrase(cache: PhraseCache, other: Phrase) -> None:
    """Text, voice, the files of the voice, and every choice."""
    cache.put(phrase(), sound())
    assert cache.get(other) is None


def test_memory_is_bounded() -> None:
    """The phrase used longest ago makes room."""
    cache = in_memory(300)
    for text in "abc":
        cache.put(phrase(text), sound(text))
    assert cache.get(phrase("a")) == sound("a")
    cache.put(phrase("d"), sound("d"))
    assert [text for text in "abcd" if cache.get(phrase(text))] == ["a", "c", "d"]
    assert cache.counts() == CacheCounts(hits=4, misses=1, entries=3, bytes=300)


def test_what_is_larger_than_the_cache_pushes_nothing_out() -> None:
    """It is not kept."""
    cache = in_memory(300)
    cache.put(phrase("a"), sound("a"))
    cache.put(phrase("b"), sound("b", 301))
    assert cache.counts() == CacheCounts(entries=1, bytes=100)


def test_only_what_is_short_is_kept(tmp_path: Path) -> None:
    """Ten seconds, of the voice's own rate; and not nothing."""
    cache = PhraseCache(TtsConfig(cache_dir=tmp_path))
    cache.put(phrase("ten seconds"), bytes(10 * SECOND))
    cache.put(phrase("more"), bytes(10 * SECOND + 2))
    cache.put(phrase("nothing"), b"")
    assert cache.get(phrase("ten seconds")) is not None
    counts = cache.counts()
    assert (counts.entries, counts.disk_entries) == (1, 1)


def test_it_can_be_turned_off() -> None:
    """Without a byte nothing is kept."""
    cache = in_memory(0)
    cache.put(phrase(), sound())
    assert cache.get(phrase()) is None
    assert cache.counts() == CacheCounts(misses=1)


def test_what_was_said_is_on_disk_only_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is the default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    cache = PhraseCache(TtsConfig())
    cache.put(phrase(), sound())
    assert cache.get(phrase()) == sound()
    assert list(tmp_path.iterdir()) == []


def test_a_restart_forgets_nothing_on_disk(tmp_path: Path) -> None:
    """A hit comes from disk once, from memory afterwards."""
    first = PhraseCache(TtsConfig(cache_dir=tmp_path))
    first.put(phrase(), sound())
    first.close()
    assert first.counts().entries == 0
    second = PhraseCache(TtsConfig(cache_dir=tmp_path))
    assert second.get(phrase()) == sound()
    files(tmp_path)[0].unlink()
    assert second.get(phrase()) == sound()
    assert second.counts().hits == 2


def test_nobody_else_reads_what_was_said(tmp_path: Path) -> None:
    """Not the files, and not in their names or the log."""
    cache = on_disk(tmp_path / "cache")
    cache.put(phrase(SECRET), sound())
    folder = tmp_path / "cache" / "phrases"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = files(tmp_path / "cache")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "4711" not in file.name
    assert b"4711" not in file.read_bytes()


def test_nothing_of_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Numbers are, at the end, for who looks for them."""
    caplog.set_level(logging.DEBUG, "wyoming_services")
    cache = on_disk(tmp_path)
    cache.put(phrase(SECRET), sound())
    cache.get(phrase(SECRET))
    cache.close()
    assert "hits=1" in caplog.text
    assert "4711" not in caplog.text


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[:10],
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[:-1] + b"x",
        lambda content: b"x" + content[1:],
        lambda content: content * 10_000,
    ],
)
def test_a_damaged_file_is_removed(
    tmp_path: Path, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    """It is never played, and the phrase is kept anew."""
    cache = on_disk(tmp_path, 10_000_000)
    cache.put(phrase(), sound())
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    cache = on_disk(tmp_path, 10_000_000)
    assert cache.get(phrase()) is None
    assert files(tmp_path) == []
    assert cache.counts().disk_bytes == 0
    assert len(caplog.records) == 1
    cache.put(phrase(), sound("b"))
    assert cache.get(phrase()) == sound("b")


def test_a_file_with_the_name_of_another_is_damaged(tmp_path: Path) -> None:
    """Or a lock could be said to be closed that is open."""
    cache = on_disk(tmp_path)
    cache.put(phrase("open"), sound("a"))
    cache.put(phrase("closed"), sound("b"))
    one, other = files(tmp_path)
    one.write_bytes(other.read_bytes())
    cache = on_disk(tmp_path)
    assert [cache.get(phrase("open")), cache.get(phrase("closed"))].count(None) == 1


def test_a_file_somebody_removed_is_no_phrase(tmp_path: Path) -> None:
    """It is counted no longer."""
    cache = on_disk(tmp_path)
    cache.put(phrase(), sound())
    files(tmp_path)[0].unlink()
    assert cache.get(phrase()) is None
    assert cache.counts().disk_entries == 0


def test_the_disk_is_bounded(tmp_path: Path) -> None:
    """The file used longest ago goes."""
    cache = on_disk(tmp_path, 3 * FILE)
    for text in "abc":
        cache.put(phrase(text), sound(text))
    assert cache.get(phrase("a")) == sound("a")
    cache.put(phrase("d"), sound("d"))
    assert [text for text in "abcd" if cache.get(phrase(text))] == ["a", "c", "d"]
    assert len(files(tmp_path)) == 3
    assert sum(file.stat().st_size for file in files(tmp_path)) == cache.counts().disk_bytes


def test_the_order_of_use_survives_a_restart(tmp_path: Path) -> None:
    """By the times of the files, which a hit renews."""
    cache = on_disk(tmp_path)
    for text in "ab":
        cache.put(phrase(text), sound(text))
    for file in files(tmp_path):
        os.utime(file, (1, 1))
    cache.get(phrase("a"))
    fewer = on_disk(tmp_path, FILE)
    assert fewer.get(phrase("b")) is None
    assert fewer.get(phrase("a")) == sound("a")


def test_drafts_left_behind_are_cleared(tmp_path: Path) -> None:
    """Unless they may be another server's; other files are not ours to touch."""
    folder = tmp_path / "phrases"
    folder.mkdir()
    for name in ("old.draft", "new.draft", "notes.txt"):
        (folder / name).write_bytes(b"x")
    os.utime(folder / "old.draft", (1, 1))
    os.utime(folder / "notes.txt", (1, 1))
    assert on_disk(tmp_path, 1).counts().disk_entries == 0
    assert [file.name for file in files(tmp_path)] == ["new.draft", "notes.txt"]


def test_a_folder_that_cannot_be_made_costs_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Memory serves alone."""
    (tmp_path / "phrases").write_text("a file is in the way")
    cache = PhraseCache(TtsConfig(cache_dir=tmp_path))
    for text in "ab":
        cache.put(phrase(text), sound(text))
    assert cache.get(phrase("a")) == sound("a")
    assert cache.counts().disk_entries == 0
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "memory only" in caplog.text


def test_a_folder_that_goes_away_costs_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is said to be kept that is not."""
    cache = on_disk(tmp_path)
    (tmp_path / "phrases").rmdir()
    for text in "ab":
        cache.put(phrase(text), sound(text))
    assert cache.get(phrase("a")) is None
    assert cache.counts().disk_bytes == 0
    assert len(caplog.records) == 1


def test_an_update_renders_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may sound better."""
    CacheFolder(tmp_path, 1000).write("identity", sound())
    assert CacheFolder(tmp_path, 1000).read("identity", 1000) == sound()
    monkeypatch.setattr("wyoming_services.tts.cache_folder._PROGRAM", "another release")
    assert CacheFolder(tmp_path, 1000).read("identity", 1000) is None


def test_several_threads_may_use_it(tmp_path: Path) -> None:
    """What they read is what was written, and the counts come out even."""
    cache = PhraseCache(TtsConfig(cache_bytes=1000, cache_dir=tmp_path, cache_disk_bytes=2000))
    wrong: list[str] = []

    def use(start: int) -> None:
        for step in range(200):
            text = chr(ord("a") + (start + step * 7) % 26)
            kept = cache.get(phrase(text))
            if kept not in {None, sound(text)}:
                wrong.append(text)
            cache.put(phrase(text), sound(text))

    threads = [threading.Thread(target=use, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = cache.counts()
    assert wrong == []
    assert counts.hits + counts.misses == 800
    assert counts.bytes == counts.entries * 100 <= 1000
    assert counts.disk_bytes == counts.disk_entries * FILE <= 2000
    assert len(files(tmp_path)) == counts.disk_entries
