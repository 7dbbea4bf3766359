"""Writes facts into a store until it is killed; run by test_kill9_store.

It reads a line from standard input for each round: the number of the first fact. It then begins a
child that writes one fact after another and tells each number on standard output once it is
committed. The parent of that child imports the store only once.
"""

import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType

COMPONENT = Path(__file__).parents[3] / "custom_components" / "local_assist"


def without_home_assistant(component: Path = COMPONENT) -> None:
    """Let modules of the integration be imported without the integration itself."""
    package = ModuleType("local_assist")
    package.__path__ = [str(component)]
    sys.modules["local_assist"] = package


def write(path: Path, first: int) -> None:
    """Write facts for ever."""
    facts = import_module("local_assist.memory.facts")
    store = import_module("local_assist.memory.store").MemoryStore(path, max_facts=2000)
    store.open()
    for number in count(first):
        text = f"Fact {number}: the bins of house {number} go out on Tuesday"
        store.add(facts.Fact(f"{number:08}", text, None, "voice", datetime.now(UTC)))
        _tell(f"{number}")


def _tell(line: str) -> None:
    """Write a line at once or, if killed, not at all."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main(path: Path) -> None:
    """Begin a writing child for each line; tell its process id first."""
    without_home_assistant()
    import_module("local_assist.memory.store")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            write(path, int(line))
        _tell(f"pid {child}")
        os.waitpid(child, 0)
        _tell("gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
