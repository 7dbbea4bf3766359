"""How much of what is measured, for each voice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

DEMO = "demo"
MEDIUM = "medium"
HIGH = "high"
VOICES = (MEDIUM, HIGH, DEMO)

CROWD = 4
"""Clients at once where many are measured."""
CROWD_SECONDS = (3, 12)
"""Lengths of what they ask for; in one round all ask for the same length."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts of what each server is asked for; in turns, the one that begins alternating.

    Attributes:
        pace: characters the voice speaks in a second.
        turns: with whole texts.
        streams: turns with texts that come word by word.
        each: texts of every length in one turn.
        crowds: rounds of four clients at once, of every length.
        pairs: rounds of two clients at once, ours only.
        costs: texts of every length that CPU time is measured with.
    """

    pace: float
    turns: int
    streams: int
    each: int
    crowds: int
    pairs: int
    costs: int


QUICK: Mapping[str, Plan] = {
    DEMO: Plan(pace=15.0, turns=6, streams=4, each=2, crowds=16, pairs=4, costs=16),
    MEDIUM: Plan(pace=13.0, turns=6, streams=4, each=2, crowds=6, pairs=3, costs=8),
    HIGH: Plan(pace=13.0, turns=4, streams=2, each=2, crowds=2, pairs=2, costs=4),
}
"""All of them in less than twelve minutes."""


def plan(voice: str, *, full: bool) -> Plan:
    """Return the plan for a voice; a full one takes four times as long."""
    quick = QUICK[voice]
    if not full:
        return quick
    return replace(
        quick,
        turns=quick.turns * 4,
        streams=quick.streams * 4,
        crowds=quick.crowds * 4,
        pairs=quick.pairs * 4,
        costs=quick.costs * 4,
    )
