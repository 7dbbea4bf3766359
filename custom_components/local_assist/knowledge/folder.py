"""Which files the knowledge folder holds. Looks at names, sizes and times only. Blocking."""

import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_FILES: Final = 1000
"""Files that are looked at. One more is named, to tell of it; those after it are not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as a look at the folder sees it.

    Attributes:
        name: its path below the folder, with slashes; bytes that are no UTF-8 are replaced.
        path: where it is.
        size: in bytes.
        mtime_ns: when it was last written, in nanoseconds since 1970.
        outside: whether it is a link that leads out of the folder.
    """

    name: str
    path: Path
    size: int
    mtime_ns: int
    outside: bool = False


def look(folder: Path) -> list[Entry]:
    """Return the files of a folder and of the folders in it by name, hidden ones aside.

    Folders that are links are not entered, so a link can lead neither out nor in a circle.

    Raises:
        OSError: the folder itself cannot be read.
    """
    root = folder.resolve()
    entries = filter(None, (_entry(root, path) for path in _paths(root)))
    return list(itertools.islice(entries, MAX_FILES + 1))


def _paths(root: Path) -> Iterator[Path]:
    def failed(err: OSError) -> None:
        if err.filename is None or Path(os.fsdecode(err.filename)) == root:
            raise err

    for folder, folders, names in root.walk(on_error=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (folder / name for name in sorted(names) if not name.startswith("."))


def _entry(root: Path, path: Path) -> Entry | None:
    """Return what is to be known of a file; None if it is none, or gone already."""
    name = os.fsencode(path.relative_to(root).as_posix()).decode(errors="replace")
    try:
        link = path.is_symlink()
        if link and not path.resolve().is_relative_to(root):
            found = path.lstat()
            return Entry(name, path, found.st_size, found.st_mtime_ns, outside=True)
        found = path.stat()
    except OSError:
        return None
    # A pipe or a device would never end.
    if not stat.S_ISREG(found.st_mode):
        return None
    return Entry(name, path, found.st_size, found.st_mtime_ns)
