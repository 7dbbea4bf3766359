"""The measurements of one model, one after the other: no server computes while another is timed."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle

import jiwer

from bench import replay, speech
from bench.errors import BenchError
from bench.probing import probing
from bench.replay import PATIENCE, TRAILING, Heard
from bench.servers import Server
from bench.speech import Utterance
from bench.stt.plan import CROWD, FLOORS, Plan
from bench.stt.programs import Programs

_WARM_UP = 2
_WORD_CLIENTS = 4
_MARGIN = 0.4
_SLOWER = 1.2
"""By how much an answer may take longer than the one in the warm-up."""

# Seeds: each set has sentences, voices and noise of its own.
_STOCK, _OWN, _CUTS, _CROWD, _WORDS, _WARM = 1, 2, 3, 4, 5, 6


@dataclass(slots=True)
class Stock:
    """A client that ends the utterance itself, on one server.

    Attributes:
        runs: seconds from audio-stop to the transcript, turn by turn.
        cpu: seconds of CPU time, of all turns.
        said: utterances of all turns.
        wrong: those with another text than was said.
        failed: those without a transcript.
        loaded: peak memory after the first utterance, in MB.
        peak: peak memory after the last, in MB.
    """

    runs: list[list[float]] = field(default_factory=list)
    cpu: float = 0.0
    said: int = 0
    wrong: int = 0
    failed: int = 0
    loaded: float = 0.0
    peak: float = 0.0

    def add(self, heard: Sequence[Heard], cpu: float) -> None:
        """Count one turn."""
        self.runs.append([one.after_stop for one in heard if one.after_stop is not None])
        self.cpu += cpu
        self.said += len(heard)
        self.wrong += sum(one.text != one.utterance.text for one in heard)
        self.failed += sum(one.text is None for one in heard)


@dataclass(slots=True)
class Measured:
    """Everything measured with one model.

    Attributes:
        ours: a stock client on our server, `--endpointing external`.
        theirs: the same client on the peer.
        equal: ours with the peer's beam and window.
        own: our own end of speech, each utterance alone.
        own_cpu: seconds of CPU time for these.
        cuts: our own end of speech, with inner pauses.
        describe: milliseconds each `describe` took while eight clients spoke; None for none.
        crowd: what those clients heard.
        throughput: utterances a second of eight clients, ours and theirs, turn by turn.
        words: (said, heard) by our server with its defaults.
        plain: (said, heard) by `WhisperModel.transcribe`.
        floors: the same as `words`, for other window floors.
    """

    ours: Stock = field(default_factory=Stock)
    theirs: Stock = field(default_factory=Stock)
    equal: Stock = field(default_factory=Stock)
    own: list[Heard] = field(default_factory=list)
    own_cpu: float = 0.0
    cuts: list[Heard] = field(default_factory=list)
    describe: list[float | None] = field(default_factory=list)
    crowd: list[Heard] = field(default_factory=list)
    throughput: list[tuple[float, float]] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)
    plain: list[tuple[str, str]] = field(default_factory=list)
    floors: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def word_error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the word error rate of (said, heard) pairs."""
    said, heard = zip(*pairs, strict=True)
    return float(jiwer.wer(list(said), list(heard)))


async def measure(programs: Programs, plan: Plan, tell: Callable[[str], None]) -> Measured:
    """Measure everything with one model.

    Raises:
        BenchError: a server does not start, or ends.
    """
    found = Measured()
    async with programs.theirs() as theirs:
        async with programs.ours("--endpointing", "external") as ours:
            tell("audio-stop to transcript, taking turns")
            await take_turns({theirs: found.theirs, ours: found.ours}, plan)
        async with programs.ours() as ours:
            gap = await warm_up(ours)
            tell(f"{CROWD} clients as fast as they are taken")
            for _ in range(plan.floods):
                turn = (await flood(ours, plan.flood), await flood(theirs, plan.flood))
                found.throughput.append(turn)
            await _own_end(ours, gap, plan, found, tell)
            tell("word errors")
            found.words = await words(ours, plan.words)
    await _other_settings(programs, plan, found, tell)
    tell("plain transcription, for its word errors")
    found.plain = await asyncio.to_thread(
        transcribe_plainly, programs, speech.utterances(plan.words, _WORDS)
    )
    return found


async def _own_end(
    ours: Server, gap: float, plan: Plan, found: Measured, tell: Callable[[str], None]
) -> None:
    """Measure what our server does when it finds the end of speech itself."""
    tell("our own end of speech")
    utterances = speech.utterances(plan.own, _OWN)
    before = ours.cpu_seconds
    found.own = await replay.series(ours, utterances, gap, trailing=PATIENCE)
    found.own_cpu = ours.cpu_seconds - before
    tell(f"sentences with pauses, {plan.cut_lanes} speakers")
    utterances = speech.paused_utterances(plan.cuts, _CUTS)
    say = partial(replay.replay, ours, trailing=PATIENCE)
    if plan.cut_lanes == CROWD:
        async with probing(ours, found.describe):
            found.cuts = await replay.lanes(CROWD, utterances, say)
    else:
        found.cuts = await replay.lanes(plan.cut_lanes, utterances, say)
    if plan.crowd:
        tell(f"describe, while {CROWD} clients speak")
        utterances = speech.utterances(CROWD * 2, _CROWD)
        async with probing(ours, found.describe):
            found.crowd = await replay.lanes(CROWD, _until(plan.crowd, utterances), say)


async def _other_settings(
    programs: Programs, plan: Plan, found: Measured, tell: Callable[[str], None]
) -> None:
    """Measure our server with other settings than its own."""
    tell("audio-stop to transcript, equal beam and window")
    flags = ("--endpointing", "external", "--beam-size", "5", "--window-floor", "30")
    async with programs.ours(*flags) as ours:
        gap = await warm_up(ours)
        utterances = speech.utterances(plan.equal, _STOCK)
        before = ours.cpu_seconds
        heard = await replay.series(ours, utterances, gap, trailing=TRAILING)
        found.equal.add(heard, ours.cpu_seconds - before)
    for floor in FLOORS if plan.floors else ():
        tell(f"word errors, window floor {floor} s")
        async with programs.ours("--window-floor", str(floor)) as ours:
            found.floors[floor] = await words(ours, plan.words)


async def warm_up(server: Server) -> float:
    """Have a server load what it loads late.

    Returns:
        Seconds to leave between the ends of two voices, so that what the server does after one
        is done before the next one's.

    Raises:
        BenchError: it does not answer.
    """
    took = 0.0
    for utterance in speech.utterances(_WARM_UP, _WARM):
        heard = await replay.replay(server, utterance, paced=False)
        if heard.after_stop is None:
            raise BenchError(
                f"{server.name} does not transcribe ({heard.error}). It said:\n{server.last_words}"
            )
        took = heard.after_stop
    return TRAILING + _MARGIN + took * _SLOWER


async def take_turns(servers: dict[Server, Stock], plan: Plan) -> None:
    """Say the same utterances to each server, in turns."""
    gaps = {}
    for server, stock in servers.items():
        gaps[server] = await warm_up(server)
        stock.loaded = server.peak_memory
    utterances = speech.utterances(plan.blocks * plan.block, _STOCK)
    for start in range(0, len(utterances), plan.block):
        turn = utterances[start : start + plan.block]
        for server, stock in servers.items():
            before = server.cpu_seconds
            heard = await replay.series(server, turn, gaps[server], trailing=TRAILING)
            stock.add(heard, server.cpu_seconds - before)
    for server, stock in servers.items():
        stock.peak = server.peak_memory


def _until(seconds: float, utterances: Sequence[Utterance]) -> Iterator[Utterance]:
    """Yield utterances again and again for so long."""
    end = time.perf_counter() + seconds
    for utterance in cycle(utterances):
        if time.perf_counter() > end:
            return
        yield utterance


async def flood(server: Server, count: int) -> float:
    """Return how many utterances a second eight clients get transcribed."""
    utterances = speech.utterances(count, _CROWD)
    start = time.perf_counter()
    heard = await replay.lanes(CROWD, utterances, partial(replay.replay, server, paced=False))
    return sum(one.text is not None for one in heard) / (time.perf_counter() - start)


async def words(server: Server, count: int) -> list[tuple[str, str]]:
    """Return what was said and what a server heard; nothing, where it failed."""
    utterances = speech.utterances(count, _WORDS)
    heard = await replay.lanes(
        _WORD_CLIENTS, utterances, partial(replay.replay, server, paced=False)
    )
    return [(one.utterance.text, one.text or "") for one in heard]


def transcribe_plainly(
    programs: Programs, utterances: Sequence[Utterance]
) -> list[tuple[str, str]]:
    """Return what was said and what faster-whisper hears with its defaults."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy

    model = WhisperModel(str(programs.model), device="cpu", cpu_threads=programs.threads)
    found = []
    for utterance in utterances:
        samples = utterance.samples[: len(utterance.pcm(TRAILING)) // 2]
        segments, _ = model.transcribe(samples, language="en")
        text = " ".join("".join(segment.text for segment in segments).split())
        found.append((utterance.text, text))
    return found
