"""What a connection does for a session, without sockets, threads or an event loop."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from wyoming.event import Event

from wyoming_services.errors import ServiceError
from wyoming_services.protocol.session import (
    Cancel,
    Close,
    Effects,
    Hurry,
    Lane,
    Later,
    Send,
    Session,
    Start,
)


class Wire:
    """Carries out a session's effects, and holds the session to the contract.

    Attributes:
        sent: events the client got.
        closed: the session closed the connection.
        jobs: what runs, or waits to run, in each lane.
        later: what the session wants done after some time.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.jobs: dict[Lane, tuple[Start, Iterator[Any]]] = {}
        self.sent: list[Event] = []
        self.closed = False
        self.later: Later | None = None

    def client_sends(self, *events: Event) -> None:
        """Hand events to the session; the work they cause waits for `work`."""
        for event in events:
            if not self.closed:
                self._carry_out(self._session.receive(event))

    def work(self, steps: int | None = None, lanes: Collection[Lane] = tuple(Lane)) -> None:
        """Let the workers do so many steps (an item, or the end of a job), or all there are."""
        while steps != 0 and (lane := next((lane for lane in lanes if lane in self.jobs), None)):
            steps = None if steps is None else steps - 1
            try:
                item = next(self.jobs[lane][1])
            except StopIteration:
                del self.jobs[lane]
                self._carry_out(self._session.ended(lane, None))
            except ServiceError as error:
                del self.jobs[lane]
                self._carry_out(self._session.ended(lane, error))
            else:
                self._carry_out(self._session.item(item))

    def time_passes(self) -> None:
        """Let the time come for what was to be done later."""
        later, self.later = self.later, None
        if later is not None and not self.closed:
            self._carry_out(later.then())

    def _carry_out(self, effects: Effects) -> None:
        """Do what the session asks, in order."""
        for effect in effects:
            assert not self.closed, f"{effect} after Close"
            match effect:
                case Send(event):
                    self.sent.append(event)
                case Start(job, lane):
                    assert lane not in self.jobs, "Start while a job runs"
                    self.jobs[lane] = effect, job()
                case Hurry():
                    start, job = self.jobs[Lane.WORK]
                    self.jobs[Lane.WORK] = replace(start, urgent=True), job
                case Cancel(lane):
                    del self.jobs[lane]
                case Later():
                    self.later = effect
                case Close():
                    self.closed = True


def converse(session: Session, *events: Event) -> list[Event]:
    """Send events one by one, all work done between them, and return the answers."""
    wire = Wire(session)
    for event in events:
        wire.client_sends(event)
        wire.work()
    return wire.sent


def types(events: list[Event]) -> list[str]:
    """Return the types of events, runs of audio-chunk as one."""
    kinds = [event.type for event in events]
    return [
        kind
        for position, kind in enumerate(kinds)
        if kind != "audio-chunk" or kinds[position - 1] != kind
    ]
