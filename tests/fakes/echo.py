"""A small service whose work a test steers: what the server does to any service can be seen on it.

echo {"text"}           →  echo {"text"}, at once
work {"items", "bytes"} →  item {"number"} + payload, as often, from a worker; then done {}
fail {"how"}            →  service | bug-in-session | bug-in-job | timeout-in-job
cancel                  →  drops the job
quit                    →  bye, then closes
"""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Info

from wyoming_services.errors import EngineError, NotFoundError, ServiceError
from wyoming_services.protocol.session import Cancel, Close, Effects, Lane, Send, Start
from wyoming_services.protocol.status import Status


class EchoService:
    """Counts what happens to its jobs.

    Attributes:
        gate: items are made only while it is set.
        began: set once a job has begun to make an item.
        made: items made.
        tended: how often it was tended.
        told: what it says of itself.
    """

    role = "echo"

    def __init__(self, tending: float | None = None) -> None:
        self.tending = tending
        self.tended = 0
        self.told = Status("echo")
        self.gate = threading.Event()
        self.gate.set()
        self.loading = threading.Event()
        self.loading.set()
        self.load_error: Exception | None = None
        self.began = threading.Event()
        self.dropped = threading.Event()
        self.made = 0
        self.is_closed = False

    def info(self) -> Info:
        """Describe nothing."""
        return Info()

    def session(self) -> EchoSession:
        """Begin a session."""
        return EchoSession(self)

    def load(self) -> None:
        """Load until told to end."""
        self.loading.wait(30)
        if self.load_error is not None:
            raise self.load_error

    def tend(self) -> None:
        """Count it; the second time fails."""
        self.tended += 1
        if self.tended == 2:
            raise ZeroDivisionError("a secret")

    def status(self) -> Status:
        """Say what it was told to."""
        return self.told

    def close(self) -> None:
        """Remember it."""
        self.is_closed = True

    def work(self, items: int, size: int) -> Iterator[tuple[int, bytes]]:
        """Make items while the gate is open."""
        try:
            for number in range(items):
                self.began.set()
                self.gate.wait(30)
                self.made += 1
                yield number, bytes(size)
        except GeneratorExit:
            self.dropped.set()
            raise


class EchoSession:
    """Does what it is told."""

    def __init__(self, service: EchoService) -> None:
        self._service = service

    def receive(self, event: Event) -> Effects:
        """Carry an event out."""
        match event.type:
            case "echo":
                return [Send(Event("echo", event.data, event.payload))]
            case "work":
                job = partial(self._service.work, event.data["items"], event.data.get("bytes", 0))
                return [Start(job, urgent=event.data.get("urgent", True))]
            case "fail":
                return self._fail(event.data["how"])
            case "cancel":
                return [Cancel(), Send(Event("cancelled"))]
            case "quit":
                return [Send(Event("bye")), Close()]
        return []

    def item(self, item: Any) -> Effects:
        """Send an item."""
        number, payload = item
        return [Send(Event("item", {"number": number}, payload))]

    def ended(self, _lane: Lane, error: Exception | None) -> Effects:
        """Tell the end of a job."""
        if error is None:
            return [Send(Event("done"))]
        assert isinstance(error, ServiceError)
        return [Send(Error(text=str(error), code=error.code).event()), Close()]

    def _fail(self, how: str) -> Effects:
        def job() -> Iterator[Any]:
            yield 0, b""
            errors = {"timeout-in-job": TimeoutError("no"), "service": EngineError("no sound")}
            raise errors.get(how, ZeroDivisionError("a secret"))

        if how == "bug-in-session":
            raise ZeroDivisionError("a secret")
        if how == "not-found":
            raise NotFoundError("no such thing")
        return [Start(job)]
