"""The whole bench: models, peer, measurements, tables."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import peers
from bench.environments import cache
from bench.servers import ROOT, cores
from bench.stt.measure import Measured, measure
from bench.stt.plan import DEMO, plan
from bench.stt.programs import Programs
from bench.stt.report import block, tables
from tools import make_true_size_models


def run(models: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        models: names from `plan.MODELS`.
        full: more of everything.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: a server or the peer's environment does not work.
    """
    peer = peers.python(peers.FASTER_WHISPER)
    measured: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as logs:
        for model in models:
            programs = Programs(_folder(model), peer, Path(logs), cores())

            def tell(step: str, model: str = model) -> None:
                console.print(f"{model}: {step}", style="dim")

            measured[model] = asyncio.run(measure(programs, plan(model, full=full), tell))
    for table in tables(measured):
        Console().print(table)
    return results(measured)


def results(measured: dict[str, Measured]) -> dict[str, Any]:
    """Return the results as JSON has them: the demo model's at the top, the others by name."""
    blocks = {model: block(found) for model, found in measured.items()}
    return {**blocks.pop(DEMO, {}), **blocks}


def _folder(model: str) -> Path:
    """Return the folder of a model; those of true size are made once and kept."""
    if model == DEMO:
        return ROOT / "demo" / "models" / "whisper-demo"
    kept = cache() / "models"
    made = kept / f"whisper-{model}"
    sources = [*(ROOT / "tools" / "true_size").glob("*.py"), make_true_size_models.DEMO_MODEL]
    newest = max(source.stat().st_mtime for source in sources)
    last = made / make_true_size_models.LAST_FILE
    if not last.exists() or last.stat().st_mtime < newest:
        make_true_size_models.make(kept, model)
    return made
