"""Make what a tool answered shorter without cutting through an item or a sentence.

A note in place of what is left out says how much it is, so that the model neither takes the rest
for everything nor makes it up.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, Final

type Count = Callable[[str], int]

# Text is cut after a line with the indented ones below it, such as an item of YAML, or after a
# sentence: behind its mark, maybe a quote or bracket, and a blank, which Chinese and Japanese do
# not write.
_PIECE_END: Final = re.compile(
    r"""(?:(?<=[.!?\u2026])|(?<=[.!?\u2026]["'\u201d\u2019\u00bb)\]]))\s+"""
    r"|\n+(?![ \t])"
    r"|(?<=[\u3002\uff01\uff1f])(?![\u3002\uff01\uff1f\u300d\u300f\uff09])"
    r"|(?<=[\u3002\uff01\uff1f][\u300d\u300f\uff09])"
)
_WORD_END: Final = re.compile(r"\s+")

# Less than this is not worth a share of its own.
LEAST_SHARE: Final = 12
NOTE_TOKENS: Final = 16


def shorten(text: str, limit: int, count: Count) -> str:
    """Return a text of at most `limit` tokens, as far as its notes fit into them.

    JSON stays JSON: lists and objects lose whole items from their end. What is shorter than its
    notes would be stays.
    """
    length = count(text)
    if length <= limit:
        return text
    try:
        short = _json(json.loads(text), limit, count)
    except ValueError, RecursionError:
        short = _text(text, limit, count)
    return short if count(short) < length else text


def _json(value: Any, limit: int, count: Count) -> str:
    """Shorten to a share that is made smaller until what is written fits."""
    share = limit
    while True:
        written = _dump(_value(value, share, count))
        tokens = count(written)
        if tokens <= limit or share < LEAST_SHARE:
            return written
        share = min(share * limit // tokens, share * 3 // 4)


def _value(value: Any, limit: int, count: Count) -> Any:
    if count(_dump(value)) <= limit:
        return value
    match value:
        case str():
            return _text(value, limit, count)
        case list():
            return _list(value, limit, count)
        case dict():
            return _object(value, limit, count)
    return value


def _list(items: list[Any], limit: int, count: Count) -> list[Any]:
    """Keep the first items whole; of a first one that is too long, what fits of it."""
    left = limit - NOTE_TOKENS
    kept: list[Any] = []
    for item in items:
        left -= count(_dump(item))
        if left < 0:
            break
        kept.append(item)
    if not kept and limit > LEAST_SHARE + NOTE_TOKENS:
        kept = [_value(items[0], limit - NOTE_TOKENS, count)]
    missing = len(items) - len(kept)
    return [*kept, _note(f"{missing} more")] if missing else kept


def _object(fields: dict[str, Any], limit: int, count: Count) -> dict[str, Any]:
    """Keep what is short, and give what is long an equal share of the rest."""
    names = list(fields)[: max(1, limit // LEAST_SHARE)]
    missing = len(fields) - len(names)
    left = limit - sum(count(name) + 2 for name in names) - (NOTE_TOKENS if missing else 0)
    sizes = {name: count(_dump(fields[name])) for name in names}
    shares: dict[str, int] = {}
    for number, name in enumerate(sorted(names, key=lambda name: sizes[name])):
        shares[name] = max(0, left // (len(names) - number))
        left -= min(sizes[name], shares[name])
    kept = {name: _value(fields[name], shares[name], count) for name in names}
    return kept | {"left_out": _note(f"{missing} more")} if missing else kept


def _text(text: str, limit: int, count: Count) -> str:
    """Keep the first sentences or lines; of a first one that is too long, its first words."""
    left = limit - NOTE_TOKENS
    kept = _first(_PIECE_END, text, left, count) or _first(_WORD_END, text, left, count)
    missing = len(text) - len(kept)
    return f"{kept.rstrip()} {_note(f'{missing} more characters')}".lstrip()


def _first(end: re.Pattern[str], text: str, limit: int, count: Count) -> str:
    """Return what comes before the last of the ends that is within the limit."""
    ends = [0, *(match.end() for match in end.finditer(text))]
    fitting = bisect_right(ends, limit, key=lambda position: count(text[:position]))
    return text[: ends[max(0, fitting - 1)]]


def _note(what: str) -> str:
    return f"[{what} left out]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
