"""What the machine under the servers is like, where a default depends on it."""

import os
import platform


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_arm() -> bool:
    """Tell a small board from a computer."""
    return platform.machine().lower().startswith(("arm", "aarch64"))
