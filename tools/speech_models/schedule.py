"""How long the speech-to-text model trains, how fast, and on what."""

import math
from dataclasses import dataclass, replace

WARM_UP_STEPS = 200
FLAT_SHARE = 0.3
LAST_RATE_SHARE = 0.02
FULL_LENGTH_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Variation:
    """How recordings are made harder.

    Attributes:
        second_command: share of the short ones after which another command follows.
        leading_silence: share that begins with up to 4 s of silence.
    """

    second_command: float = 0.0
    leading_silence: float = 0.0


@dataclass(frozen=True, slots=True)
class Phase:
    """A run of the optimiser with a learning-rate schedule of its own."""

    steps: int
    learning_rate: float
    variation: Variation = Variation()

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: warm-up, flat, half a cosine to almost nothing."""
        share = step / self.steps
        rate = self.learning_rate * min(1.0, (step + 1) / WARM_UP_STEPS)
        if share < FLAT_SHARE:
            return rate
        fall = 0.5 * (1 + math.cos(math.pi * (share - FLAT_SHARE) / (1 - FLAT_SHARE)))
        return rate * (LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * fall)

    def spelling_weight(self, step: int) -> float:
        """Return how much the loss of the spelling counts: it leads the way, then steps back."""
        return 0.5 if step < self.steps / 2 else 0.2

    def full_length(self, step: int) -> bool:
        """Return whether a step runs on exactly the function that is exported: the last ones."""
        return step > self.steps * (1 - FULL_LENGTH_SHARE)


RECIPE = (
    Phase(4483, 1.5e-3),
    Phase(887, 7e-4, Variation(second_command=0.15, leading_silence=0.3)),
)
"""Single commands first; then silence in front, without which it hears nothing after a pause."""


def phases(steps: int | None) -> list[Phase]:
    """Return the recipe's phases, or shorter or longer ones of so many steps in all."""
    share = 1.0 if steps is None else steps / sum(phase.steps for phase in RECIPE)
    return [replace(phase, steps=max(1, round(phase.steps * share))) for phase in RECIPE]
