"""How many tokens a text takes, estimated and then learned from what the server counted.

No tokenizer is at hand: each model has its own, and Ollama offers none over HTTP. What a prompt
really took comes back with its answer (`prompt_eval_count`, which includes what was cached), so
the estimate only has to be good once, and learns from then on.
"""

import json
import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from statistics import median
from typing import Any, Final

from ..backends.base import Message

# Tokens a character, by script. Chosen to lie a little above what the tokenizers of today's small
# models need (vocabularies of 128 k to 262 k): 3.6 characters a token for prose in Latin script,
# less for the quotes, brackets and digits of JSON, and about one token for a Chinese character.
_SCRIPTS: Final = (
    (re.compile(r"[A-Za-z\s]+"), 1 / 4),
    (re.compile(r"[0-9]+"), 3 / 4),
    (re.compile(r"[!-/:-@\[-`{-~]+"), 1 / 2),
)
_MORE_SCRIPTS: Final = (
    *_SCRIPTS,
    (re.compile(r"[\u00a0-\u052f\u1e00-\u206f]+"), 1 / 2),  # more of Latin, Greek, Cyrillic
    (re.compile(r"[\u0530-\u1dff]+"), 2 / 3),  # from Armenian to Thai and Georgian
    (re.compile(r"[\u2070-\ud7ff\uf900-\uffff]+"), 1.0),  # symbols, Chinese, Japanese, Korean
    (re.compile(r"[\U00010000-\U0010ffff]+"), 2.0),  # emoji
)

# What a chat template puts around a message, and around the tools: who speaks, and how to call.
MESSAGE_TOKENS: Final = 6
CALL_TOKENS: Final = 12
TOOLS_TOKENS: Final = 160
# Between the 256 of Gemma and what others make of a photograph.
IMAGE_TOKENS: Final = 1024

# Until the first count, take a prompt for that much longer.
CAUTION: Final = 1.15
# What no tokenizer does; the count was of something else.
LEAST, MOST = 0.5, 3.0
REMEMBERED: Final = 15
# So many counts tell what is usual.
USUAL: Final = 3


@lru_cache(maxsize=512)
def _weight(text: str) -> float:
    """Return the tokens of a text before anything was learned.

    The head, the tools and what was said before are counted again with each request.
    """
    scripts = _SCRIPTS if text.isascii() else _MORE_SCRIPTS
    return sum(sum(map(len, characters.findall(text))) * tokens for characters, tokens in scripts)


class TokenEstimate:
    """What texts and prompts take in the tokens of one model.

    Learns one factor from what the server counted. It is the median of what was seen lately, so
    that a count that was odd once does not stay, but never below the newest: the same prompt once
    more is not taken for shorter than it was.
    """

    def __init__(self) -> None:
        self._factor = CAUTION
        self._usual = CAUTION
        self._seen: deque[float] = deque(maxlen=REMEMBERED)

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        return ceil(_weight(text) * self._factor)

    def messages(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]] = (),
        *,
        steady: bool = False,
    ) -> int:
        """Return the tokens of a whole prompt.

        `steady` is for decisions that last, such as the size of a window: it goes by what is usual,
        so that no single count makes it jump.
        """
        weight = sum(map(_message, messages))
        if tools:
            weight += TOOLS_TOKENS + sum(_weight(_json(tool)) for tool in tools)
        return ceil(weight * (self._usual if steady else self._factor))

    def observe(self, estimated: int, actual: int) -> None:
        """Learn that a prompt taken for `estimated` tokens took `actual`.

        A prompt the server refused as too long took at least its window.
        """
        if estimated <= 0 or actual <= 0:
            return
        # Estimates are rounded up, by less than one.
        ratio = self._factor * actual / max(1, estimated - 1)
        if ratio < LEAST:
            # Some servers count only what was not cached.
            return
        self._seen.append(min(ratio, MOST))
        if len(self._seen) >= USUAL:
            self._usual = median(self._seen)
        self._factor = max(median(self._seen), self._seen[-1])


def _message(message: Message) -> float:
    weight = MESSAGE_TOKENS + _weight(message.content) + IMAGE_TOKENS * len(message.images)
    if message.thinking:
        weight += _weight(message.thinking)
    for call in message.tool_calls:
        weight += CALL_TOKENS + _weight(call.name) + _weight(_json(call.arguments))
    return weight


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
