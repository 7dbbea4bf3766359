"""How much memory a process needs for a full store beyond an empty one.

    python -m bench.memory.grown FULL EMPTY

It prints a line of JSON. Both stores are asked the same, so that what is loaded once counts for
neither.
"""

import json
import re
import sys
from pathlib import Path

from bench.memory.household import household
from bench.memory.standin import MODEL, embed
from custom_components.local_assist.memory.facts import allowed
from custom_components.local_assist.memory.store import MemoryStore

_QUESTIONS = 50
_STATUS = Path("/proc/self/status")


def _memory(key: str) -> float:
    """Return a figure of /proc/self/status, in MB of 10^6 bytes."""
    match = re.search(rf"{key}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
    assert match is not None
    return int(match[1]) * 1024 / 1e6


def main(full: Path, empty: Path) -> None:
    """Ask the empty store, then the full one; print how much the process has grown at its peak."""
    told = household("asked", seed=1)[:_QUESTIONS]
    asked = [(one, embed(one.question)) for one in told]
    before = 0.0
    for path in (empty, full):
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        store = MemoryStore(path)
        store.open()
        for one, vector in asked:
            scope = allowed(one.asker)
            store.search(one.question, scope, language=one.language, vector=vector, model=MODEL)
    print(json.dumps({"grown_mb": _memory("VmHWM") - before}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
