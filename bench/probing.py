"""Has another process ask a server `describe` while it works; see `bench.probe`."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator

from bench import probe
from bench.servers import Server

_GRACE = 30.0


@contextlib.asynccontextmanager
async def probing(server: Server, found: list[float | None]) -> AsyncIterator[None]:
    """Have `describe` asked while the block runs.

    Args:
        server: which is asked.
        found: milliseconds it took each time are added to this; None for no answer.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", probe.__file__, str(server.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_GRACE):
            await process.stdout.readline()  # it has begun
        yield
        async with asyncio.timeout(_GRACE):
            output, _ = await process.communicate()  # closes its input, which ends it
        found += json.loads(output)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
