"""What the documents of the house say about the sentence at hand, as the context block tells it."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..knowledge.knowledge import async_passages
from ..knowledge.store import Passage
from .claims import is_command
from .embeddings import Embeddings
from .outside_text import MAX_NAME, MAX_PASSAGE, one_line, quoted

# Tokens of the passages in the context block.
PASSAGE_TOKENS: Final = 300
# Passages whose places are named again after the turn in which they were told.
_SOURCES: Final = 3
# Seconds. A disk that takes longer is not waited for.
_DEADLINE: Final = 1.0


async def async_found(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    embeddings: Embeddings | None,
) -> tuple[Passage, ...]:
    """Return the passages a sentence is surely about; none for an order, which needs no reading.

    Args:
        hass: Home Assistant.
        user_input: the sentence.
        embeddings: may know its vector; without, words do.
    """
    if is_command(user_input.text, user_input.language):
        return ()
    try:
        async with asyncio.timeout(_DEADLINE):
            return tuple(
                await async_passages(
                    hass,
                    user_input.text,
                    language=user_input.language,
                    vector=embeddings.vector(user_input.text) if embeddings else None,
                    model=embeddings.model if embeddings else None,
                    max_tokens=PASSAGE_TOKENS,
                )
            )
    except TimeoutError:
        LOGGER.debug("The knowledge is not waited for")
        return ()


def lines(passages: Sequence[Passage], before: Sequence[Passage]) -> list[str]:
    """Return passages as the context block tells them: quoted, each with its place.

    The block is not kept, so "where does it say that" would have no answer a turn later: the places
    of the passages told `before` are named again in a turn that has none of its own.
    """
    if passages:
        return [f"From {_place(each)}: {quoted(each.text, MAX_PASSAGE)}" for each in passages]
    places = "; ".join(dict.fromkeys(names(before)))
    return [f"Sources of your last answers: {places}"] if places else []


def latest(passages: Sequence[Passage], before: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages whose places are named again, the last told first."""
    return (*passages, *before)[:_SOURCES]


def names(passages: Iterable[Passage]) -> list[str]:
    """Return the places of passages, for people to see."""
    return [_place(passage) for passage in passages]


def _place(passage: Passage) -> str:
    """Return where a passage is: "manual.pdf, Errors / Leaks, page 12"."""
    parts = [one_line(passage.file, MAX_NAME)]
    if passage.heading:
        parts.append(one_line(passage.heading, 2 * MAX_NAME))
    if passage.page is not None:
        parts.append(f"page {passage.page}")
    return ", ".join(parts)
