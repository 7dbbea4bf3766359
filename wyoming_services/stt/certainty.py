"""How sure a model is of the end of what it wrote, beside how sure it usually is. Pure.

A model that hears "set the light" and then a pause may write "set the light to white": it has
learned what usually follows. It is less sure of such an end than of one it heard, but how sure it
is at all differs from model to model and from house to house. So an end is compared with those
that turned out right before.
"""

from collections import deque

_KNOWN = 100
_AT_FIRST = (0.965,) * 12
"""Before anything is known only a model that has hardly a doubt is believed."""
_LEAST = 0.5
"""Below this probability the model itself takes another end for likelier."""


class UsualEndings:
    """The ends of a model's transcripts that turned out right, the newest of them."""

    def __init__(self) -> None:
        self._known = deque(_AT_FIRST, _KNOWN)

    def rank(self, ending: float) -> float:
        """Return the share of the known endings, from 0 to 1, that were no more probable."""
        if ending < _LEAST:
            return 0.0
        return sum(known <= ending for known in self._known) / len(self._known)

    def add(self, ending: float) -> None:
        """Learn the probability of an ending that turned out right."""
        self._known.append(ending)
