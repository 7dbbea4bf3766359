"""Keeping the process small, where the GNU C library would rather keep freed memory for itself."""

import ctypes
import gc
from contextlib import suppress

_M_ARENA_MAX = -8
"""Parameter of mallopt(3)."""


def share_one_heap() -> None:
    """Have all threads allocate from one heap, before there are any.

    Each would get one of its own, and leave it half empty: some 10 MB for a speech server. What
    the models compute with is allocated in large pieces that are mapped one by one anyway.
    """
    with suppress(AttributeError, OSError, TypeError):  # other libraries have no such function
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return freed memory to the system."""
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
