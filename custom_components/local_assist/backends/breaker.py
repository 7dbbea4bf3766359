"""Whether a server is worth asking: a circuit breaker that a background probe closes again.

Closed, the server is asked. Open, it is passed over at once, so that nobody's turn waits for a
server that is known to be broken. Half-open is left to the probe alone: it asks for the server's
health after each delay, and its first success closes the breaker.

The house's own Ollama has a coordinator, which is such a probe: `mark_failed` opens it, its polls
close it, `last_update_success` says which. A breaker is for the servers without a coordinator.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from ..errors import (
    SERVER_GONE,
    BackendBusyError,
    BackendError,
    BackendServerError,
    BackendStreamError,
)
from .retry import jittered

# Seconds before each probe; the last one repeats.
PROBE_DELAYS: Final = (5.0, 15.0, 30.0, 60.0)
PROBE_JITTER: Final = 0.2
# So many failures in a row of a server that does answer are as good as none.
MAX_FAILURES: Final = 3
_COUNTED = (BackendBusyError, BackendServerError, BackendStreamError)


class Breaker:
    """The breaker of one server. For use within the event loop; `stop` it when done.

    Args:
        probe: returns if the server can be used, else raises a BackendError; `Backend.health`.
        delays: seconds before each probe; the last one repeats.

    Attributes:
        error: why it is open; None while it is closed.
        last_seen: when the server last answered; None while it was not asked.
    """

    def __init__(
        self, probe: Callable[[], Awaitable[None]], *, delays: Sequence[float] = PROBE_DELAYS
    ) -> None:
        self.error: BackendError | None = None
        self.last_seen: datetime | None = None
        self._probe = probe
        self._delays = delays
        self._failures = 0
        self._probing: asyncio.Task[None] | None = None

    @property
    def usable(self) -> bool:
        """Return whether the server is worth asking now."""
        return self.error is None

    def failed(self, err: BackendError) -> None:
        """Note that a request failed.

        A server that is gone, silent or unfriendly opens the breaker at once, one that answers
        with failures after a few; an error that is the request's own says nothing of the server.
        """
        if isinstance(err, _COUNTED):
            self._failures += 1
        if not isinstance(err, SERVER_GONE) and self._failures < MAX_FAILURES:
            return
        self.error = err
        if self._probing is None:
            self._probing = asyncio.create_task(self._probe_until_back(), name="probe a server")

    def succeeded(self) -> None:
        """Note that a request was answered."""
        self._close()
        if self._probing:
            self._probing.cancel()
            self._probing = None

    async def stop(self) -> None:
        """Probe no more."""
        if probing := self._probing:
            self._probing = None
            probing.cancel()
            await asyncio.wait((probing,))

    def _close(self) -> None:
        self.error = None
        self.last_seen = datetime.now(UTC)
        self._failures = 0

    async def _probe_until_back(self) -> None:
        attempt = 0
        while True:
            delay = self._delays[min(attempt, len(self._delays) - 1)]
            await asyncio.sleep(jittered(delay, PROBE_JITTER))
            attempt += 1
            try:
                await self._probe()
            except BackendError as err:
                self.error = err
            else:
                break
        self._close()
        self._probing = None
