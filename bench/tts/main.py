"""The whole bench: voices, peer, measurements, tables."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import peers
from bench.servers import cores
from bench.tts.measure import Measured, measure
from bench.tts.plan import MEDIUM, plan
from bench.tts.programs import Programs
from bench.tts.report import block, broken, tables
from bench.tts.voices import put, voice_file


def run(voices: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        voices: names from `plan.VOICES`.
        full: more of everything.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: a server, a voice or an environment does not work.
    """
    peer = peers.python(peers.PIPER)
    measured: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        for voice in voices:
            console.print(f"{voice}: the voice", style="dim")
            file = put(voice_file(voice), Path(work, voice))
            programs = Programs(file, peer, Path(work), cores())

            def tell(step: str, voice: str = voice) -> None:
                console.print(f"{voice}: {step}", style="dim")

            measured[voice] = asyncio.run(measure(programs, plan(voice, full=full), tell))
    for table in tables(measured):
        Console().print(table)
    return results(measured)


def results(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """Return the results as JSON has them: the medium voice's at the top, the others by name.

    `broken` lists the promises that were not kept.
    """
    blocks = {voice: block(found) for voice, found in measured.items()}
    failed = [f"{voice} {key}" for voice, found in blocks.items() for key in broken(found)]
    return {**blocks.pop(MEDIUM, {}), **blocks, "broken": failed}
