"""What the tests of the memory store share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from custom_components.local_assist.memory.facts import Fact, Person
from custom_components.local_assist.memory.store import MemoryStore

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUSE = frozenset({None})


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now

    def move(self, **by: float) -> None:
        """Move it on, by what a timedelta takes."""
        self.now += timedelta(**by)


def fact(number: int, text: str, person: Person = None, *, expires: datetime | None = None) -> Fact:
    """Return a fact told some minutes ago: the higher its number, the later."""
    return Fact(str(number), text, person, "voice", NOW + timedelta(minutes=number - 1000), expires)


def opened(path: Path, clock: Clock | None = None, **bounds: int) -> MemoryStore:
    """Return an open store."""
    store = MemoryStore(path, clock=clock or Clock(), **bounds)
    store.open()
    return store
