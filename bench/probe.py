"""Asks a server `describe` again and again, as Home Assistant does, on a new connection each time.

    python -m bench.probe PORT SECONDS

A process of its own, so that a busy load generator does not count against the server. Prints a
JSON list of milliseconds from connecting to the complete answer; null for none within 5 s, which
is how long Home Assistant waits.
"""

import asyncio
import json
import sys
import time

from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info

EVERY = 0.05
TIMEOUT = 5.0


async def ask(port: int) -> float | None:
    """Return how long one answer took, in milliseconds."""
    start = time.perf_counter()
    try:
        async with asyncio.timeout(TIMEOUT), AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            if event is None or not Info.is_type(event.type):
                return None
            return (time.perf_counter() - start) * 1000
    except OSError, TimeoutError:
        return None


async def probe(port: int, seconds: float) -> list[float | None]:
    """Ask every 50 ms, whether the last answer came or not, so that a stall counts in full."""
    asked = []
    start = time.perf_counter()
    for index in range(round(seconds / EVERY)):
        await asyncio.sleep(start + index * EVERY - time.perf_counter())
        asked.append(asyncio.create_task(ask(port)))
    return await asyncio.gather(*asked)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(probe(int(sys.argv[1]), float(sys.argv[2])))))
