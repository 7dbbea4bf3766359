"""What the servers are given to say: sentences of a length, none of them twice.

A house's answers of one sentence each. They are all different, so that nothing that was said
before helps with them.
"""

import random
from collections.abc import Iterator
from itertools import product

SECONDS = (12, 3, 1)
"""The lengths, in seconds of speech."""

_OFF = {12: 0.06, 3: 0.12, 1: 0.25}
"""By what share a length may be off, counted in characters."""
_LONG = 12
_TRIES = 100
_APART = 10_007

_THINGS = (
    *("lamp", "window", "heater", "fan", "door", "washing machine", "radio", "blind", "clock"),
    *("fridge", "camera", "printer", "vacuum", "kettle", "alarm", "pump"),
    *("dryer", "shower", "router", "freezer", "speaker", "charger"),
)
_ROOMS = (
    *("kitchen", "hallway", "garage", "bathroom", "cellar", "garden", "attic", "office"),
    *("bedroom", "living room"),
)
_STATES = (
    *("is on", "is still open", "was closed", "is off again", "has finished", "needs cleaning"),
    *("is running", "will start at six", "is warm now", "was moved"),
)
_SHORT_STATES = (
    *("on", "off", "open", "shut", "ready", "done", "full", "idle", "hot", "cold", "empty"),
    *("locked", "clean", "warm", "paused", "closed", "broken", "silent"),
)


class Texts:
    """An endless talk of a house about itself.

    Args:
        seed: the same one says the same again.
        pace: characters that are spoken in a second.
    """

    def __init__(self, seed: int, pace: float) -> None:
        self._pace = pace
        self._rng = random.Random(seed * _APART)
        self._said: set[str] = set()

    def take(self, seconds: int, count: int) -> list[str]:
        """Return texts that were not returned before.

        Args:
            seconds: of speech, one of `SECONDS`.
            count: how many.

        Raises:
            ValueError: there are no more.
        """
        return [self._next(seconds) for _ in range(count)]

    def _next(self, seconds: int) -> str:
        for text in self._candidates(seconds):
            off = abs(len(text) / self._pace / seconds - 1)
            if off <= _OFF[seconds] and text not in self._said:
                self._said.add(text)
                return text
        raise ValueError(f"Every text of {seconds} s has been said.")

    def _candidates(self, seconds: int) -> Iterator[str]:
        """Yield sentences in any order, some of them too long or too short."""
        if seconds == _LONG:
            for _ in range(_TRIES):
                things = self._rng.sample(_THINGS, self._rng.choice((4, 5, 6)))
                clauses = [self._clause(thing) for thing in things]
                yield _sentence(f"{', '.join(clauses[:-1])}, and {clauses[-1]}")
            return
        words = (_THINGS, _SHORT_STATES) if seconds == 1 else (_THINGS, _ROOMS, _STATES)
        combined = list(product(*words))
        self._rng.shuffle(combined)
        for thing, *rest in combined:
            clause = f"{thing} {rest[0]}" if seconds == 1 else _clause(thing, *rest)
            yield _sentence(clause)

    def _clause(self, thing: str) -> str:
        return _clause(thing, self._rng.choice(_ROOMS), self._rng.choice(_STATES))


def _clause(thing: str, room: str, state: str) -> str:
    return f"the {thing} in the {room} {state}"


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."
