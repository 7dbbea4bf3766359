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
class Status:
    """The state of a service's models.

    Attributes:
        model: name of the model, or voice, that serves clients that name none.
        device: what it computes on, and why; empty before that is known.
        downloads: those that are running.
    """

    model: str
    device: str = ""
    downloads: tuple[Transfer, ...] = ()
