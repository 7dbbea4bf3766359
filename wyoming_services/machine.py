"""What the machine under the servers is like, where a default depends on it."""

import os
import platform
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

_ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Cores:
    """The processor cores this process may keep busy.

    Attributes:
        usable: how many; at least 1.
        present: logical processors of the machine.
        reason: why there are fewer of one than of the other; empty when there are not.
    """

    usable: int
    present: int
    reason: str = ""

    def __str__(self) -> str:
        """Say it for the log."""
        many = f"{self.usable} core{'s' if self.usable > 1 else ''}"
        return f"{many} of {self.present} allowed ({self.reason})" if self.reason else many


def cores() -> int:
    """Return how many processor cores this process may keep busy."""
    return this_machine().usable


@cache
def this_machine() -> Cores:
    """Look once at what this process may use."""
    present = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return look(os.sched_getaffinity(0), present)
    return Cores(present, present)


def look(allowed: Collection[int], present: int, root: Path = _ROOT) -> Cores:
    """Count the cores behind some logical processors, within the quota of the control groups.

    Two threads of one core share its arithmetic units, which is what a model waits for; a quota
    that is overdrawn stops every thread for the rest of its period, so a part of a core counts for
    nothing.

    Args:
        allowed: numbers of the logical processors this process may run on.
        present: logical processors of the machine.
        root: where its file system begins.
    """
    reasons = ["processor affinity"] if len(allowed) < present else []
    usable = len({_core(number, root) for number in allowed})
    if usable < len(allowed):
        reasons.append("two threads a core")
    quota = min(_quotas(root), default=None)
    if quota is not None and quota < usable:
        usable, reasons = max(1, int(quota)), ["container limit"]
    return Cores(usable, present, ", ".join(reasons))


def is_arm() -> bool:
    """Tell a small board from a computer."""
    return platform.machine().lower().startswith(("arm", "aarch64"))


def _core(number: int, root: Path) -> str:
    """Return what names the core of a logical processor: the list of its threads."""
    topology = root / f"sys/devices/system/cpu/cpu{number}/topology"
    return _read(topology / "thread_siblings_list") or str(number)


def _quotas(root: Path) -> Iterator[float]:
    """Yield the processors' time each control group above this process has, in processors.

    See the kernel's cgroup-v2.rst (`cpu.max`) and sched-bwc.rst (`cpu.cfs_quota_us`).
    """
    for group in _groups(root):
        limit, _, period = _read(group / "cpu.max").partition(" ")
        if not limit:
            limit = _read(group / "cpu.cfs_quota_us")
            period = _read(group / "cpu.cfs_period_us")
        if limit.isdecimal() and period.isdecimal() and int(period):  # not "max", not -1
            yield int(limit) / int(period)


def _groups(root: Path) -> Iterator[Path]:
    """Yield the folder of this process's control group, and those above it, in each hierarchy.

    A container sees its own group as the top of the mount, whatever its path on the host: the
    mount table tells which group that is (proc_pid_mountinfo(5), cgroups(7)).
    """
    paths = dict(_own_groups(root))
    for line in _read(root / "proc/self/mountinfo").splitlines():
        mount, _, source = line.partition(" - ")
        _, _, _, top, point, *_ = mount.split(" ")
        kind, _, options = source.split(" ", 2)
        if kind not in {"cgroup", "cgroup2"}:
            continue
        controllers = "" if kind == "cgroup2" else "cpu"
        if controllers and controllers not in options.split(","):
            continue
        own, above = PurePosixPath(paths.get(controllers, "/")), PurePosixPath(top)
        inside = own.relative_to(above) if own.is_relative_to(above) else PurePosixPath()
        folder = root / point.lstrip("/")
        yield from (folder / each for each in (inside, *inside.parents))


def _own_groups(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each controller of this process and the path of its group; "" stands for version 2."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        yield from ((controller, path) for controller in controllers.split(","))


def _read(file: Path) -> str:
    """Return what a file of the kernel's says; nothing where there is none."""
    try:
        return file.read_text("utf-8").strip()
    except OSError:
        return ""
