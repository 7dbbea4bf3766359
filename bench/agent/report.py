"""What the measurements amount to: the keys of the JSON, promises, and tables to read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from rich.table import Table

from bench.agent import faults, own, recall
from bench.agent.faults import Outcome
from bench.agent.measured import Engine
from bench.agent.modelled import CORE, OURS, Compared, Session
from bench.agent.own import LLM_ONLY, Own
from bench.agent.recall import Recalled
from bench.report import rounded
from bench.statistics import mean, median, ratio

AT_MOST: Mapping[str, float] = {
    "evaluated_tokens_ratio_200": 0.1,
    "evaluated_tokens_median_200": 400,
    "evaluated_tokens_growth_1000_over_50": 1.2,
    "state_question_rounds": 1,
    "ttft_ratio_engine_200": 0.2,
    "own_ms_200": 15,
    "own_ms_1000": 40,
    "double_actions": 0,
}
AT_LEAST: Mapping[str, float] = {
    "head_cached_share_min": 0.99,
    "retrieval_recall": 0.97,
    "fault_answered_share": 1,
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "sessions": (
        "evaluated_tokens_ratio_200",
        "evaluated_tokens_median_200",
        "evaluated_tokens_growth_1000_over_50",
        "head_cached_share_min",
        "state_question_rounds",
        "ttft_ratio_modelled_200",
    ),
    "engine": ("ttft_ratio_engine_200",),
    "recall": ("retrieval_recall",),
    "own": ("own_ms_200", "own_ms_1000"),
    "faults": ("fault_answered_share", "double_actions"),
}
"""What each part finds out."""


@dataclass
class Found:
    """Everything that was measured; what was not asked for is empty. `peer` says about home-llm."""

    sessions: list[Compared] = field(default_factory=list)
    recall: list[Recalled] = field(default_factory=list)
    own: list[Own] = field(default_factory=list)
    faults: list[Outcome] = field(default_factory=list)
    engine: Engine | None = None
    no_engine: str | None = None
    peer: str = ""

    def worst(self, size: int, figure: Callable[[Compared], float]) -> float:
        """Return the highest figure of all families; NaN of none."""
        some = [figure(one) for one in self.sessions if one.size == size]
        return max(some, default=float("nan"))


def results(found: Found) -> dict[str, Any]:
    """Return the keys, null where nothing was measured, and what is behind them."""
    return rounded(
        {
            **keys(found),
            "sessions": [
                {"entities": one.size, "family": one.family.name, "head_cached": dict(one.heads)}
                | {side: session.figures() for side, session in _sides(one)}
                for one in found.sessions
            ],
            "engine": found.engine.figures() if found.engine else found.no_engine,
            "recall": {
                name: {"sentences": count, "share": share}
                for name, (count, share) in recall.shares(found.recall).items()
            },
            "own_ms": {
                f"{one.size}": {name: one.median(name) for name in one.taken} for one in found.own
            },
            "fault_ms": faults.times(found.faults),
            "home_llm": found.peer,
        }
    )


def keys(found: Found) -> dict[str, float | None]:
    """Return the figures the promises are about; None for what was not measured."""
    own_ms = {one.size: one.median(OURS) for one in found.own}
    heads = [share for one in found.sessions for share in one.heads.values()]
    rounds = [one.ours.rounds for one in found.sessions]
    values = {
        "evaluated_tokens_ratio_200": found.worst(200, _evaluated),
        "evaluated_tokens_median_200": found.worst(200, lambda one: median(one.ours.evaluated)),
        "evaluated_tokens_growth_1000_over_50": _growth(found),
        "head_cached_share_min": min(heads, default=None),
        "state_question_rounds": max(rounds, default=None),
        "ttft_ratio_modelled_200": found.worst(200, _first_token),
        "ttft_ratio_engine_200": found.engine.ratio if found.engine else None,
        "retrieval_recall": recall.share(found.recall) if found.recall else None,
        "own_ms_200": own_ms.get(200),
        "own_ms_1000": own_ms.get(1000),
        "fault_answered_share": faults.answered_share(found.faults) if found.faults else None,
        "double_actions": faults.doubled(found.faults) if found.faults else None,
    }
    return {key: None if value is None or isnan(value) else value for key, value in values.items()}


def broken(found: Found, parts: Sequence[str]) -> list[str]:
    """Return the promises that are not kept, of the parts that were measured.

    What could not be measured is not kept either, but for an engine that cannot be had here.
    """
    values = keys(found)
    missed = []
    for key in (key for part in parts for key in KEYS[part]):
        value = values[key]
        if value is None:
            if not (key == "ttft_ratio_engine_200" and found.no_engine):
                missed.append(key)
        elif value > AT_MOST.get(key, value) or value < AT_LEAST.get(key, value):
            missed.append(key)
    return missed


def _evaluated(one: Compared) -> float:
    return ratio(sum(one.ours.evaluated), sum(one.core.evaluated))


def _first_token(one: Compared) -> float:
    return ratio(median(one.ours.first_tokens), median(one.core.first_tokens))


def _growth(found: Found) -> float:
    """Return how much more is read in the biggest house than in one of 50, per turn."""
    per_turn = {(one.family.name, one.size): mean(one.ours.evaluated) for one in found.sessions}
    grown = [
        per_turn[family, 1000] / per_turn[family, 50]
        for family, size in per_turn
        if size == 1000 and (family, 50) in per_turn
    ]
    return max(grown, default=float("nan"))


def _sides(one: Compared) -> tuple[tuple[str, Session], ...]:
    return ("ours", one.ours), ("ours_with_house_intents", one.with_intents), ("core", one.core)


def tables(found: Found) -> Iterator[Table]:
    """Yield a table for each part that was measured, and one of the promises."""
    if found.sessions:
        yield _tokens_table(found.sessions)
        yield _times_table(found.sessions)
    if found.engine:
        yield _engine_table(found.engine)
    if found.recall:
        yield _recall_table(found.recall)
    if found.own:
        yield _own_table(found.own)
    if found.faults:
        yield _faults_table(found.faults)
    yield _promises_table(found)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def _tokens_table(compared: Sequence[Compared]) -> Table:
    table = _table(
        "Tokens of the prompt read in 20 turns, ours · core",
        *("entities, family", "a turn, median", "in all", "ratio", "ahead", "with that"),
    )
    for one in compared:
        ours, core = one.ours, one.core
        totals = sum(ours.evaluated), sum(core.evaluated)
        table.add_row(
            f"{one.size}, {one.family.name}",
            f"{median(ours.evaluated):,.0f} · {median(core.evaluated):,.0f}",
            "{:,} · {:,}".format(*totals),
            f"{ratio(*totals):.3f}",
            f"{ours.warmed:,} · {core.warmed:,}",
            f"{ratio(totals[0] + ours.warmed, totals[1] + core.warmed):.3f}",
        )
    return table


def _times_table(compared: Sequence[Compared]) -> Table:
    table = _table(
        "Modelled at 60 tokens read and 8 written a second",
        *("entities, family", "first word", "ratio", "rounds", "head", "no answer"),
    )
    for one in compared:
        ours, core = one.ours, one.core
        firsts = [median(side.first_tokens) for side in (ours, core)]
        table.add_row(
            f"{one.size}, {one.family.name}",
            "{:.1f} · {:.1f} s".format(*firsts),
            f"{ratio(*firsts):.3f}",
            f"{ours.rounds:.2f} · {core.rounds:.2f}",
            f"{min(one.heads.values()):.3f}",
            f"{len(ours.failed)} · {len(core.failed)}",
        )
    intents = [one.with_intents for one in compared]
    local = mean([session.figures()["without_model"] for session in intents])
    table.caption = (
        "ours · core: median time to the first word, rounds of a question about a state, the least "
        "share of the head found after a prepare, turns without an answer. Without house intents; "
        f"with them {local:.1f} of 20 turns need no model. Reading the head for the first time "
        f"takes {max(one.ours.figures()['first_head_s'] for one in compared):.0f} s at most."
    )
    return table


def _engine_table(engine: Engine) -> Table:
    figures = engine.figures()
    title = f"A real llama.cpp, 200 entities, {figures['ours']['turns']} turns"
    table = _table(title, "", "ours", "core", "ratio")
    table.caption = engine.program
    for name, key, unit in (
        ("first word, median", "first_token_s_median", " s"),
        ("  mean", "first_token_s_mean", " s"),
        ("tokens read in a turn, median", "evaluated_median", ""),
        ("  in all", "evaluated_total", ""),
        ("  read ahead", "warmed_total", ""),
    ):
        ours, core = figures["ours"][key], figures["core"][key]
        values = (f"{value:,.2f}{unit}" if unit else f"{value:,.0f}" for value in (ours, core))
        table.add_row(name, *values, f"{ratio(ours, core):.3f}")
    failed = (f"{len(figures[side]['failed'])}" for side in ("ours", "core"))
    table.add_row("turns that ended in an apology", *failed, "")
    return table


def _recall_table(found: Sequence[Recalled]) -> Table:
    table = _table("Sentences whose every thing is in the context", "", "sentences", "share")
    for name, (count, share) in recall.shares(found).items():
        table.add_row(name, f"{count}", f"{share:.3f}")
    sent = [len(one.things) for one in found]
    table.caption = f"things sent singly: median {median(sent):.0f}, most {max(sent)}"
    return table


def _own_table(found: Sequence[Own]) -> Table:
    title = "A turn besides the model, median"
    table = _table(title, "entities", "ours", LLM_ONLY, "core", "ratio")
    shares = own.ratios(found)
    for one in found:
        times = (f"{one.median(name):.1f} ms" for name in (OURS, LLM_ONLY, CORE))
        table.add_row(f"{one.size}", *times, f"{shares[one.size]:.3f}")
    return table


def _faults_table(found: Sequence[Outcome]) -> Table:
    headings = "turns", "answered", "done twice", "time to the answer, median"
    table = _table("Faults of the server", "", *headings)
    for fault, took in faults.times(found).items():
        some = [one for one in found if str(one.fault) == fault]
        answered = sum(one.answered for one in some)
        row = len(some), answered, faults.doubled(some)
        table.add_row(fault, *map(str, row), f"{took:.0f} ms")
    return table


def _promises_table(found: Found) -> Table:
    table = _table("Promises", "", "measured", "promise")
    for key, value in keys(found).items():
        bounds = [(AT_MOST, "≤"), (AT_LEAST, "≥")]
        promised = (f"{sign} {bound[key]:g}" for bound, sign in bounds if key in bound)
        table.add_row(key, "" if value is None else f"{value:.4g}", next(promised, "shown"))
    return table
