"""Keeping two processes from putting the same files in place at once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOGGER = logging.getLogger(__name__)


def lock_file(target: Path) -> Path:
    """Return the file that is locked while something is put in place."""
    return target.parent / f".{target.name}.lock"


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Be the only process that puts `target` in place, or removes it; wait for one that does.

    Its folder is made when it is not there.

    Raises:
        OSError: the folder cannot be made or written to.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - not needed where nothing is downloaded

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file(target))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _LOGGER.info("Another process is at work on %s: waiting for it", target)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
