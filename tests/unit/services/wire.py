"""What a connection does for a session, without sockets, threads or an event loop."""

from collections.abc import Iterator
from typing import Any

from wyoming.event import Event

from wyoming_services.errors import ServiceError
from wyoming_services.protocol.session import Cancel, Close, Effects, Send, Session, Start


class Wire:
    """Carries out a session's effects, and holds the session to the contract.

    Attributes:
        sent: events the client got.
        closed: the session closed the connection.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._job: Iterator[Any] | None = None
        self.sent: list[Event] = []
        self.closed = False

    def client_sends(self, *events: Event) -> None:
        """Hand events to the session; the work they cause waits for `work`."""
        for event in events:
            if not self.closed:
                self._carry_out(self._session.receive(event))

    def work(self, steps: int | None = None) -> None:
        """Let the worker do so many steps (an item, or the end of a job), or all there are."""
        while self._job is not None and steps != 0:
            steps = None if steps is None else steps - 1
            try:
                item = next(self._job)
            except StopIteration:
                self._job = None
                self._carry_out(self._session.ended(None))
            except ServiceError as error:
                self._job = None
                self._carry_out(self._session.ended(error))
            else:
                self._carry_out(self._session.item(item))

    def _carry_out(self, effects: Effects) -> None:
        """Do what the session asks, in order."""
        for effect in effects:
            assert not self.closed, f"{effect} after Close"
            match effect:
                case Send(event):
                    self.sent.append(event)
                case Start(job):
                    assert self._job is None, "Start while a job runs"
                    self._job = job()
                case Cancel():
                    assert self._job is not None, "Cancel without a job"
                    self._job = None
                case Close():
                    assert self._job is None, "Close while a job runs"
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
