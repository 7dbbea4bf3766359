"""The measurements of one voice, one after the other: no server computes while another is timed."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.errors import BenchError
from bench.probing import probing
from bench.servers import START_TIMEOUT, Server
from bench.tts.exactness import NO_NOISE, max_step_difference, one_shot
from bench.tts.listen import Spoken, listen
from bench.tts.plan import CROWD, CROWD_SECONDS, Plan
from bench.tts.programs import Library, Programs
from bench.tts.texts import SECONDS, Texts

_WARM_UP = 2
_PAIR = 2
_SETTLE = 0.1
"""Seconds after speech in which what made it may still be busy."""
_STILL_LOADING = "timeout"
"""What our server says when a voice it sees for the first time keeps a client waiting too long."""
_EXACT = 2
"""Texts of every length whose samples are compared."""
_BEFORE, _SEED = 1, 2
"""Seeds: for the first start, and for everything measured after it."""


@dataclass(slots=True)
class Side:
    """What one server did.

    Attributes:
        whole: texts that came whole, by their length, turn by turn.
        streamed: texts that came word by word, likewise.
        crowds: rounds of four clients at once.
        pairs: rounds of two.
        describe: milliseconds each `describe` took meanwhile; None for no answer.
        alone_memory: peak after the texts of one client, in MB.
        crowd_memory: peak after those of four.
    """

    whole: defaultdict[int, list[list[Spoken]]] = field(default_factory=lambda: defaultdict(list))
    streamed: defaultdict[int, list[list[Spoken]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    crowds: list[list[Spoken]] = field(default_factory=list)
    pairs: list[list[Spoken]] = field(default_factory=list)
    describe: list[float | None] = field(default_factory=list)
    alone_memory: float = 0.0
    crowd_memory: float = 0.0

    @property
    def alone(self) -> list[Spoken]:
        """All texts that one client had said."""
        turns = [*self.whole.values(), *self.streamed.values()]
        return [spoken for turn in turns for some in turn for spoken in some]

    @property
    def everything(self) -> list[Spoken]:
        """All texts."""
        return [*self.alone, *(spoken for some in (*self.crowds, *self.pairs) for spoken in some)]


@dataclass(slots=True)
class Cost:
    """CPU seconds of the same texts, by their length.

    Attributes:
        ours: our server's.
        library: of Piper's library, as it is.
        resting: of the same with our number of threads, at rest while they wait.
        texts: how many of a length.
    """

    ours: dict[int, float] = field(default_factory=dict)
    library: dict[int, float] = field(default_factory=dict)
    resting: dict[int, float] = field(default_factory=dict)
    texts: int = 0


@dataclass(slots=True)
class Measured:
    """Everything measured with one voice.

    Attributes:
        ours: our server.
        theirs: the peer.
        cost: CPU time.
        first_start: seconds until our server speaks when it sees a voice for the first time.
        next_start: the same with what it has kept from then.
        first_memory: peak of that first start, in MB.
        steps: 16-bit steps by which each of some texts differs at most from a one-shot rendering.
    """

    ours: Side = field(default_factory=Side)
    theirs: Side = field(default_factory=Side)
    cost: Cost = field(default_factory=Cost)
    first_start: float = 0.0
    next_start: float = 0.0
    first_memory: float = 0.0
    steps: list[int] = field(default_factory=list)


async def measure(programs: Programs, plan: Plan, tell: Callable[[str], None]) -> Measured:
    """Measure everything with one voice.

    Raises:
        BenchError: a server does not start, does not speak, or ends.
    """
    found = Measured()
    tell("our server sees the voice for the first time")
    begun = time.perf_counter()
    async with programs.ours() as ours:
        found.first_start = await first_words(ours, Texts(_BEFORE, plan.pace)) - begun
        found.first_memory = ours.peak_memory
    texts = Texts(_SEED, plan.pace)
    begun = time.perf_counter()
    async with programs.ours() as ours:
        found.next_start = await first_words(ours, texts) - begun
        async with programs.theirs() as theirs:
            sides = {ours: found.ours, theirs: found.theirs}
            for server in sides:
                await warm_up(server, texts)
            tell("text to first audio, taking turns")
            await take_turns(sides, plan, texts)
            tell(f"{CROWD} clients at once, taking turns")
            await crowds(sides, plan.crowds, texts)
        tell(f"{_PAIR} clients at once")
        for seconds in CROWD_SECONDS:
            for _ in range(plan.pairs):
                found.ours.pairs.append(await at_once(ours, texts.take(seconds, _PAIR)))
        tell("CPU time, taking turns with Piper's library")
        found.cost = await cost(ours, programs, plan.costs, texts)
        tell("samples, beside those of one shot")
        found.steps = await steps(ours, programs.voice, texts)
    return found


async def first_words(server: Server, texts: Texts) -> float:
    """Have a server say something short as soon as it can; return when it begins.

    Raises:
        BenchError: it does not speak.
    """
    (text,) = texts.take(1, 1)
    deadline = time.perf_counter() + START_TIMEOUT
    while (spoken := await listen(server, text)).error == _STILL_LOADING:
        if time.perf_counter() > deadline:
            break
    return _checked(server, spoken).chunks[0][0]


async def warm_up(server: Server, texts: Texts) -> None:
    """Have a server load what it loads late, and say something of every length.

    Raises:
        BenchError: it does not speak.
    """
    for seconds in SECONDS:
        for text in texts.take(seconds, _WARM_UP):
            _checked(server, await listen(server, text))


def _checked(server: Server, spoken: Spoken) -> Spoken:
    """Return what was spoken, if it was."""
    if spoken.failed:
        raise BenchError(
            f"{server.name} does not speak ({spoken.error}). It said:\n{server.last_words}"
        )
    return spoken


async def take_turns(sides: Mapping[Server, Side], plan: Plan, texts: Texts) -> None:
    """Have each server say the same texts, one after the other; they alternate in beginning."""
    for streaming, turns in ((False, plan.turns), (True, plan.streams)):
        for turn in range(turns):
            for seconds in SECONDS:
                said = texts.take(seconds, plan.each)
                for server, side in _in_order(sides, turn):
                    found = [await listen(server, text, streaming=streaming) for text in said]
                    (side.streamed if streaming else side.whole)[seconds].append(found)
    for server, side in sides.items():
        side.alone_memory = server.peak_memory


async def crowds(sides: Mapping[Server, Side], rounds: int, texts: Texts) -> None:
    """Have four clients ask each server at once; all of a round ask for the same length."""
    for turn in range(rounds):
        for seconds in CROWD_SECONDS:
            said = texts.take(seconds, CROWD)
            for server, side in _in_order(sides, turn):
                async with probing(server, side.describe):
                    side.crowds.append(await at_once(server, said))
    for server, side in sides.items():
        side.crowd_memory = server.peak_memory


async def at_once(server: Server, texts: Sequence[str]) -> list[Spoken]:
    """Have as many clients as there are texts ask in the same moment."""
    return await asyncio.gather(*(listen(server, text) for text in texts))


async def cost(ours: Server, programs: Programs, count: int, texts: Texts) -> Cost:
    """Measure the CPU time of the same texts in our server and in Piper's library.

    Raises:
        BenchError: one of them does not speak.
    """
    found = Cost(texts=count)
    async with (
        programs.library(resting=False) as library,
        programs.library(resting=True) as resting,
    ):
        for each in (library, resting):
            for text in texts.take(1, _WARM_UP):
                await each.say(text)
        for seconds in SECONDS:
            for text in texts.take(seconds, count):
                async with _counting(ours, found.ours, seconds):
                    _checked(ours, await listen(ours, text))
                async with _counting(library, found.library, seconds):
                    await library.say(text)
                async with _counting(resting, found.resting, seconds):
                    await resting.say(text)
    return found


@contextlib.asynccontextmanager
async def _counting(
    program: Server | Library, found: dict[int, float], seconds: int
) -> AsyncIterator[None]:
    """Add the CPU time a program takes in the block to that of the texts of a length."""
    before = program.cpu_seconds
    yield
    await asyncio.sleep(_SETTLE)
    found[seconds] = found.get(seconds, 0.0) + program.cpu_seconds - before


async def steps(ours: Server, voice: Path, texts: Texts) -> list[int]:
    """Compare what our server sends without noise with the same texts rendered at once."""
    said = [text for seconds in SECONDS for text in texts.take(seconds, _EXACT)]
    spoken = [await listen(ours, text, context=NO_NOISE) for text in said]
    rendered = await asyncio.to_thread(one_shot, voice, said)
    pairs = zip(spoken, rendered, strict=True)
    return [max_step_difference(bytes(one.pcm), samples) for one, samples in pairs]


def _in_order(sides: Mapping[Server, Side], turn: int) -> list[tuple[Server, Side]]:
    """Return the servers in the order of a turn."""
    order = list(sides.items())
    return order if turn % 2 == 0 else order[::-1]
