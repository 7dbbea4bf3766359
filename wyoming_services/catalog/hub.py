"""Getting the files of a model repository from the hub: resumed, verified, whole or not at all.

The hub's own client names its partial files anew in every process and deletes them when it fails
(huggingface_hub 2, `_download_to_tmp_and_move`), so half of a big model would be lost with each
attempt. Its `http_get` takes an open file and a place to go on from: that is used here.
"""

import fnmatch
import hashlib
import io
import logging
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wyoming_services.catalog.locks import alone
from wyoming_services.catalog.progress import MEGABYTE, Download

_LOGGER = logging.getLogger(__name__)

_TIMEOUT = 10.0
"""Seconds for an answer about a repository; files have the hub client's own, between two reads."""
_DIGEST = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_TRIES = 2
"""Of a file that arrives damaged."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a repository.

    Attributes:
        path: where it is in the repository.
        size: in bytes.
        digest: what its content must hash to: SHA-256 of big files, git's SHA-1 of small ones.
    """

    path: str
    size: int
    digest: str

    @property
    def name(self) -> str:
        """Its name, without the folders it is in."""
        return self.path.rpartition("/")[2]

    def is_in(self, folder: Path) -> bool:
        """Tell whether a folder has it, with the right content."""
        path = folder / self.name
        return path.is_file() and self.is_intact(path)

    def is_intact(self, path: Path) -> bool:
        """Tell whether a file on disk has the right content."""
        if path.stat().st_size != self.size:
            return False
        big = len(self.digest) == hashlib.sha256().digest_size * 2
        # As git names a blob: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        start = b"" if big else b"blob %d\0" % self.size
        with path.open("rb") as content:
            found = hashlib.file_digest(content, lambda: _hash(start, big=big))
        return found.hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a repository that are wanted.

    Attributes:
        repository: `organisation/model`.
        commit: the version.
        files: with sizes and hashes.
    """

    repository: str
    commit: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def ask(repository: str, patterns: Sequence[str]) -> Listing:
    """Ask the hub which files of a repository match any of some patterns.

    A file in a folder matches nothing but its own path.

    Raises:
        Exception: whatever the hub's client raises when there is no answer, or no such repository.
    """
    from huggingface_hub import HfApi  # noqa: PLC0415 - heavy

    info = HfApi().model_info(repository, files_metadata=True, timeout=_TIMEOUT)
    files = [
        File(each.rfilename, each.size or 0, each.lfs.sha256 if each.lfs else str(each.blob_id))
        for each in info.siblings or ()
        if each.rfilename in patterns
        or (
            "/" not in each.rfilename
            and any(fnmatch.fnmatchcase(each.rfilename, pattern) for pattern in patterns)
        )
    ]
    for file in files:
        if not _DIGEST.fullmatch(file.digest):
            raise ValueError(f"the hub does not tell what {file.name} must hash to")
    return Listing(repository, str(info.sha), tuple(files))


def download(listing: Listing, folder: Path, progress: Download) -> None:
    """Download a repository's files to `folder`, which appears when all are there and right.

    What an earlier attempt left is used. Another process that does the same is waited for.

    Raises:
        OSError: there is no room, the connection is lost, a file is damaged again and again.
        Exception: whatever else the hub's client raises.
    """
    with alone(folder):
        if folder.exists():  # the other process has it by now
            return
        staging = _stage(listing, folder, progress)
        staging.replace(folder)


def download_into(listing: Listing, folder: Path, progress: Download, last: str) -> None:
    """Download files to a folder that may have others, to be put there when all are right.

    What is there already and right is left alone; what is there and is not, is replaced. What an
    earlier attempt left is used. Another process that does the same is waited for.

    Args:
        listing: the files.
        folder: where they go; made when it is not there.
        progress: told how far it is.
        last: name of the file that is put in place after all others.

    Raises:
        OSError: there is no room, the connection is lost, a file is damaged again and again.
        Exception: whatever else the hub's client raises.
    """
    with alone(folder / last):
        missing = tuple(file for file in listing.files if not file.is_in(folder))
        if not missing:
            return
        staging = _stage(replace(listing, files=missing), folder / last, progress)
        for file in sorted(missing, key=lambda file: file.name == last):
            (staging / file.name).replace(folder / file.name)
        staging.rmdir()


def staging_of(target: Path) -> Path:
    """Return the folder in which what is to become `target` is collected."""
    return target.parent / f".{target.name}.download"


def cause(error: Exception) -> str:
    """Say in a few words why the hub's client failed."""
    return (str(error).splitlines() or [""])[0].strip(" .:") or type(error).__name__


def _stage(listing: Listing, target: Path, progress: Download) -> Path:
    """Download files to a folder beside `target`, and return that."""
    staging = staging_of(target)
    staging.mkdir(exist_ok=True)
    _forget_others(staging, listing)
    _check_room(staging, listing)
    with progress.of(listing.size, _present(staging)):
        for file in listing.files:
            _fetch(listing, file, staging, progress)
    return staging


def _fetch(listing: Listing, file: File, staging: Path, progress: Download) -> None:
    """Download one file, unless it is there; what is damaged is fetched once more."""
    path = staging / file.name
    if path.exists():
        return
    part = _part(staging, file)
    for _ in range(_TRIES):
        _receive(listing, file, part, lambda: progress.reached(_present(staging)))
        if file.is_intact(part):
            _flush(part)
            part.replace(path)
            return
        part.unlink()
        _LOGGER.warning("%s of %s arrived damaged", file.name, listing.repository)
    raise OSError(f"{file.name} arrived damaged {_TRIES} times")


def _receive(listing: Listing, file: File, part: Path, received: Callable[[], object]) -> None:
    """Append to a partial file what it lacks."""
    from huggingface_hub import hf_hub_url  # noqa: PLC0415 - heavy
    from huggingface_hub.file_download import http_get  # noqa: PLC0415 - heavy
    from huggingface_hub.utils import (  # type: ignore[attr-defined] # noqa: PLC0415 - exports lazily
        build_hf_headers,
    )
    from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415 - heavy

    disable_progress_bars("huggingface_hub.http_get")
    with _Reporting(part, file.size, received) as target:
        http_get(
            hf_hub_url(listing.repository, file.path, revision=listing.commit),
            target,
            resume_size=target.tell(),
            headers=build_hf_headers(),
            expected_size=file.size,
            displayed_filename=file.name,
        )


class _Reporting(io.FileIO):
    """A file that is appended to up to a size, and says so after each piece."""

    def __init__(self, path: Path, size: int, written: Callable[[], object]) -> None:
        super().__init__(path, "a")
        self._size = size
        self._written = written

    def write(self, data: Any, /) -> int:
        """Write a piece."""
        view = memoryview(data)
        if self.tell() + len(view) > self._size:
            raise OSError(f"the hub sends more than the {self._size} bytes it spoke of")
        count = 0
        while count < len(view):  # an unbuffered file may take less than it is given
            count += super().write(view[count:])
        self._written()
        return count


def _part(staging: Path, file: File) -> Path:
    """Return where a file is while it is incomplete; never one of another version."""
    return staging / f"{file.digest}.part"


def _present(staging: Path) -> int:
    """Return the bytes that are here."""
    return sum(path.stat().st_size for path in staging.iterdir())


def _forget_others(staging: Path, listing: Listing) -> None:
    """Delete what an attempt at another version left, and what is too long to be right."""
    for path in staging.iterdir():
        known = [
            file for file in listing.files if path in {staging / file.name, _part(staging, file)}
        ]
        if not known or path.stat().st_size > known[0].size:
            path.unlink()


def _check_room(staging: Path, listing: Listing) -> None:
    """Make sure that there is room for what is missing.

    Raises:
        OSError: there is not.
    """
    missing = listing.size - _present(staging)
    free = shutil.disk_usage(staging).free
    if missing > free:
        raise OSError(
            f"it needs {missing // MEGABYTE + 1} MB more in {staging.parent}, "
            f"where {free // MEGABYTE} MB are free"
        )


def _flush(path: Path) -> None:
    """Have a file on the disk before its name says that it is complete."""
    with path.open("rb") as content:
        os.fsync(content.fileno())


def _hash(start: bytes, *, big: bool) -> Any:
    """Begin the hash of a file."""
    return hashlib.sha256(start) if big else hashlib.sha1(start, usedforsecurity=False)
