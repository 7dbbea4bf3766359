"""Asks a server `describe` again and again, as Home Assistant does, on a new connection each time.

    python bench/probe.py PORT

A process of its own, so that a busy load generator does not count against the server. It prints an
empty line when it begins, asks until its standard input ends, then prints a JSON list of
milliseconds from connecting to the complete answer; null for none within 5 s, which is how long
Home Assistant waits.
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


async def probe(port: int, enough: asyncio.Event) -> list[float | None]:
    """Ask every 50 ms, whether the last answer came or not, so that a stall counts in full."""
    asked: list[asyncio.Task[float | None]] = []
    start = time.perf_counter()
    while not enough.is_set():
        asked.append(asyncio.create_task(ask(port)))
        await asyncio.sleep(start + len(asked) * EVERY - time.perf_counter())
    return await asyncio.gather(*asked)


async def main(port: int) -> None:
    """Ask until standard input ends."""
    enough = asyncio.Event()
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    ended.add_done_callback(lambda _: enough.set())
    print(flush=True)
    print(json.dumps(await probe(port, enough)))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
