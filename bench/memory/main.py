"""The whole bench: households, their questions, ten thousand facts, tables."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.memory.measure import Recall, Size, figures, recall, size
from bench.report import rounded
from bench.statistics import median, percentile

AT_LEAST: Mapping[str, float] = {"recall_at_5_text": 0.95, "recall_at_5_vectors": 0.98}
AT_MOST: Mapping[str, float] = {"turn_ms_10000": 20.0, "rss_mb_10000": 50.0}
"""What is promised, by the part of the bench that measures it."""
_SEEDS = (1, 2, 3)
_MANY_SEEDS = tuple(range(1, 11))
_TUNING_SEEDS = (11, 12)
_NAMES = {
    "text": "ours, words alone",
    "vectors": "ours, words and stand-in vectors",
    "vectors alone": "stand-in vectors alone",
    "peer": "SQLite's FTS5 as it comes",
}


def run(parts: Sequence[str], *, full: bool, console: Console) -> dict[str, Any]:
    """Measure, print tables, and return the results.

    Args:
        parts: of `PARTS`.
        full: more households.
        console: for progress; tables go to standard output.

    Raises:
        BenchError: a process failed.
    """
    results: dict[str, Any] = {}
    output = Console()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        if "recall" in parts:
            console.print("recall: a thousand facts and their questions", style="dim")
            found = recall(Path(work), _MANY_SEEDS if full else _SEEDS, "asked")
            output.print(_recall_table(found, "1000 questions in other words"))
            results |= _recall_results(found)
        if "tuning" in parts:
            console.print("tuning: what the ranking was tuned with", style="dim")
            found = recall(Path(work), _TUNING_SEEDS, "tuning_hard")
            output.print(_recall_table(found, "1000 hard questions of the tuning"))
            results["tuning"] = {name: one.at_5 for name, one in found.items()}
        if "size" in parts:
            console.print("size: ten thousand facts", style="dim")
            measured = size(Path(work))
            output.print(_size_table(measured))
            results |= _size_results(measured)
    return {**rounded(results), "broken": broken(results)}


def broken(results: Mapping[str, Any]) -> list[str]:
    """Return the promises that were measured and not kept."""
    low = [key for key, least in AT_LEAST.items() if results.get(key, least) < least]
    high = [key for key, most in AT_MOST.items() if not results.get(key, 0.0) <= most]
    return low + high


def _recall_results(found: Mapping[str, Recall]) -> dict[str, Any]:
    return {
        "recall_at_5_text": found["text"].at_5,
        "recall_at_5_vectors": found["vectors"].at_5,
        "vectors_are": "a deterministic stand-in, not a model",
        "recall": {
            name: {
                "at_5": one.at_5,
                "at_1": one.at_1,
                "strong": one.strong,
                "by_language": one.by_language,
            }
            for name, one in found.items()
        },
    }


def _size_results(measured: Size) -> dict[str, Any]:
    return {
        "turn_ms_10000": median(measured.turn_ms),
        "turn_cpu_ms_10000": median(measured.cpu_ms),
        "turn_p95_ms_10000": percentile(measured.turn_ms, 95),
        "text_turn_ms_10000": median(measured.text_ms),
        "first_turn_ms_10000": measured.first_ms,
        "open_ms_10000": measured.open_ms,
        "load_ms_10000": measured.load_ms,
        "file_mb_10000": measured.file_mb,
        "rss_mb_10000": measured.grown_mb,
    }


def _recall_table(found: Mapping[str, Recall], asked: str) -> Table:
    table = Table(title=f"1000 facts, {asked}: the right fact is found")
    for heading in ("", *_NAMES.values()):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {
        "among the first five": [one.at_5 for one in found.values()],
        "as the first": [one.at_1 for one in found.values()],
        "and said to be strong": [one.strong for one in found.values()],
    }
    for language in found["text"].by_language:
        rows[f"first five, {language}"] = [one.by_language[language] for one in found.values()]
    for heading, shares in rows.items():
        table.add_row(heading, *(f"{share:.1%}" for share in shares))
    table.caption = "The vectors are a deterministic stand-in's, not a model's."
    return table


def _size_table(measured: Size) -> Table:
    table = Table("", "", title="10000 facts with vectors of 768 dimensions", show_header=False)
    table.add_row("a turn, words alone", figures(measured.text_ms))
    table.add_row("a turn, words and vectors", figures(measured.turn_ms))
    table.add_row("the same in processor time", figures(measured.cpu_ms))
    table.add_row("opening, with all checks", f"{measured.open_ms:.0f} ms")
    table.add_row("reading what searches need, after it", f"{measured.load_ms:.0f} ms")
    table.add_row("the first turn after that", f"{measured.first_ms:.0f} ms")
    table.add_row(
        "memory, more than with an empty store, at the peak", f"{measured.grown_mb:.1f} MB"
    )
    table.add_row("the file", f"{measured.file_mb:.1f} MB")
    return table
