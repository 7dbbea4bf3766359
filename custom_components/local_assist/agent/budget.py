"""What of a conversation goes into a window when not all of it does.

Given up in this order, and only as far as it takes: what tools answered is shortened, more so in
earlier turns; the oldest turns are left out; what tools answered in this turn is shortened again;
the last lines of the context block are left out. The system text and what the person just said
never are, and a tool's answer always follows its call.

A server evaluates only what comes after the beginning it has seen before. So turns are left out
in strides, by how far from the start they are: for several turns the beginning then stays, where
leaving out just enough would change it each time.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import ceil
from typing import Any, Final

from ..backends.base import Message
from .prompt import CONTEXT_END, CONTEXT_START
from .shorten import shorten
from .tokens import TokenEstimate

__all__ = ["Fitted", "TokenEstimate", "fit"]

# Shares of a prompt's room: what a tool may answer in an earlier turn and in this one before turns
# are left out, and the stride of leaving them out.
OLD_RESULT: Final = 1 / 16
NEW_RESULT: Final = 1 / 4
STRIDE: Final = 1 / 4
# What is left of a result for which there is no room: its note, and a few words.
LEAST_RESULT: Final = 24


# The messages of a turn, each with its place in the whole conversation.
type _Turn = list[tuple[int, Message]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The messages of a request, as they go into the window.

    Attributes:
        tokens: what they and the tools take, estimated.
        dropped_turns: how many turns were left out.
        shortened: how many tool results, and whether the context block (one more), were shortened.
        fits: whether it is enough; if not, the request is refused by the server.
    """

    messages: tuple[Message, ...]
    tokens: int
    dropped_turns: int = 0
    shortened: int = 0
    fits: bool = True


def fit(
    messages: Sequence[Message],
    tools: Sequence[dict[str, Any]],
    *,
    window: int,
    reserve: int,
    estimate: TokenEstimate,
    harder: bool = False,
) -> Fitted:
    """Return the messages that fit into `window` tokens and leave `reserve` for the reply.

    `messages` begin with the system text. `harder` halves what earlier turns and tool results may
    take; it is for once more after the server found the prompt too long (when the estimate, told
    `observe(fitted.tokens, window)`, has also learned by how much it was wrong).
    """
    room = window - reserve
    tokens = estimate.messages(messages, tools)
    if tokens <= room and not harder:
        return Fitted(messages=tuple(messages), tokens=tokens)
    prompt = _Prompt(messages, tools, estimate)
    limit = room
    if harder and (free := room - prompt.fixed()) > 0:
        limit -= free // 2
    if prompt.tokens() > limit:
        prompt.shorten_results(int(limit * OLD_RESULT), int(limit * NEW_RESULT))
        prompt.drop_turns(limit, stride=max(1, int(room * STRIDE)))
        prompt.share_results(limit)
        prompt.shorten_context(room)
    fitted = prompt.messages()
    tokens = estimate.messages(fitted, tools)
    return Fitted(
        messages=fitted,
        tokens=tokens,
        dropped_turns=prompt.dropped,
        shortened=len(prompt.shortened),
        fits=tokens <= room,
    )


class _Prompt:
    """A prompt while it is made to fit: its head, the turns before, and this turn.

    Attributes:
        dropped: how many turns were left out.
        shortened: the places, as they were numbered at first, of the messages made shorter.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]],
        estimate: TokenEstimate,
    ) -> None:
        self._estimate = estimate
        self._head = messages[:1]
        self._head_tokens = estimate.messages(self._head, tools)
        numbered = list(enumerate(messages))[1:]
        *self._before, self._now = _turns(numbered)
        self.dropped = 0
        self.shortened: set[int] = set()

    def messages(self) -> tuple[Message, ...]:
        """Return the messages as they are now."""
        turns = [*self._before, self._now]
        return (*self._head, *(message for turn in turns for _, message in turn))

    def tokens(self) -> int:
        """Return what all of it takes now."""
        return self._head_tokens + sum(map(self._size, (*self._before, self._now)))

    def fixed(self) -> int:
        """Return what cannot be left out takes: all of this turn but what tools answered."""
        said = [(place, message) for place, message in self._now if message.role != "tool"]
        return self._head_tokens + self._size(said)

    def shorten_results(self, old: int, new: int) -> None:
        """Shorten what tools answered to so many tokens each, in earlier turns and in this one."""
        for turn in self._before:
            self._shorten(turn, [old] * len(turn))
        self._shorten(self._now, [new] * len(self._now))

    def drop_turns(self, limit: int, *, stride: int) -> None:
        """Leave the oldest turns out until at most `limit` tokens are left, or no turn."""
        excess = self.tokens() - limit
        if excess <= 0:
            return
        ends = list(accumulate(map(self._size, self._before)))
        wanted = ceil(excess / stride) * stride
        if ends and ends[-1] < wanted:
            wanted = excess
        self.dropped = min(bisect_left(ends, wanted) + 1, len(ends))
        del self._before[: self.dropped]

    def share_results(self, limit: int) -> None:
        """Shorten what tools answered in this turn to equal shares of what is left."""
        if self.tokens() <= limit:
            return
        sizes = [
            self._estimate.count(message.content) if message.role == "tool" else 0
            for _, message in self._now
        ]
        left = limit - self.tokens() + sum(sizes)
        shares = [0] * len(sizes)
        for number, index in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
            shares[index] = max(LEAST_RESULT, left // (len(sizes) - number))
            left -= min(sizes[index], shares[index])
        self._shorten(self._now, shares)

    def shorten_context(self, limit: int) -> None:
        """Leave the last lines of the context block out, but never its first, the time."""
        if not self._now:
            return
        place, message = self._now[0]
        block, end, said = message.content.partition(CONTEXT_END)
        if not (block.startswith(CONTEXT_START) and end):
            return
        lines = block.splitlines()
        while self.tokens() > limit and len(lines) > 2:
            lines.pop()
            content = "\n".join(lines) + f"\n{end}{said}"
            self._now[0] = (place, replace(message, content=content))
            self.shortened.add(place)

    def _size(self, turn: _Turn) -> int:
        return self._estimate.messages([message for _, message in turn])

    def _shorten(self, turn: _Turn, limits: Sequence[int]) -> None:
        for index, ((place, message), limit) in enumerate(zip(turn, limits, strict=True)):
            if message.role == "tool" and self._estimate.count(message.content) > limit:
                content = shorten(message.content, limit, self._estimate.count)
                turn[index] = (place, replace(message, content=content))
                self.shortened.add(place)


def _turns(messages: list[tuple[int, Message]]) -> list[_Turn]:
    """Split into turns, each from what a person said to what was said before the next time."""
    starts = [index for index, (_, message) in enumerate(messages) if message.role == "user"]
    bounds = sorted({0, *starts, len(messages)}) if messages else [0, 0]
    return [messages[start:end] for start, end in pairwise(bounds)]
