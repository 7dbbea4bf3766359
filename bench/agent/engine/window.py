"""What is sent to the engine of a chat that is too long for its window.

As Ollama does it: server/prompt.go drops the oldest messages, then completionPromptForRequest of
llm/llama_server.go cuts tokens out of the middle, or refuses where the request says `shift: false`.
"""

from typing import Any

from bench.agent.engine.contract import Family
from bench.agent.engine.runner import Runner

_KEEP = 4  # Ollama's default `num_keep`


class PromptTooLongError(Exception):
    """The prompt is too long, and the request does not want it cut."""


async def fit(body: dict[str, Any], family: Family, engine: Runner) -> list[int]:
    """Return the tokens of a chat's prompt, such that they fit into the engine's window.

    Raises:
        PromptTooLongError: they do not.
    """
    messages, tools = list(body["messages"]), body.get("tools") or ()
    while True:
        prompt = [piece.token for piece in await engine.tokens(family.text(messages, tools))]
        oldest = next((at for at, m in enumerate(messages[:-1]) if m["role"] != "system"), None)
        if len(prompt) < engine.window or oldest is None or body.get("truncate") is False:
            break
        del messages[oldest]
    if len(prompt) < engine.window:
        return prompt
    if body.get("shift") is False:
        raise PromptTooLongError(
            "the prompt is longer than the context length currently available to the model; "
            "shorten the prompt, adjust the context length in settings, or use a model with a "
            "longer context length"
        )
    limit = engine.window - max((engine.window - _KEEP) // 2, 1)
    return prompt[:_KEEP] + prompt[_KEEP - limit :]
