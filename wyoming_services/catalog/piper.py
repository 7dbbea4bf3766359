"""Piper voices: which are in the data directories, and getting one that is not."""

import json
import logging
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_services.errors import NotFoundError

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InstalledVoice:
    """A voice on disk, described by its configuration file; equal as long as its files are.

    Attributes:
        name: file name without `.onnx`.
        model: path of the `.onnx` file; the configuration is beside it, with `.json` appended.
        language: `en_US`.
        rate: samples per second of its speech.
        speakers: name and id of each speaker, by id; empty for a voice of one.
        stamp: size and time of both files.
    """

    name: str
    model: Path
    language: str
    rate: int
    speakers: tuple[tuple[str, int], ...]
    stamp: tuple[int, ...]

    @property
    def config(self) -> Path:
        """Path of the configuration file."""
        return self.model.with_name(f"{self.model.name}.json")


class VoiceFolders:
    """The voices in some folders, kept up to date with what is on disk."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, tuple[int, ...]], InstalledVoice | None] = {}

    def voices(self) -> dict[str, InstalledVoice]:
        """Return the voices by name; of two with one name the first folder's.

        Looking costs two `stat` calls a voice; only new or changed files are read.
        """
        with self._lock:
            found = {
                key: self._known[key] if key in self._known else _read(*key)
                for folder in self._folders
                for key in _files(folder)
            }
            self._known = found
        voices: dict[str, InstalledVoice] = {}
        for voice in found.values():
            if voice is not None:
                voices.setdefault(voice.name, voice)
        return dict(sorted(voices.items()))


def download(name: str, folder: Path) -> None:
    """Download a voice with Piper's own downloader; it appears in `folder` complete or not at all.

    Raises:
        NotFoundError: it cannot be had; the text says what to do.
    """
    from piper.download_voices import download_voice  # noqa: PLC0415 - heavy

    _LOGGER.info("Downloading voice %s to %s", name, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as work:
            download_voice(name, Path(work))
            # The model last: a voice counts as installed once it has both files.
            for file in sorted(Path(work).iterdir(), reverse=True):
                file.replace(folder / file.name)
    except (OSError, ValueError) as error:
        raise NotFoundError(
            f"Voice '{name}' is not on this machine and could not be downloaded ({error}). "
            f"Copy {name}.onnx and {name}.onnx.json to {folder}, or give a --data-dir with them."
        ) from error


def _files(folder: Path) -> list[tuple[Path, tuple[int, ...]]]:
    """List the models of a folder that have a configuration, with the stamp of both files."""
    found = []
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".onnx"))
    except OSError:
        return []
    for name in names:
        try:
            stats = [(folder / file).stat() for file in (name, f"{name}.json")]
        except OSError:
            continue
        if all(stat.st_size for stat in stats):
            stamp = tuple(number for stat in stats for number in (stat.st_size, stat.st_mtime_ns))
            found.append((folder / name, stamp))
    return found


def _read(model: Path, stamp: tuple[int, ...]) -> InstalledVoice | None:
    """Read a voice's configuration file; None, and a warning, when it is not one."""
    name = model.name.removesuffix(".onnx")
    try:
        config = json.loads(model.with_name(f"{model.name}.json").read_text("utf-8"))
        return InstalledVoice(
            name=name,
            model=model,
            language=_language(name, config),
            rate=int(config["audio"]["sample_rate"]),
            speakers=_speakers(config),
            stamp=stamp,
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        _LOGGER.warning("Voice %s is left out: its .json file cannot be used (%r)", model, error)
        return None


def _language(name: str, config: Mapping[str, Any]) -> str:
    """Return the voice's language: as its file says, else as its name (`en_US-…`) does."""
    code = config.get("language", {}).get("code") or name.partition("-")[0]
    return str(code)


def _speakers(config: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the names and ids of a multi-speaker voice."""
    if config["num_speakers"] < 2:
        return ()
    named = {int(number): str(name) for name, number in config.get("speaker_id_map", {}).items()}
    return tuple((named.get(i, str(i)), i) for i in range(config["num_speakers"]))
