"""Piper voices: which are in the data directories."""

import json
import logging
import os
import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_services.catalog import onnx_file

_LOGGER = logging.getLogger(__name__)

_NAME = re.compile(r"[^\W_](?:[\w.+-]*[\w+-])?")
"""Letters of any language, digits, `_`, `-`, `+`, and dots inside; so is every name in the public
catalogue, like `pt_PT-tugão-medium`."""
_LONGEST_NAME = 150
"""Bytes; a file's name has at most 255, and `.NAME.onnx.download` is one of ours."""
_LARGEST_CONFIG = 4_000_000
"""Bytes of a configuration file; those with 900 speakers have 20,000."""
_NO_CONFIG = (
    *(ValueError, LookupError, TypeError, AttributeError),
    *(OverflowError, RecursionError),
)
"""What reading something else as a configuration raises: of other shapes, infinite, deep."""
_MOST_SPEAKERS = 10_000
_RATES = range(4_000, 192_001)


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
        self._seen: dict[str, InstalledVoice] = {}
        self._faults: dict[Path, str] = {}

    def voices(self) -> dict[str, InstalledVoice]:
        """Return the voices by name; of two with one name the first folder's.

        Looking costs two `stat` calls a voice; only new or changed files are read.
        """
        with self._lock:
            found = {
                key: self._known[key] if key in self._known else self._read(*key)
                for folder in self._folders
                for key in _files(folder)
            }
            self._known = found
            voices: dict[str, InstalledVoice] = {}
            for voice in found.values():
                if voice is not None:
                    voices.setdefault(voice.name, voice)
            self._seen |= voices
        return dict(sorted(voices.items()))

    def seen(self) -> dict[str, InstalledVoice]:
        """Return every voice `voices` ever found, as last found: it may still speak."""
        with self._lock:
            return dict(self._seen)

    def _read(self, model: Path, stamp: tuple[int, ...]) -> InstalledVoice | None:
        """Read a new or changed voice; None when it is none, which is logged once a fault."""
        try:
            _check_name(model)
            voice = read_voice(model, stamp)
        except (OSError, ValueError) as error:
            if self._faults.get(model) != str(error):
                _LOGGER.warning("Voice %s is left out: %s", model, error)
            self._faults[model] = str(error)
            return None
        self._faults.pop(model, None)
        return voice


def is_name(name: str) -> bool:
    """Tell whether a voice may be called so: never like a path, nor like a flag."""
    # Other ways to write the same letters (full width, bold) would be names hard to tell apart.
    plain = bool(_NAME.fullmatch(name)) and unicodedata.is_normalized("NFKC", name)
    return plain and len(name.encode()) <= _LONGEST_NAME


def _check_name(model: Path) -> None:
    """Raise a `ValueError` for a file whose name cannot be a voice's."""
    name = model.name.removesuffix(".onnx")
    if not is_name(name):
        raise ValueError(
            f"{name[:100]!r} cannot be its name; use letters, digits, '_', '-', '+' and '.'"
        )


def _files(folder: Path) -> list[tuple[Path, tuple[int, ...]]]:
    """List the models of a folder that have a configuration, with the stamp of both files.

    Hidden ones are other programs' notes (macOS's `._NAME.onnx`) or copies on their way.
    """
    found = []
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name.endswith(".onnx") and not entry.name.startswith(".")
            )
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


def read_voice(model: Path, stamp: tuple[int, ...] = ()) -> InstalledVoice:
    """Read what a voice's configuration file says of it.

    Args:
        model: its `.onnx` file, with the configuration beside it.
        stamp: of both files.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is no voice, or not a whole one; the text says why.
    """
    name = model.name.removesuffix(".onnx")
    file = model.with_name(f"{model.name}.json")
    if file.stat().st_size > _LARGEST_CONFIG:
        raise ValueError(f"{file.name} is too large to be a voice's configuration")
    try:
        config = json.loads(file.read_text("utf-8"))
        rate = int(config["audio"]["sample_rate"])
        language, speakers = _language(name, config), _speakers(config)
    except _NO_CONFIG as error:
        raise ValueError(f"{file.name} is no voice's configuration ({error!r})") from error
    if rate not in _RATES:
        raise ValueError(f"{file.name} gives a sample rate of {rate}")
    if not onnx_file.is_whole(model):
        raise ValueError(f"{model.name} is not a whole ONNX model; is it still being copied?")
    return InstalledVoice(name, model, language, rate, speakers, stamp)


def _language(name: str, config: Mapping[str, Any]) -> str:
    """Return the voice's language: as its file says, else as its name (`en_US-…`) does."""
    code = config.get("language", {}).get("code") or name.partition("-")[0]
    return str(code)


def _speakers(config: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the names and ids of a multi-speaker voice."""
    count = config["num_speakers"]
    if count < 2:
        return ()
    if count > _MOST_SPEAKERS:
        raise ValueError(f"{count} speakers")
    named = {int(number): str(name) for name, number in config.get("speaker_id_map", {}).items()}
    return tuple((named.get(i, str(i)), i) for i in range(count))
