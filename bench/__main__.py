"""`script/bench`: every promise, measured beside what people run today."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence

from rich.console import Console

from bench import stt
from bench.errors import BenchError
from bench.stt.plan import MODELS


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure Local Assist beside its peer, on this machine, and print tables. "
        "Leave the machine alone meanwhile. What is measured, and how: docs/performance.md.",
    )
    parser.add_argument("name", choices=("stt",), help="what to measure")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--full", action="store_true", help="measure more of everything")
    parser.add_argument(
        "--only",
        default=",".join(MODELS),
        metavar="MODEL,...",
        help="of the speech-to-text models (default: %(default)s)",
    )
    arguments = parser.parse_args(given)
    arguments.models = arguments.only.split(",")
    if unknown := set(arguments.models) - set(MODELS):
        parser.error(
            f"there is no model {', '.join(sorted(unknown))}; choose of {', '.join(MODELS)}"
        )
    return arguments


def main(given: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    arguments = _arguments(given)
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers are ended either way
    try:
        results = stt.run(arguments.models, full=arguments.full, console=console)
    except BenchError as error:
        console.print(f"bench: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        print(json.dumps({"bench": arguments.name, "results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
