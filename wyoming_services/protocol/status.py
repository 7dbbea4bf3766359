"""What a service says of itself while it loads and after, for the health port."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transfer:
    """A download that is running.

    Attributes:
        name: what is downloaded.
        done_bytes: how much is here.
        total_bytes: how much there is.
        percent: the one of the other, rounded down.
    """

    name: str
    done_bytes: int
    total_bytes: int
    percent: int


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """What a cache of spoken phrases holds, and how often it was of use since the start.

    Attributes:
        hits: phrases that were kept already.
        misses: phrases that had to be rendered.
        entries: phrases in memory.
        bytes: what they take.
        disk_entries: phrases on disk.
        disk_bytes: what they take.
    """

    hits: int = 0
    misses: int = 0
    entries: int = 0
    bytes: int = 0
    disk_entries: int = 0
    disk_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a service's models.

    Attributes:
        model: name of the model, or voice, that serves clients that name none.
        device: what it computes on, and why; empty before that is known.
        downloads: those that are running.
        cache: of spoken phrases; None for a service without one.
    """

    model: str
    device: str = ""
    downloads: tuple[Transfer, ...] = ()
    cache: CacheCounts | None = None
