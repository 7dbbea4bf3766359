"""How much of what is measured, for each model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tools.true_size.widen import TRUE_SHAPES

DEMO = "demo"
MODELS = (DEMO, *TRUE_SHAPES)

FLOORS = (5, 8, 10, 12, 30)
"""Window floors whose word error rates are told, in seconds."""
CROWD = 8
"""Clients at once where many are measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts are of utterances, unless said otherwise.

    Where eight speak at once while cuts are counted, `describe` is asked meanwhile.

    Attributes:
        blocks: turns each server gets; the two alternate.
        block: said to a server in one turn.
        equal: with equal beam and window.
        own: with our own end of speech.
        cuts: with inner pauses.
        cut_lanes: speakers at once while cuts are counted.
        crowd: seconds that eight clients speak at once, in addition to those of the cuts.
        floods: turns of eight clients that send as fast as they are taken.
        flood: sent in one of them.
        words: transcribed for the word error rates.
        floors: whether to count word errors of every window floor.
    """

    blocks: int
    block: int
    equal: int
    own: int
    cuts: int
    cut_lanes: int
    crowd: float
    floods: int
    flood: int
    words: int
    floors: bool = False


QUICK: Mapping[str, Plan] = {
    DEMO: Plan(2, 6, 4, 16, 150, CROWD, 0.0, 2, 16, 60),
    "tiny": Plan(2, 4, 3, 10, 24, 6, 4.0, 2, 8, 12),
    "base": Plan(2, 4, 3, 10, 20, 4, 4.0, 1, 8, 8),
    "small": Plan(2, 3, 3, 10, 12, 3, 4.0, 1, 8, 5),
}
"""All of them in less than ten minutes."""


def plan(model: str, *, full: bool) -> Plan:
    """Return the plan for a model; a full one takes about an hour for all."""
    quick = QUICK[model]
    if not full:
        return quick
    return replace(
        quick,
        blocks=4,
        block=quick.block * 3,
        equal=quick.equal * 3,
        own=quick.own * 4,
        cuts=max(150, quick.cuts * 2),
        crowd=20.0,
        floods=4,
        words=quick.words * 4,
        floors=model == DEMO,
    )
