"""How far a download is: told in the log as it goes, and to whoever asks."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOGGER = logging.getLogger(__name__)

_PERCENT = 10
_SECONDS = 10.0
"""A line of the log at least so often, whichever comes first."""

MEGABYTE = 1_000_000


class Download:
    """A download that may be running; asked from any thread.

    Attributes:
        name: what is downloaded.
        running: whether it is at the moment.
        done_bytes: how much is here, from earlier tries as well.
        total_bytes: how much there is; 0 before it is known.
    """

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.running = False
        self.done_bytes = 0
        self.total_bytes = 0
        self._clock = clock
        self._told = (0.0, 0)

    @property
    def percent(self) -> int:
        """How much of it is done, of a hundred."""
        return self.done_bytes * 100 // self.total_bytes if self.total_bytes else 0

    @contextmanager
    def of(self, total_bytes: int, done_bytes: int) -> Iterator[None]:
        """Download so many bytes, of which some are here already."""
        self.total_bytes, self.done_bytes, self.running = total_bytes, done_bytes, True
        self._told = (self._clock(), done_bytes)
        if done_bytes:
            _LOGGER.info("%s: going on at %d %%", self.name, self.percent)
        try:
            yield
        finally:
            self.running = False

    def reached(self, done_bytes: int) -> None:
        """Learn how much is here now; fewer than before when something must be fetched again."""
        self.done_bytes = done_bytes
        now = self._clock()
        if done_bytes < self._told[1]:
            self._told = (now, done_bytes)
        before, had = self._told
        step = self.percent // _PERCENT - had * 100 // self.total_bytes // _PERCENT
        if step > 0 or (now - before >= _SECONDS and done_bytes > had):
            rate = (done_bytes - had) / MEGABYTE / max(now - before, 0.001)
            _LOGGER.info(
                "%s: %.0f of %.0f MB (%d %%), %.1f MB/s",
                self.name,
                done_bytes / MEGABYTE,
                self.total_bytes / MEGABYTE,
                self.percent,
                rate,
            )
            self._told = (now, done_bytes)
