"""Vectors of an embedding model in a quarter of the room: a byte a dimension."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

type Vector = NDArray[np.float32]

_BLOCK: Final = 128
"""Rows turned into floats at once: they stay in the processor's cache."""
_STEPS: Final = 127.0
_SCALE: Final = np.dtype("<f4")
_FIRST_ROWS: Final = 16


def packed(vector: Vector) -> bytes:
    """Return a vector as it is kept: the size of a step (4 bytes), then a signed byte a dimension.

    The cosine of what was packed is off by less than 0.01.
    """
    step = float(np.abs(vector).max(initial=0.0)) / _STEPS
    steps = np.rint(vector / (step or 1.0)).astype(np.int8)
    return bytes(np.asarray(step, _SCALE).data) + bytes(steps.data)


class Vectors:
    """Packed vectors of one dimension by key, in memory.

    Args:
        dimension: of each.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._keys: list[int] = []
        self._row: dict[int, int] = {}
        self._steps = np.empty((_FIRST_ROWS, dimension), np.int8)
        self._scales = np.empty(_FIRST_ROWS, np.float32)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._keys)

    def put(self, key: int, kept: bytes) -> None:
        """Take a packed vector in, in place of the key's last one.

        Raises:
            ValueError: it has another dimension.
        """
        if len(kept) != _SCALE.itemsize + self.dimension:
            raise ValueError(f"{len(kept)} bytes are no vector of {self.dimension} dimensions")
        row = self._row.get(key)
        if row is None:
            row = self._row[key] = len(self._keys)
            self._keys.append(key)
            if row == len(self._scales):
                self._make_room(row + max(_FIRST_ROWS, row // 4))
        self._scales[row] = np.frombuffer(kept, _SCALE, count=1)[0]
        self._steps[row] = np.frombuffer(kept, np.int8, offset=_SCALE.itemsize)

    def drop(self, key: int) -> None:
        """Let go of a key's vector, if there is one; the last takes its row."""
        row = self._row.pop(key, None)
        if row is None:
            return
        last = self._keys.pop()
        if last != key:
            self._keys[row] = last
            self._row[last] = row
            self._scales[row] = self._scales[len(self._keys)]
            self._steps[row] = self._steps[len(self._keys)]

    def cosines(self, vector: Vector) -> tuple[list[int], Vector]:
        """Return the keys and how near each is to a vector of length one."""
        count = len(self._keys)
        found = np.empty(count, np.float32)
        for begin in range(0, count, _BLOCK):
            block = slice(begin, min(begin + _BLOCK, count))
            # Not "@": on a busy machine the threads BLAS starts for a matrix wait for one another.
            found[block] = np.vecdot(self._steps[block].astype(np.float32), vector)
        return self._keys, found * self._scales[:count]

    def _make_room(self, rows: int) -> None:
        steps = np.empty((rows, self.dimension), np.int8)
        steps[: len(self._steps)] = self._steps
        scales = np.empty(rows, np.float32)
        scales[: len(self._scales)] = self._scales
        self._steps, self._scales = steps, scales
