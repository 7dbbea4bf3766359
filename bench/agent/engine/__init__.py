"""A real llama.cpp behind Ollama's HTTP API, which says what a script says.

Ollama runs models in llama.cpp's `llama-server`, renders chats itself and posts the text to
`/completion`, one slot, the longest common prefix of tokens reused (llm/llama_server.go of its
repository). `engine` does the same with a model of a true small shape and random weights. Such a
model talks nonsense, so what it says is scripted: the slot is fed the reply's tokens one by one,
each for the price of generating it, and afterwards it holds the conversation as if the model had
said it. What is read and what is reused, and how long that takes, are the engine's own figures.

    async with engine(model, family, tokenizer, logs=folder) as front:
        ...  # a session of ours against front.url and family.model
        print(front.requests)
        await front.unload()  # the cache is empty again
        front.requests.clear()
        ...  # the same session of the peer
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bench.agent.engine.contract import Family, Model, Request
from bench.agent.engine.front import Front

__all__ = ["Family", "Front", "Model", "Request", "engine"]


@contextlib.asynccontextmanager
async def engine(
    model: Model, family: Family, tokenizer: Path, *, logs: Path, threads: int | None = None
) -> AsyncIterator[Front]:
    """Run the engine and its front on loopback until the block ends.

    The first time on a machine the program and the model are made, which takes from seconds to
    minutes; see `bench.agent.engine.program` and `bench.agent.engine.weights`.

    Args:
        model: chooses what is said.
        family: how chats are rendered.
        tokenizer: file of the tokens it reads and writes, byte-level BPE as the package tokenizers
            keeps it.
        logs: folder for what the engine prints.
        threads: it computes with; one per core by default.

    Raises:
        BenchError: there is no way to get llama.cpp here, or it does not start.
    """
    async with Front(model, family, tokenizer, logs=logs, threads=threads) as front:
        yield front
