"""`script/bench`: every promise, measured beside what people run today."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence

from rich.console import Console

from bench import agent, memory, stt, tts
from bench.errors import BenchError
from bench.stt.plan import MODELS
from bench.tts.plan import VOICES

_BENCHES = {
    "agent": (agent.run, agent.PARTS, "part"),
    "memory": (memory.run, memory.PARTS, "part"),
    "stt": (stt.run, MODELS, "model"),
    "tts": (tts.run, VOICES, "voice"),
}


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure Local Assist beside its peer, on this machine, and print tables. "
        "Leave the machine alone meanwhile. What is measured, and how: docs/performance.md.",
    )
    parser.add_argument("name", choices=_BENCHES, help="what to measure")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--full", action="store_true", help="measure more of everything")
    parser.add_argument(
        "--only",
        metavar="NAME,...",
        help=f"of the parts ({', '.join(agent.PARTS)}; of memory {', '.join(memory.PARTS)}), "
        f"models ({', '.join(MODELS)}) or voices ({', '.join(VOICES)}); all by default",
    )
    arguments = parser.parse_args(given)
    _, known, kind = _BENCHES[arguments.name]
    arguments.only = arguments.only.split(",") if arguments.only else known
    if unknown := set(arguments.only) - set(known):
        parser.error(
            f"there is no {kind} {', '.join(sorted(unknown))}; choose of {', '.join(known)}"
        )
    return arguments


def main(given: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 1 if a bench finds a promise broken."""
    arguments = _arguments(given)
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers are ended either way
    run, *_ = _BENCHES[arguments.name]
    try:
        results = run(arguments.only, full=arguments.full, console=console)
    except BenchError as error:
        console.print(f"bench: {error}", style="bold red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        print(json.dumps({"bench": arguments.name, "results": results}))
    for promise in results.get("broken", ()):
        console.print(f"bench: not kept: {promise}", style="bold red", markup=False, soft_wrap=True)
    return 1 if results.get("broken") else 0


if __name__ == "__main__":
    sys.exit(main())
