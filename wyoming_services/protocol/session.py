"""What a connection asks of its session, and a session of its connection.

A session is the state machine of one client: no sockets, no event loop, no clock. The
connection hands it what arrives and carries out the effects it yields, in order:

    client ── Event ──▶ Session.receive ──▶ Send | Start | Hurry | Cancel | Later | Close
    worker ── item ───▶ Session.item    ──▶ …
    worker ── end ────▶ Session.ended   ──▶ …

Heavy work leaves the session as a `Start(job)`: an iterator the connection drains on a worker
thread, one item at a time, asking for the next only while little is left to write, so a slow reader
slows its own work and nobody else's.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from wyoming.event import Event
from wyoming.info import Info

from wyoming_services.protocol.status import Status


@dataclass(frozen=True, slots=True)
class Send:
    """Write one event to the client."""

    event: Event


class Lane(Enum):
    """Which threads a job runs on."""

    WORK = auto()
    """The models' own: as many jobs at once as the service was told."""
    LISTEN = auto()
    """Follows a client's audio: short, and never behind the work of others."""


@dataclass(frozen=True, slots=True)
class Start:
    """Run a job on a worker; its items come back through `Session.item`.

    At most one job of a session runs in each lane: a session starts the next from `ended`.

    Attributes:
        job: called on the worker; may block; may raise a `ServiceError`. When the client is gone
            or the session cancels, the connection closes the iterator between two items.
        lane: where it runs.
        urgent: somebody waits for it. What nobody waits for yet gives way, between two items, to
            what is urgent, and is never too much to do.
    """

    job: Callable[[], Iterator[Any]]
    lane: Lane = Lane.WORK
    urgent: bool = True


@dataclass(frozen=True, slots=True)
class Hurry:
    """Make the running or queued job of the `WORK` lane urgent: somebody waits for it now."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop the running or queued job of a lane; `ended` is not called for it."""

    lane: Lane = Lane.WORK


@dataclass(frozen=True, slots=True)
class Later:
    """Carry out more effects after some time, instead of those an earlier `Later` asked for.

    Attributes:
        seconds: how long to wait.
        then: what to do.
    """

    seconds: float
    then: "Callable[[], Effects]"


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection once everything sent has been written."""


Effect = Send | Start | Hurry | Cancel | Later | Close
Effects = Iterable[Effect]


class Session(Protocol):
    """One client's conversation with a service."""

    def receive(self, event: Event) -> Effects:
        """Take one event from the client.

        `describe` and `ping` never reach a session: the connection answers them itself.
        Unknown event types are ignored, as the protocol asks.

        Raises:
            ServiceError: the connection sends it as an `error` event and closes.
        """

    def item(self, item: Any) -> Effects:
        """Take one item of a running job."""

    def ended(self, lane: Lane, error: Exception | None, /) -> Effects:
        """Learn that the job of a lane ran to its end, or which `ServiceError` ended it.

        With an error it is the session that tells the client, so that it can end a half-sent
        answer properly first, and that closes.
        """


class Service(Protocol):
    """What one listening port offers: speech-to-text or text-to-speech.

    Attributes:
        role: `stt` or `tts`, as announced.
        tending: seconds between two calls of `tend`; None where there is nothing to tend.
    """

    role: str
    tending: float | None

    def info(self) -> Info:
        """Describe the service: cheap, called on the event loop at any time, also while loading."""

    def session(self) -> Session:
        """Begin the session of a new connection."""

    def load(self) -> None:
        """Load and warm what is configured; runs on a worker thread at start.

        Raises:
            ServiceError: nothing of what is configured can be had; the message says what to do.
        """

    def tend(self) -> None:
        """Do what has to be done from time to time, on a worker thread out of turn."""

    def status(self) -> Status:
        """Say how the models are: cheap, called on the event loop at any time."""

    def close(self) -> None:
        """Free the models; no session is running any more."""
