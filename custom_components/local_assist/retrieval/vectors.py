"""Which things a sentence is near to in meaning, by the vectors of an embedding model."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Vector = NDArray[np.float32]

# Of all things the nearest are told, and of these the ones that stand out from the rest.
NEAREST: Final = 8
STANDS_OUT: Final = 1.5
"""Standard deviations above the mean."""


def unit(values: Sequence[float]) -> Vector:
    """Return a vector of length one; zeros stay zeros."""
    vector = np.asarray(values, dtype=np.float32)
    return vector / (float(np.linalg.norm(vector)) or 1.0)


class VectorIndex:
    """The vectors of a house's things, one row each.

    Args:
        vectors: of length one, by entity id, all of the same dimension.
    """

    def __init__(self, vectors: Mapping[str, Vector]) -> None:
        self._ids = tuple(vectors)
        self._rows = np.stack(tuple(vectors.values())) if vectors else np.empty((0, 0), np.float32)

    def near(self, vector: Vector) -> dict[str, float]:
        """Return the cosine of the nearest things by entity id, without what is near to anything.

        Cosines of a model all lie within a narrow band; only what stands out of it means something.
        """
        if vector.shape != self._rows.shape[1:]:
            return {}
        cosines = self._rows @ vector
        least = float(cosines.mean() + STANDS_OUT * cosines.std())
        nearest = np.argsort(cosines)[::-1][:NEAREST]
        return {
            self._ids[index]: float(cosines[index]) for index in nearest if cosines[index] >= least
        }
