"""A server that answers every chat at once with one word: what is left is the agent's own time.

    python -m bench.agent.bare

A process of its own, so that its work does not count as the agent's. It prints its port, tells at
/sizes how many bytes each chat had since it was last asked, and ends with its standard input.
"""

import asyncio
import json
import sys

from aiohttp import web

MODEL = "qwen3:4b"
_DETAILS = {"format": "gguf", "family": "qwen3", "families": ["qwen3"], "context_length": 131_072}
_ITEM = {
    "name": MODEL,
    "model": MODEL,
    "modified_at": "2026-10-01T12:00:00Z",
    "size": 2_019_393_189,
    "digest": "0" * 64,
    "details": _DETAILS | {"parameter_size": "4B", "quantization_level": "Q4_K_M"},
    "capabilities": ["completion", "tools"],
}
_LINES = (
    {"message": {"role": "assistant", "content": "Yes."}, "done": False},
    {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    | {"prompt_eval_count": 4000, "prompt_eval_duration": 10**9, "eval_count": 2},
)
_ANSWER = b"".join(
    json.dumps({"model": MODEL, "created_at": "2026-10-01T12:00:00Z"} | line).encode() + b"\n"
    for line in _LINES
)


_sizes: list[int] = []


async def _chat(request: web.Request) -> web.Response:
    _sizes.append(len(await request.read()))
    return web.Response(body=_ANSWER, content_type="application/x-ndjson")


async def _tell_sizes(_: web.Request) -> web.Response:
    told = _sizes.copy()
    _sizes.clear()
    return web.json_response(told)


async def _list(_: web.Request) -> web.Response:
    return web.json_response({"models": [_ITEM]})


async def _loaded(_: web.Request) -> web.Response:
    more = {"size_vram": 0, "expires_at": "2318-01-01T00:00:00Z", "context_length": 131_072}
    return web.json_response({"models": [_ITEM | more]})


async def _show(_: web.Request) -> web.Response:
    info = {"general.architecture": "qwen3", "qwen3.context_length": 131_072}
    shown = {"details": _ITEM["details"], "model_info": info, "capabilities": _ITEM["capabilities"]}
    return web.json_response(shown)


async def _version(_: web.Request) -> web.Response:
    return web.json_response({"version": "0.20.2"})


async def main() -> None:
    """Serve until standard input ends."""
    app = web.Application(client_max_size=1 << 26)
    app.add_routes(
        [
            web.get("/api/version", _version),
            web.get("/api/tags", _list),
            web.get("/api/ps", _loaded),
            web.post("/api/show", _show),
            web.post("/api/chat", _chat),
            web.get("/sizes", _tell_sizes),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
