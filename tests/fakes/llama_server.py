"""A stand-in for llama.cpp's server: every character a token, one slot, a prefix cache.

Run as a program with the server's own arguments. Reading a token takes a millisecond. When a client
hangs up, the batch it is at is read to its end and all of it kept, as with the real one.
"""

import argparse
import asyncio
import json
from typing import Any

from aiohttp import web

BATCH = 512


class Slot:
    """The tokens the server holds."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.held: list[int] = []

    async def health(self, _: web.Request) -> web.Response:
        """Tell that the model is loaded."""
        return web.json_response({"status": "ok"})

    async def tokenize(self, request: web.Request) -> web.Response:
        """Return bytes as tokens; the ones of characters of several have no text of their own."""
        text = (await request.json())["content"].encode()
        pieces = [{"id": one, "piece": chr(one) if one < 128 else [one]} for one in text]
        return web.json_response({"tokens": pieces})

    async def completion(self, request: web.Request) -> web.StreamResponse:
        """Read a prompt."""
        body = await request.json()
        prompt = body["prompt"]
        if len(prompt) >= self.window:
            return web.json_response({"error": "exceeds the available context"}, status=400)
        cached = min(_common(self.held, prompt), len(prompt) - 1)
        kind = "text/event-stream" if body.get("stream") else "application/json"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        if body.get("return_progress"):
            await _send(response, {"prompt_progress": _progress(prompt, cached, cached)})
        for end in (*range(cached + BATCH, len(prompt), BATCH), len(prompt)):
            start = len(self.held) if end > cached + BATCH else cached
            try:
                await asyncio.sleep((end - start) / 1000)
            finally:
                self.held = prompt[:end]
            if body.get("return_progress"):
                await _send(response, {"prompt_progress": _progress(prompt, cached, end)})
        count = len(prompt) - cached
        timings = {"cache_n": cached, "prompt_n": count, "prompt_ms": float(count)}
        last: dict[str, Any] = {"stop": True, "timings": timings}
        if body.get("stream"):
            await _send(response, last)
        else:
            await response.write(json.dumps(last).encode())
        await response.write_eof()
        return response


def _progress(prompt: list[int], cached: int, end: int) -> dict[str, int]:
    return {"total": len(prompt), "cache": cached, "processed": end, "time_ms": end - cached}


async def _send(response: web.StreamResponse, event: dict[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")


def _common(one: list[int], other: list[int]) -> int:
    """Return the length of the longest common prefix."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("-c", type=int)
    given, _ = parser.parse_known_args()
    slot = Slot(given.c)
    app = web.Application(client_max_size=1 << 26)
    app.add_routes(
        [
            web.get("/health", slot.health),
            web.post("/tokenize", slot.tokenize),
            web.post("/completion", slot.completion),
        ]
    )
    runner = {"host": "127.0.0.1", "port": given.port, "print": None}
    web.run_app(app, handler_cancellation=True, **runner)


if __name__ == "__main__":
    main()
