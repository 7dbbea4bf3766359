"""Cores as the kernel tells of them, from files laid out as it lays them out."""

from pathlib import Path

import pytest

from wyoming_services.machine import Cores, cores, look, this_machine

V2 = "30 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


def lay_out(root: Path, files: dict[str, str]) -> Path:
    """Write files under a root."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def siblings(*cores_: str) -> dict[str, str]:
    """Return the topology of cores given as lists of their two threads."""
    return {
        f"sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list": core
        for core in cores_
        for number in core.split(",")
    }


def test_a_machine_that_tells_nothing(tmp_path: Path):
    """Every processor counts, without a reason."""
    assert look(set(range(4)), 4, tmp_path) == Cores(4, 4)


def test_threads_of_one_core_count_once(tmp_path: Path):
    """Four processors are two cores; and of those this process may run on three."""
    root = lay_out(tmp_path, siblings("0,2", "1,3"))
    assert look({0, 1, 2, 3}, 4, root) == Cores(2, 4, "two threads a core")
    assert look({0, 1}, 4, root) == Cores(2, 4, "processor affinity")
    assert look({0, 2}, 4, root) == Cores(1, 4, "processor affinity, two threads a core")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("max 100000", Cores(16, 16)),
        ("800000 100000", Cores(8, 16, "container limit")),
        ("150000 100000", Cores(1, 16, "container limit")),
        ("50000 100000", Cores(1, 16, "container limit")),
        ("3200000 100000", Cores(16, 16)),
    ],
)
def test_the_quota_of_a_container(tmp_path: Path, limit: str, expected: Cores):
    """Version 2, seen from inside: the container's group is the top of the mount."""
    root = lay_out(
        tmp_path,
        {
            "proc/self/cgroup": "0::/",
            "proc/self/mountinfo": V2,
            "sys/fs/cgroup/cpu.max": limit,
        },
    )
    assert look(set(range(16)), 16, root) == expected


def test_the_tightest_group_above_counts(tmp_path: Path):
    """A service within a slice that has a quota of its own."""
    root = lay_out(
        tmp_path,
        {
            "proc/self/cgroup": "0::/house.slice/assist.service",
            "proc/self/mountinfo": f"23 1 8:1 / / rw - ext4 /dev/sda1 rw\n{V2}",
            "sys/fs/cgroup/house.slice/cpu.max": "200000 100000",
            "sys/fs/cgroup/house.slice/assist.service/cpu.max": "600000 100000",
        },
    )
    assert look(set(range(8)), 8, root) == Cores(2, 8, "container limit")


def test_version_1(tmp_path: Path):
    """Seen from a container that is told its path on the host, but mounts only its own group."""
    mount = "31 30 0:29 /docker/1f /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
    files = {
        "proc/self/cgroup": "4:memory:/docker/1f\n2:cpu,cpuacct:/docker/1f\n0::/docker/1f",
        "proc/self/mountinfo": mount,
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    }
    root = lay_out(tmp_path, files)
    assert look(set(range(4)), 4, root) == Cores(3, 4, "container limit")
    lay_out(tmp_path, {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1"})
    assert look(set(range(4)), 4, root) == Cores(4, 4)


def test_how_it_reads_in_the_log():
    """One phrase."""
    assert str(Cores(8, 16, "container limit")) == "8 cores of 16 allowed (container limit)"
    assert str(Cores(1, 1)) == "1 core"


def test_this_machine():
    """At least one core, never more than there are processors."""
    assert 1 <= cores() == this_machine().usable <= this_machine().present
