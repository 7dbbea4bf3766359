"""What the measurements amount to: the JSON block of a model, and tables to read."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from bench.replay import TRAILING
from bench.report import describe_p99, ms, rounded
from bench.statistics import compared, joined, median, percentile, ratio
from bench.stt.measure import Measured, Stock, word_error_rate

KEYS = (
    "stop_to_transcript_p50_ratio",
    "stop_to_transcript_p95_ratio",
    "speech_end_to_transcript_p50_ratio",
    "premature_cut_rate",
    "cpu_ratio",
    "peak_memory_ratio",
    "describe_p99_ms_8_clients",
    "throughput_ratio_8_clients",
    "wer_ours",
    "wer_plain",
)
"""What every block holds, for whoever compares runs."""

_SHOWN = 20


def p95(values: Any) -> float:
    """Return the 95th percentile."""
    return percentile(values, 95)


def block(found: Measured) -> dict[str, Any]:
    """Return the results with one model: `KEYS`, and what is behind them."""
    ours, theirs = found.ours, found.theirs
    middle = compared(ours.runs, theirs.runs, median)
    late = compared(ours.runs, theirs.runs, p95)
    after = [one.after_speech for one in found.own if one.after_speech is not None]
    waited = TRAILING + median(joined(theirs.runs))
    return rounded(
        {
            "stop_to_transcript_p50_ratio": middle.value,
            "stop_to_transcript_p95_ratio": late.value,
            "speech_end_to_transcript_p50_ratio": ratio(median(after), waited),
            "premature_cut_rate": ratio(sum(one.cut for one in found.cuts), len(found.cuts)),
            "cpu_ratio": ratio(_cpu(ours), _cpu(theirs)),
            "peak_memory_ratio": ratio(ours.peak, theirs.peak),
            "describe_p99_ms_8_clients": describe_p99(found.describe),
            "throughput_ratio_8_clients": ratio(*_throughput(found)),
            "wer_ours": word_error_rate(found.words),
            "wer_plain": word_error_rate(found.plain),
            "premature_cut_n": len(found.cuts),
            "cpu_ratio_own_endpointing": ratio(ratio(found.own_cpu, len(found.own)), _cpu(theirs)),
            "equal_beam_and_window": {
                "stop_to_transcript_p50_ratio": ratio(
                    median(joined(found.equal.runs)), median(joined(theirs.runs))
                ),
                "stop_to_transcript_p95_ratio": ratio(
                    p95(joined(found.equal.runs)), p95(joined(theirs.runs))
                ),
                "cpu_ratio": ratio(_cpu(found.equal), _cpu(theirs)),
            },
            "spread": {
                "stop_to_transcript_p50_ratio": [middle.lowest, middle.highest],
                "stop_to_transcript_p95_ratio": [late.lowest, late.highest],
            },
            "wer_by_window_floor": {
                str(floor): word_error_rate(pairs) for floor, pairs in found.floors.items()
            },
            "ours": _figures(ours),
            "peer": _figures(theirs),
        }
    )


def _figures(stock: Stock) -> dict[str, Any]:
    """Return what the ratios of a stock client are made of."""
    times = joined(stock.runs)
    return {
        "stop_to_transcript_p50_ms": median(times) * 1000,
        "stop_to_transcript_p95_ms": p95(times) * 1000,
        "cpu_ms": _cpu(stock) * 1000,
        "peak_memory_mb": stock.peak,
        "said": stock.said,
        "other_words": stock.wrong,
        "no_transcript": stock.failed,
    }


def _cpu(stock: Stock) -> float:
    """Return the CPU time of an utterance."""
    return ratio(stock.cpu, stock.said)


def _throughput(found: Measured) -> tuple[float, float]:
    """Return the utterances a second of our server and of the peer, over its turns."""
    ours, theirs = zip(*found.throughput, strict=True) if found.throughput else ((), ())
    return median(ours), median(theirs)


def tables(measured: Mapping[str, Measured]) -> Iterator[Table]:
    """Yield a table for each model, one of what it cut off, and one of its window floors."""
    for model, found in measured.items():
        title = "the demo model" if model == "demo" else f"the true size of Whisper {model}"
        caption = None if model == "demo" else _true_size(model)
        table = Table(title=f"Speech-to-text with {title}", caption=caption)
        for heading in ("", "ours", "peer", "ratio", "promise"):
            table.add_column(heading, justify="left" if heading in {"", "promise"} else "right")
        for row in _rows(found):
            table.add_row(*row)
        yield table
        if any(one.cut for one in found.cuts):
            yield _cut_off(model, found)
        if found.floors:
            yield _floors(model, found)


def _true_size(model: str) -> str:
    return (
        f"True size: the demo model's function in the shape of Whisper {model}; "
        f"its cost is {model}'s, its accuracy is not."
    )


def _rows(found: Measured) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a model's table."""
    ours, theirs, equal = found.ours, found.theirs, found.equal
    for name, figure, promise in (("median", median, "≤ 0.05"), ("95 %", p95, "≤ 0.3")):
        one = compared(ours.runs, theirs.runs, figure)
        mine, peer = figure(joined(ours.runs)), figure(joined(theirs.runs))
        spread = f"{one.value:.3f} ({one.lowest:.3f} to {one.highest:.3f})"
        yield f"audio-stop to transcript, {name}", ms(mine), ms(peer), spread, promise
        mine = figure(joined(equal.runs))
        label = f"  with equal beam and window, {name}"
        yield label, ms(mine), ms(peer), f"{ratio(mine, peer):.3f}", "shown"
    after = [one.after_speech for one in found.own if one.after_speech is not None]
    waited = TRAILING + median(joined(theirs.runs))
    yield (
        *("end of voice to transcript, median", ms(median(after)), ms(waited)),
        *(f"{ratio(median(after), waited):.3f}", "≤ 0.45"),
    )
    yield "  95 %", ms(p95(after)), "", "", ""
    cut = sum(one.cut for one in found.cuts)
    rate = f"{cut} of {len(found.cuts)}"
    yield "sentences with pauses cut off", rate, "", f"{ratio(cut, len(found.cuts)):.3f}", "≤ 0.01"
    yield from _costs(found)
    mine, peer = word_error_rate(found.words), word_error_rate(found.plain)
    yield f"word error rate, n = {len(found.words)}", _percent(mine), _percent(peer), "", "≤ plain"
    failed = sum(one.text is None for one in (*found.own, *found.cuts, *found.crowd))
    total = len(found.own) + len(found.cuts) + len(found.crowd) + ours.said
    yield "no transcript", f"{failed + ours.failed} of {total}", f"{theirs.failed}", "", ""
    yield "other words, of the first row", f"{ours.wrong}", f"{theirs.wrong}", "", ""


def _costs(found: Measured) -> Iterator[tuple[str, ...]]:
    """Yield the rows about time and memory used."""
    ours, theirs = found.ours, found.theirs
    mine, peer = _cpu(ours), _cpu(theirs)
    yield "CPU time of an utterance", ms(mine), ms(peer), f"{ratio(mine, peer):.3f}", "≤ 1"
    mine = ratio(found.own_cpu, len(found.own))
    yield "  with our own end of speech", ms(mine), ms(peer), f"{ratio(mine, peer):.3f}", "shown"
    yield (
        *("peak memory", f"{ours.peak:.0f} MB", f"{theirs.peak:.0f} MB"),
        *(f"{ratio(ours.peak, theirs.peak):.3f}", "≤ 1"),
    )
    yield "  after loading", f"{ours.loaded:.0f} MB", f"{theirs.loaded:.0f} MB", "", ""
    asked = f"{describe_p99(found.describe):.1f} ms"
    yield f"describe, 99 %, n = {len(found.describe)}", asked, "", "", "≤ 50 ms"
    mine, peer = _throughput(found)
    rates = (f"{mine:.2f} /s", f"{peer:.2f} /s", f"{ratio(mine, peer):.2f}")
    yield "8 clients as fast as taken", *rates, "≥ 1"


def _cut_off(model: str, found: Measured) -> Table:
    """Return a table of sentences that were cut off, the first of them."""
    table = Table("said", "heard", "in a pause of", "after", title=f"Cut off, {model}")
    cut = [one for one in found.cuts if one.cut]
    for one in cut[:_SHOWN]:
        at = one.utterance.speech_end + (one.after_speech or 0.0)
        begun = [pause for pause in one.utterance.pauses if pause.start < at]
        length = f"{begun[-1].length * 1000:.0f} ms" if begun else "-"
        after = f"{(at - begun[-1].start) * 1000:.0f} ms" if begun else "-"
        table.add_row(one.utterance.text, one.text, length, after)
    return table


def _floors(model: str, found: Measured) -> Table:
    """Return the table of word error rates by window floor."""
    table = Table("window floor", "word error rate", title=f"Window floors, {model}")
    for floor, pairs in found.floors.items():
        table.add_row(f"{floor} s", _percent(word_error_rate(pairs)))
    table.add_row("plain", _percent(word_error_rate(found.plain)))
    return table


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
