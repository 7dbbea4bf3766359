"""The parts of a voice on disk: made once, kept beside the model, checked before they are used."""

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from wyoming_services.config import cache_path

_LOGGER = logging.getLogger(__name__)

MANIFEST = "parts.json"
FORMAT = 2
"""Goes up when parts made by an earlier version are of no use any more."""
_ONE_AT_A_TIME = threading.Lock()
_PATIENCE = 300.0
"""Seconds for a voice to be split, on a slow machine with a slow disk."""


@dataclass(frozen=True, slots=True)
class Part:
    """A graph that can be computed in windows.

    Attributes:
        file: name of its file.
        inputs: tensors it takes.
        windowed: those of them that have a position per frame; of the others it takes all.
        outputs: tensors it gives.
        rate: positions it gives per position it takes.
        halo: positions before and after a window it must take as well.
    """

    file: str
    inputs: tuple[str, ...]
    windowed: tuple[str, ...]
    outputs: tuple[str, ...]
    rate: int
    halo: tuple[int, int]

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Part":
        """Read what JSON has left of one."""
        before, after = fields["halo"]
        return cls(
            file=str(fields["file"]),
            inputs=tuple(fields["inputs"]),
            windowed=tuple(fields["windowed"]),
            outputs=tuple(fields["outputs"]),
            rate=int(fields["rate"]),
            halo=(int(before), int(after)),
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of parts holds.

    Attributes:
        model: SHA-256 of the voice they were made of.
        whole: why the voice is not split; empty when it is.
        head: file of the graph that looks at the whole text.
        parts: what follows it, in order; the last gives the samples.
        hashes: SHA-256 by file.
    """

    model: str
    whole: str = ""
    head: str = ""
    parts: tuple[Part, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what `to_json` wrote.

        Raises:
            ValueError: it is something else, or of another version.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            if fields.pop("format") != FORMAT:
                raise ValueError("another format")
            parts = tuple(Part.from_dict(part) for part in fields.pop("parts"))
            return cls(parts=parts, **fields)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"not a manifest ({error!r})") from error


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a voice: what they are, and in which folder."""

    folder: Path
    manifest: Manifest


def parts_of(model: Path) -> Parts | None:
    """Return the parts of a voice, making them if need be.

    Args:
        model: path of its `.onnx` file.

    Returns:
        None when the voice is to be used whole; why is in the log.

    Raises:
        OSError: the model cannot be read.
    """
    sha256 = _sha256(model)
    with _ONE_AT_A_TIME:
        folder, manifest = _find(model, sha256) or _make(model, sha256)
    if manifest.whole:
        _LOGGER.info("Voice %s renders each sentence whole: %s", model.stem, manifest.whole)
        return None
    return Parts(folder, manifest)


def _find(model: Path, sha256: str) -> tuple[Path, Manifest] | None:
    """Return what was made of a voice before."""
    for folder in _folders(model, sha256):
        if (manifest := _read(folder, sha256)) is not None:
            return folder, manifest
    return None


def _folders(model: Path, sha256: str) -> Iterator[Path]:
    """Yield where parts may be: beside the model, or where that cannot be written in the cache."""
    yield model.with_name(f".{model.name}.parts")
    yield cache_path() / "voices" / sha256[:32]


def _read(folder: Path, sha256: str) -> Manifest | None:
    """Return what a folder holds if it is complete, unbroken and of this model."""
    try:
        manifest = Manifest.from_json((folder / MANIFEST).read_text("utf-8"))
        if manifest.model != sha256:
            return None
        for file, expected in manifest.hashes.items():
            if _sha256(folder / file) != expected:
                _LOGGER.warning("%s is broken and is made anew", folder / file)
                return None
    except (OSError, ValueError):
        return None
    return manifest


def _make(model: Path, sha256: str) -> tuple[Path, Manifest]:
    """Split a voice where there is room for its parts."""
    reason = ""
    for folder in _folders(model, sha256):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".splitting-") as work:
                made = Path(work, "parts")
                made.mkdir()
                manifest = _split(model, sha256, made)
                shutil.rmtree(folder, ignore_errors=True)
                made.replace(folder)
        except _SplittingError as error:
            return folder, Manifest(sha256, whole=f"splitting it failed ({error})")
        except OSError as error:
            reason = f"its parts cannot be kept in {folder.parent} ({error})"
        else:
            return folder, manifest
    return model.parent, Manifest(sha256, whole=reason)


class _SplittingError(Exception):
    """The process that was to split a voice broke down."""


def _split(model: Path, sha256: str, folder: Path) -> Manifest:
    """Have another process split a voice: it takes memory this one would never give back.

    Raises:
        _SplittingError: it did not get to the end.
    """
    command = (sys.executable, "-m", "wyoming_services.tts.graph.split", model, folder)
    try:
        result = subprocess.run(  # noqa: S603 - this program itself
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise _SplittingError(f"not done within {_PATIENCE:g} seconds") from None
    if result.returncode:
        said = result.stderr.strip().splitlines()
        raise _SplittingError(said[-1] if said else f"exit code {result.returncode}")
    path = folder / MANIFEST
    made = Manifest.from_json(path.read_text("utf-8"))
    files = (made.head, *(part.file for part in made.parts))
    hashes = {file: _sha256(folder / file) for file in files if file}
    manifest = replace(made, model=sha256, hashes=hashes)
    path.write_text(manifest.to_json(), "utf-8")
    return manifest


def _sha256(file: Path) -> str:
    """Return the hash of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
