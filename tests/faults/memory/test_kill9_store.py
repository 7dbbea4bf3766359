"""A process that writes facts is killed at any moment: the file opens and has what was told."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from custom_components.local_assist.memory.facts import Fact
from custom_components.local_assist.memory.store import MemoryStore

CHILD = Path(__file__).with_name("writing_child.py")
ROUNDS = 300
EVERYBODY = frozenset({None})


def _written_until_killed(
    writer: subprocess.Popen[str], first: int, after: float, *, opening: bool = False
) -> int:
    """Have facts written from a number on, kill the writer, return the last it told of.

    Args:
        writer: writing_child.py.
        first: number of the first fact.
        after: seconds until it is killed, counted from the first fact it told of.
        opening: count from its beginning instead, so that it may be killed as it opens the file.
    """
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(f"{first}\n")
    writer.stdin.flush()
    last = first - 1
    timer = None
    for line in writer.stdout:
        if line == "gone\n":
            break
        if line.startswith("pid "):
            timer = threading.Timer(after, os.kill, (int(line[4:]), signal.SIGKILL))
        else:
            last = max(last, int(line))
        assert timer is not None
        if timer.ident is None and (opening or last >= first):
            timer.start()
    assert timer is not None
    timer.join()
    return last


def test_kill9_loses_at_most_the_write_in_flight(tmp_path: Path):
    """All that was acknowledged is there, and at most one fact more."""
    path = tmp_path / "memory.db"
    chosen = random.Random(9)
    acknowledged = 0
    with subprocess.Popen(
        (sys.executable, CHILD, path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        first = 0
        for number in range(ROUNDS):
            after = chosen.uniform(0.0, 0.05)
            last = _written_until_killed(writer, first, after, opening=number % 3 == 0)
            store = MemoryStore(path, max_facts=2000)
            assert store.open().put_aside is None
            there = {int(fact.id) for fact in store.all(EVERYBODY)}
            store.close()
            with sqlite3.connect(path) as database:
                assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                (words,) = database.execute("SELECT count(*) FROM fact_words").fetchone()
            database.close()
            newest = max(there, default=-1)
            told = set(range(max(0, newest - 1999), last + 1))
            assert told <= there
            assert newest <= last + 1
            assert words == len(there)
            acknowledged = last + 1
            first = newest + 1
        assert writer.stdin is not None
        writer.stdin.close()
    assert acknowledged > ROUNDS // 2


def test_a_reopened_store_goes_on_after_a_kill(tmp_path: Path):
    """The next fact is written and found."""
    path = tmp_path / "memory.db"
    with subprocess.Popen(
        (sys.executable, CHILD, path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        _written_until_killed(writer, 0, 0.3)
        assert writer.stdin is not None
        writer.stdin.close()
    store = MemoryStore(path)
    store.open()
    store.add(Fact("new", "The plumber is called Rossi", None, "voice", datetime.now(UTC)))
    assert store.search("Who is the plumber?", EVERYBODY)[0].fact.id == "new"
    store.close()
