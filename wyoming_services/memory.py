"""Keeping the process small: for a Raspberry Pi that has other things to do as well."""

import ctypes
import gc
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

_M_ARENA_MAX = -8
"""Parameter of mallopt(3)."""


def share_one_heap() -> None:
    """Have all threads allocate from one heap, before there are any.

    Each would get one of its own, and leave it half empty: some 10 MB for a speech server. What
    the models compute with is allocated in large pieces that are mapped one by one anyway.
    """
    with suppress(AttributeError, OSError, TypeError):  # other libraries have no such function
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


class _Deferred(ModuleType):
    """Stands for a module until something of it is used; importlib's `LazyLoader` loads earlier."""

    def __getattr__(self, name: str) -> Any:
        """Import the module for good."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_when_used(name: str) -> None:
    """Have a module that others import take no memory before they use it."""
    sys.modules.setdefault(name, _Deferred(name))


def give_back() -> None:
    """Return freed memory to the system."""
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
