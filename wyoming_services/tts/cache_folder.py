"""A folder of sound that outlives the program, one file each, its size bounded.

A file is named after a hash of what it holds, so that names tell nobody what was said, and begins
with a hash of all that follows: one that was cut short or changed is removed, never played. It
holds samples and nothing that could be run.
"""

import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from wyoming_services import __version__

_LOGGER = logging.getLogger(__name__)

_ENDING = ".phrase"
_DRAFT_ENDING = ".draft"
_ABANDONED = 60.0
"""Seconds after which a draft is nobody's any more; others may be another server's."""
_HASH = 32
"""Bytes of a hash."""
_PROGRAM = f"local-assist {__version__}, piper-tts {version('piper-tts')}"
"""What else decides how a text sounds: after an update everything is rendered anew."""


class CacheFolder:
    """Files in a folder of their own, the least recently used dropped first.

    May be used by several threads. Without a folder that can be written to it keeps nothing, and
    says so once.

    Args:
        folder: where `phrases`, the folder itself, is made.
        size: bytes all files may have.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder / "phrases"
        self._size = size
        self._lock = threading.Lock()
        self._bytes = 0
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._writable = size > 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._look()
        except OSError as error:
            self._give_up(error)

    def held(self) -> tuple[int, int]:
        """Return how many files there are, and their bytes."""
        with self._lock:
            return len(self._sizes), self._bytes

    def read(self, identity: str, longest: int) -> bytes | None:
        """Return what was written for an identity; None when it is not here, or damaged.

        Args:
            identity: what tells it from everything else.
            longest: bytes it may have.
        """
        name = _name(identity)
        with self._lock:
            if name not in self._sizes:
                return None
            path = self._folder / name
            try:
                with path.open("rb") as file:
                    content = file.read(_HASH + longest + 1)
                os.utime(path)
            except OSError:
                self._drop(name)
                return None
            pcm = content[_HASH:]
            if len(pcm) > longest or content[:_HASH] != _checksum(name, pcm):
                _LOGGER.warning("A damaged file in %s was removed", self._folder)
                self._drop(name)
                return None
            self._sizes.move_to_end(name)
            return pcm

    def write(self, identity: str, pcm: bytes) -> None:
        """Keep samples for an identity, unless there are some already."""
        name = _name(identity)
        size = _HASH + len(pcm)
        with self._lock:
            if not self._writable or name in self._sizes or size > self._size:
                return
            self._add(name, size)
            try:
                self._create(name, _checksum(name, pcm) + pcm)
            except OSError as error:
                self._drop(name)
                self._give_up(error)

    def _look(self) -> None:
        """Take stock of what is there, in the order it was used, and clear what was left behind."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                stat = entry.stat(follow_symlinks=False)
                if entry.name.endswith(_ENDING) and entry.is_file(follow_symlinks=False):
                    found.append((stat.st_mtime_ns, entry.name, stat.st_size))
                elif (
                    entry.name.endswith(_DRAFT_ENDING) and stat.st_mtime < time.time() - _ABANDONED
                ):
                    Path(entry.path).unlink(missing_ok=True)
        for _, name, size in sorted(found):
            self._add(name, size)

    def _add(self, name: str, size: int) -> None:
        """Count a file in, and drop others until there is room for it."""
        self._sizes[name] = size
        self._bytes += size
        while self._bytes > self._size:
            self._drop(next(iter(self._sizes)))

    def _drop(self, name: str) -> None:
        """Remove a file."""
        self._bytes -= self._sizes.pop(name)
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            self._give_up(error)

    def _create(self, name: str, content: bytes) -> None:
        """Write a file that is there complete or not at all, and for this user only."""
        descriptor, draft = tempfile.mkstemp(_DRAFT_ENDING, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(draft).replace(self._folder / name)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise

    def _give_up(self, error: OSError) -> None:
        """Write no more, and say so once."""
        if self._writable:
            self._writable = False
            reason = error.strerror or error
            _LOGGER.warning("Phrases are kept in memory only: %s: %s", self._folder, reason)


def _name(identity: str) -> str:
    """Return the name of the file for an identity."""
    return blake2b(f"{_PROGRAM}\n{identity}".encode(), digest_size=_HASH).hexdigest() + _ENDING


def _checksum(name: str, pcm: bytes) -> bytes:
    """Return what the file of that name begins with: a file given another's name is damaged too."""
    return blake2b(pcm, digest_size=_HASH, key=name.encode()[:64]).digest()
