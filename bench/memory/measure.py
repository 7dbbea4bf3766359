"""Facts found again by other words; how long a turn takes, and how much room ten thousand need."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.errors import BenchError
from bench.memory.household import Questions, Told, copies, household
from bench.memory.standin import DIMENSIONS, MODEL, embed
from bench.statistics import mean, median, percentile
from custom_components.local_assist.memory.facts import Fact, allowed
from custom_components.local_assist.memory.store import MemoryStore

type Ranked = list[tuple[int, bool]]
"""Numbers of facts, the nearest first, and whether each is strong."""

FACTS = 1000
MANY = 10_000
LIMIT = 5
_SEED = 1
_TURNS = 200
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Recall:
    """How often the right fact came back.

    Attributes:
        at_5: share of the questions whose fact is among the first five.
        at_1: of those whose fact is the first.
        strong: of those whose fact is among the first five and said to be strong.
        by_language: `at_5` by language.
    """

    at_5: float
    at_1: float
    strong: float
    by_language: dict[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """What ten thousand facts cost.

    Attributes:
        text_ms: of each turn by words alone.
        turn_ms: of each turn by words and vectors.
        cpu_ms: of processor time that each turn by words and vectors takes.
        first_ms: of the first turn after the file was opened and loaded.
        open_ms: of opening the file, which reads and checks all of it.
        load_ms: of reading what searches need, which no turn waits for.
        file_mb: of the file.
        grown_mb: how much more memory a process needs than with an empty store, at its peak.
    """

    text_ms: Sequence[float]
    turn_ms: Sequence[float]
    cpu_ms: Sequence[float]
    first_ms: float
    open_ms: float
    load_ms: float
    file_mb: float
    grown_mb: float


def recall(work: Path, seeds: Sequence[int], questions: Questions) -> dict[str, Recall]:
    """Return how often the right fact comes back: by words, with vectors, and bare FTS5's."""
    found: dict[str, list[Recall]] = {"text": [], "vectors": [], "vectors alone": [], "peer": []}
    for seed in seeds:
        told = household(questions, seed=seed, facts=FACTS)
        vector = partial(embed, tuning=questions == "tuning_hard")
        store = MemoryStore(work / f"{questions}-{seed}.db")
        store.open()
        store.add(*(_fact(number, one.text, one.person) for number, one in enumerate(told)))
        found["text"].append(_recalled(told, partial(_search, store)))
        store.put_vectors(MODEL, {f"{number}": vector(one.text) for number, one in enumerate(told)})
        found["vectors"].append(_recalled(told, partial(_search, store, vector=vector)))
        alone = partial(_search, store, vector=vector, words=False)
        found["vectors alone"].append(_recalled(told, alone))
        store.close()
        found["peer"].append(_recalled(told, _bare(told)))
    return {name: _together(runs) for name, runs in found.items()}


def size(work: Path) -> Size:
    """Fill a store with ten thousand facts and their vectors, and measure it."""
    told = household("asked", seed=_SEED, facts=FACTS)
    path = work / "many.db"
    _fill(path, told)
    store = MemoryStore(path)
    begin = time.perf_counter()
    store.open()
    opened = time.perf_counter()
    store.load()
    loaded = time.perf_counter()
    ((first_ms, _),) = _turns(store, told[:1], near=True)
    text_ms, _ = zip(*_turns(store, told[1:_TURNS], near=False), strict=True)
    turn_ms, cpu_ms = zip(*_turns(store, told[1:_TURNS], near=True), strict=True)
    store.close()
    file_mb = path.stat().st_size / 1e6
    grown_mb = _grown(path, work / "empty.db")
    open_ms, load_ms = (opened - begin) * 1000, (loaded - opened) * 1000
    return Size(text_ms, turn_ms, cpu_ms, first_ms, open_ms, load_ms, file_mb, grown_mb)


def _turns(store: MemoryStore, told: Sequence[Told], *, near: bool) -> list[tuple[float, float]]:
    """Return the time and the processor time of each question, in ms; its vector is there."""
    taken = []
    for one in told:
        vector = embed(one.question) if near else None
        begin, used = time.perf_counter(), time.thread_time()
        store.search(
            one.question,
            allowed(one.asker),
            language=one.language,
            vector=vector,
            model=MODEL,
            limit=LIMIT,
        )
        ended = time.perf_counter() - begin, time.thread_time() - used
        taken.append((ended[0] * 1000, ended[1] * 1000))
    return taken


def _fill(path: Path, told: Sequence[Told]) -> None:
    """Write ten thousand facts and random vectors: what a vector says costs nothing."""
    store = MemoryStore(path)
    store.open()
    facts = [
        _fact(number, text, person) for number, (text, person) in enumerate(copies(told, MANY))
    ]
    chosen = np.random.default_rng(_SEED)
    for begin in range(0, MANY, _TOGETHER):
        some = facts[begin : begin + _TOGETHER]
        store.add(*some)
        vectors = chosen.standard_normal((len(some), DIMENSIONS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        store.put_vectors(MODEL, {fact.id: vectors[place] for place, fact in enumerate(some)})
    store.close()


def _grown(path: Path, empty: Path) -> float:
    """Return how much a fresh process grows from an empty store to a full one, in MB."""
    done = subprocess.run(
        (sys.executable, "-P", "-m", "bench.memory.grown", path, empty),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the process that holds ten thousand facts failed: {done.stderr}")
    return float(json.loads(done.stdout)["grown_mb"])


def _search(
    store: MemoryStore,
    one: Told,
    *,
    vector: Callable[[str], NDArray[np.float32]] | None = None,
    words: bool = True,
) -> Ranked:
    found = store.search(
        one.question if words else "",
        allowed(one.asker),
        language=one.language,
        vector=vector(one.question) if vector else None,
        model=MODEL,
        limit=LIMIT,
    )
    return [(int(hit.fact.id), hit.strong) for hit in found]


def _bare(told: Sequence[Told]) -> Callable[[Told], Ranked]:
    """Return a search by SQLite's FTS5 as it comes: its tokenizer, the words of the question."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE facts USING fts5(text, person UNINDEXED)")
    rows = ((number, one.text, one.person or "") for number, one in enumerate(told))
    database.executemany("INSERT INTO facts (rowid, text, person) VALUES (?, ?, ?)", rows)

    def search(one: Told) -> Ranked:
        words = "".join(letter if letter.isalnum() else " " for letter in one.question).split()
        match = " OR ".join(f'"{word}"' for word in words)
        rows = database.execute(
            "SELECT rowid FROM facts WHERE facts MATCH ? AND person IN ('', ?) "
            "ORDER BY rank LIMIT ?",
            (match, one.asker, LIMIT),
        )
        return [(row, False) for (row,) in rows]

    return search


def _recalled(told: Sequence[Told], search: Callable[[Told], Ranked]) -> Recall:
    ranked = [search(one) for one in told]
    ids = [[row for row, _ in rows] for rows in ranked]
    right = [number in rows for number, rows in enumerate(ids)]
    languages = sorted({one.language for one in told})
    return Recall(
        mean([float(one) for one in right]),
        mean([float(rows[:1] == [number]) for number, rows in enumerate(ids)]),
        mean([float((number, True) in rows) for number, rows in enumerate(ranked)]),
        {
            language: mean(
                [
                    float(one)
                    for one, asked in zip(right, told, strict=True)
                    if asked.language == language
                ]
            )
            for language in languages
        },
    )


def _together(runs: Sequence[Recall]) -> Recall:
    """Return the means of several households."""
    return Recall(
        mean([run.at_5 for run in runs]),
        mean([run.at_1 for run in runs]),
        mean([run.strong for run in runs]),
        {
            language: mean([run.by_language[language] for run in runs])
            for language in runs[0].by_language
        },
    )


def _fact(number: int, text: str, person: str | None) -> Fact:
    return Fact(f"{number}", text, person, "bench", datetime.now(UTC))


def figures(taken: Sequence[float]) -> str:
    """Write the median and the 95th percentile of times in milliseconds."""
    return f"{median(taken):.1f} ms, 95th percentile {percentile(taken, 95):.1f} ms"
