"""Asking the same server once more, while nothing has been said or done yet."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final

from ..errors import BackendError, BackendTimeoutError

# Seconds before each further attempt: a person waits.
RETRY_DELAYS: Final = (0.3, 0.9)
JITTER: Final = 0.5


def jittered(delay: float, jitter: float = JITTER) -> float:
    """Return a delay up to a share `jitter` shorter or longer, so that clients part ways."""
    return delay * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 - no secret


def may_retry(err: BackendError) -> bool:
    """Return whether the same request may succeed a moment later.

    Not after a timeout: the person has waited long enough, and the server is none the faster.
    """
    return err.retryable and not isinstance(err, BackendTimeoutError)


class Retry:
    """The further attempts one request has at one server."""

    def __init__(self, delays: Sequence[float] = RETRY_DELAYS) -> None:
        self._delays = iter(delays)

    async def again(self, err: BackendError) -> bool:
        """Wait, then return True, if the request that failed with `err` may be sent once more."""
        if not may_retry(err) or (delay := next(self._delays, None)) is None:
            return False
        await asyncio.sleep(jittered(delay))
        return True
