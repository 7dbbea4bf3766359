"""Which things a sentence is near to in meaning, by the vectors of an embedding model."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

type Vector = NDArray[np.float32]


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
        """Return the cosine of each thing by entity id; none for a vector of another dimension."""
        if vector.shape != self._rows.shape[1:]:
            return {}
        return dict(zip(self._ids, (self._rows @ vector).tolist(), strict=True))
