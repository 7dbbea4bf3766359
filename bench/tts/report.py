"""What the measurements amount to: the JSON block of a voice, and tables to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from bench.report import describe_p99, ms, rounded
from bench.statistics import Compared, compared, joined, mean, median, ratio
from bench.tts.listen import Spoken
from bench.tts.measure import Cost, Measured, Side
from bench.tts.plan import CROWD, DEMO
from bench.tts.texts import SECONDS

PROMISES: Mapping[str, float] = {
    "first_audio_ratio_12s": 0.15,
    "first_audio_ratio_3s": 0.4,
    "first_audio_ratio_1s": 0.8,
    "first_audio_ratio_4_clients": 0.4,
    "describe_p99_ms": 50.0,
    "underruns": 0,
    "cpu_ratio_vs_piper": 1.1,
    "peak_memory_ratio": 1.0,
    "max_step_difference": 1,
}
"""What every block holds, and how much each may be at most."""

REAL_TIME = 0.8
"""Real-time factor from which on nobody promises one listener speech without gaps."""
SHARED = 0.5
"""And several listeners, who share the machine by turns."""
_LONG = 12


def block(found: Measured) -> dict[str, Any]:
    """Return the results with one voice: the keys of `PROMISES`, and what is behind them."""
    ours, theirs = found.ours, found.theirs
    turns = {seconds: first_audio(found, seconds) for seconds in SECONDS}
    crowd = crowded(found)
    return rounded(
        {
            **{f"first_audio_ratio_{seconds}s": one.value for seconds, one in turns.items()},
            "first_audio_ratio_4_clients": crowd.value,
            "describe_p99_ms": describe_p99(ours.describe),
            "underruns": sum(counted for _, counted, *_ in played(ours)),
            "cpu_ratio_vs_piper": _cpu_ratio(found.cost, _LONG),
            "peak_memory_ratio": ratio(ours.alone_memory, theirs.alone_memory),
            "max_step_difference": max(found.steps, default=None),
            "peak_memory_ratio_4_clients": ratio(ours.crowd_memory, theirs.crowd_memory),
            "streamed": {
                f"first_audio_ratio_{seconds}s": first_audio(found, seconds, streamed=True).value
                for seconds in SECONDS
            },
            "spread": {
                **{
                    f"first_audio_ratio_{seconds}s": [one.lowest, one.highest]
                    for seconds, one in turns.items()
                },
                "first_audio_ratio_4_clients": [crowd.lowest, crowd.highest],
            },
            "playing": [
                {"clients": clients, "real_time_factor": factor, "gaps": gaps, "counted": counted}
                for clients, counted, gaps, factor in played(ours)
            ],
            "cpu_ratio_vs_piper_by_length": {
                f"{seconds}s": _cpu_ratio(found.cost, seconds) for seconds in SECONDS
            },
            "first_start_s": found.first_start,
            "next_start_s": found.next_start,
            "first_start_memory_mb": found.first_memory,
            "failed": _failed(ours),
            "ours": _figures(ours),
            "peer": _figures(theirs),
        }
    )


def broken(found: Mapping[str, Any]) -> list[str]:
    """Return the promises a block does not keep; what was not measured is not kept either.

    A text that was not spoken has no time, and breaks a promise of its own: `failed`.
    """
    most = {**PROMISES, "failed": 0}
    values = {key: found.get(key) for key in most}
    return [key for key, value in values.items() if value is None or value > most[key]]


def first_audio(found: Measured, seconds: int, *, streamed: bool = False) -> Compared:
    """Compare the medians of the time to the first audio, of texts of a length."""
    ours, theirs = (
        [_first(some) for some in (side.streamed if streamed else side.whole)[seconds]]
        for side in (found.ours, found.theirs)
    )
    return compared(ours, theirs, median)


def crowded(found: Measured) -> Compared:
    """Compare the means of the time to the first audio of four clients at once."""
    ours, theirs = ([_first(some) for some in side.crowds] for side in (found.ours, found.theirs))
    return compared(ours, theirs, mean)


def played(side: Side) -> Iterator[tuple[int, int, int, float]]:
    """Yield what players heard: clients, gaps that count, gaps, median real-time factor.

    The factor of a round is the time until all has been sent by the length of one speech. Gaps
    count where it is below `REAL_TIME`, or `SHARED`.
    """
    rounds = [*([one] for one in side.alone), *side.pairs, *side.crowds]
    good = [one for one in rounds if not any(spoken.failed for spoken in one)]
    for clients in sorted({len(one) for one in good}):
        some = [one for one in good if len(one) == clients]
        factors = [_factor(one) for one in some]
        gaps = [sum(spoken.gaps for spoken in one) for one in some]
        kept = zip(gaps, factors, strict=True)
        counted = sum(gap for gap, factor in kept if factor < _bound(clients))
        yield clients, counted, sum(gaps), median(factors)


def _bound(clients: int) -> float:
    """Return the real-time factor below which there is to be no gap."""
    return REAL_TIME if clients == 1 else SHARED


def _factor(spoken: Sequence[Spoken]) -> float:
    """Return the real-time factor of texts that were asked for at once."""
    return max(one.took for one in spoken) / mean([one.seconds for one in spoken])


def _first(spoken: Sequence[Spoken]) -> list[float]:
    return [one.first_audio for one in spoken if not one.failed]


def _failed(side: Side) -> int:
    return sum(one.failed for one in side.everything)


def _cpu_ratio(cost: Cost, seconds: int) -> float:
    return ratio(cost.ours[seconds], cost.library[seconds])


def _figures(side: Side) -> dict[str, Any]:
    """Return what the ratios are made of."""
    return {
        **{
            f"first_audio_{seconds}s_ms": median(_first(joined(turns))) * 1000
            for seconds, turns in side.whole.items()
        },
        "first_audio_4_clients_ms": mean(_first(joined(side.crowds))) * 1000,
        "describe_p99_ms": describe_p99(side.describe),
        "speech_s": {
            f"{seconds}s": median([one.seconds for one in joined(turns)])
            for seconds, turns in side.whole.items()
        },
        "peak_memory_mb": side.alone_memory,
        "peak_memory_4_clients_mb": side.crowd_memory,
        "failed": _failed(side),
    }


def tables(measured: Mapping[str, Measured]) -> Iterator[Table]:
    """Yield two tables for each voice: against the peer, and the same with streamed text."""
    for voice, found in measured.items():
        shape = f"a voice of Piper's {voice} shape, random weights"
        title = "the demo voice" if voice == DEMO else shape
        table = _table(f"Text-to-speech with {title}")
        for row in _rows(found):
            table.add_row(*row)
        yield table
        table = _table(f"{voice}: text that comes word by word")
        for seconds in SECONDS:
            table.add_row(*_first_audio(found, seconds, streamed=True), "shown")
        yield table


def _table(title: str) -> Table:
    table = Table(title=title)
    for heading in ("", "ours", "peer", "ratio", "promise"):
        table.add_column(heading, justify="left" if heading in {"", "promise"} else "right")
    return table


def _rows(found: Measured) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a voice's table."""
    ours, theirs = found.ours, found.theirs
    for seconds in SECONDS:
        promise = PROMISES[f"first_audio_ratio_{seconds}s"]
        yield *_first_audio(found, seconds), f"≤ {promise:g}"
    means = [ms(mean(_first(joined(side.crowds)))) for side in (ours, theirs)]
    yield f"  of {CROWD} clients at once, mean", *means, _spread(crowded(found)), "≤ 0.4"
    asked = [f"{describe_p99(side.describe):.1f} ms" for side in (ours, theirs)]
    yield f"describe, 99 %, n = {len(ours.describe)}", *asked, "", "≤ 50 ms"
    for clients, counted, gaps, factor in played(ours):
        heard = f"{counted}" if counted == gaps else f"{counted} (and {gaps - counted} at more)"
        yield (
            f"gaps, {clients} at a factor of {factor:.2f}",
            heard,
            "",
            "",
            f"0 below {_bound(clients):g}",
        )
    yield from _costs(found)
    yield "16-bit steps from one shot", f"{max(found.steps, default=0)}", "", "", "≤ 1"
    starts = f"{found.first_start:.1f} s", f"{found.first_memory:.0f} MB"
    yield "first start with the voice", *starts, "", "shown"
    yield "  every later one", f"{found.next_start:.1f} s", "", "", ""
    yield "not spoken", f"{_failed(ours)}", f"{_failed(theirs)}", "", ""


def _first_audio(found: Measured, seconds: int, *, streamed: bool = False) -> tuple[str, ...]:
    """Return a row about the first audio, without its promise."""
    sides = [
        (side.streamed if streamed else side.whole)[seconds] for side in (found.ours, found.theirs)
    ]
    times = [ms(median(_first(joined(turns)))) for turns in sides]
    said = median([one.seconds for one in joined(sides[1])])
    name = f"first audio of {said:.1f} s"
    return name, *times, _spread(first_audio(found, seconds, streamed=streamed))


def _costs(found: Measured) -> Iterator[tuple[str, ...]]:
    """Yield the rows about CPU time, beside Piper's library, and memory."""
    cost = found.cost
    for seconds in SECONDS:
        mine, library, rest = (
            ratio(side[seconds], cost.texts) for side in (cost.ours, cost.library, cost.resting)
        )
        promise = "≤ 1.1" if seconds == _LONG else "shown"
        name = f"CPU time of {seconds} s, Piper's library"
        yield name, ms(mine), ms(library), f"{ratio(mine, library):.3f}", promise
        yield "  its threads at rest", "", ms(rest), f"{ratio(mine, rest):.3f}", "shown"
    memory = (
        ("peak memory, one client", found.ours.alone_memory, found.theirs.alone_memory, "≤ 1"),
        (f"  {CROWD} clients", found.ours.crowd_memory, found.theirs.crowd_memory, "shown"),
    )
    for name, mine, peer, promise in memory:
        yield name, f"{mine:.0f} MB", f"{peer:.0f} MB", f"{ratio(mine, peer):.3f}", promise


def _spread(one: Compared) -> str:
    return f"{one.value:.3f} ({one.lowest:.3f} to {one.highest:.3f})"
