"""Which of the words to expect fit into the little room Whisper has for them. Pure."""

from collections.abc import Callable, Iterable

HOTWORD_TOKENS = 160
"""Whisper takes 223 tokens of prompt; the rest is left to the text that came before."""


def hotwords(words: Iterable[str], count: Callable[[str], int]) -> str | None:
    """Join the first words that fit within `HOTWORD_TOKENS`, each once.

    Args:
        words: the most important first.
        count: tells how many tokens a text takes.
    """
    chosen: dict[str, str] = {}
    left = HOTWORD_TOKENS
    for word in words:
        plain = " ".join(word.split())
        if not plain or plain.casefold() in chosen:
            continue
        left -= count(f" {plain},")
        if left < 0:
            break
        chosen[plain.casefold()] = plain
    return ", ".join(chosen.values()) or None
