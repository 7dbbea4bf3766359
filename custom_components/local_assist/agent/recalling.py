"""What the house was told that the sentence at hand is about, as the context block tells it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..memory.errors import MemoryUnavailableError
from ..memory.facts import HOUSEHOLD, Fact
from ..memory.memory import DATA_MEMORY
from ..memory.people import async_speaker
from .embeddings import Embeddings
from .outside_text import MAX_FACT, quoted

# Tokens of the context block's lines about facts.
FACT_TOKENS: Final = 150
# Facts that are looked at, the nearest first.
_FACTS: Final = 8
# Seconds. A disk that takes longer is not waited for.
_DEADLINE: Final = 1.0


async def async_facts(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    embeddings: Embeddings | None,
    count: Callable[[str], int],
) -> tuple[Fact, ...]:
    """Return the facts a sentence is surely about, of the speaker and the household; a few lines.

    Args:
        hass: Home Assistant.
        user_input: the sentence, and who said it.
        embeddings: may know its vector; without, words do.
        count: returns the tokens of a text.
    """
    memory = hass.data[DATA_MEMORY]
    vector = embeddings.vector(user_input.text) if embeddings else None
    try:
        async with asyncio.timeout(_DEADLINE):
            found = await memory.async_recall(
                user_input.text,
                person=await async_speaker(hass, user_input.context),
                language=user_input.language,
                limit=_FACTS,
                vector=vector,
                model=embeddings.model if embeddings else None,
            )
            facts = _fitting([each.fact for each in found if each.strong], count)
            if facts:
                await memory.async_used([fact.id for fact in facts])
    except (MemoryUnavailableError, TimeoutError) as err:
        LOGGER.debug("Nothing is recalled in this turn: %r", err)
        return ()
    return facts


def lines(facts: Sequence[Fact]) -> list[str]:
    """Return facts as the context block tells them: as quotations, for anybody may have said it."""
    return [_line(fact) for fact in facts]


def _line(fact: Fact) -> str:
    whose = "household" if fact.person is HOUSEHOLD else "this person"
    return f"Remembered: {quoted(fact.text, MAX_FACT)} ({whose})"


def _fitting(facts: Sequence[Fact], count: Callable[[str], int]) -> tuple[Fact, ...]:
    """Return those there is room for, the nearest first."""
    fitting: list[Fact] = []
    room = FACT_TOKENS
    for fact in facts:
        room -= count(_line(fact))
        if room < 0:
            break
        fitting.append(fact)
    return tuple(fitting)
