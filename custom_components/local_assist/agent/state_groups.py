"""The states of a whole kind of things, in one line: by state, then by area. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_NOWHERE: Final = "elsewhere"


@dataclass(frozen=True, slots=True)
class Member:
    """A thing of a group: its entity id, what is told of it, and the name of its area or ""."""

    entity_id: str
    text: str
    area: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of members, and the entity ids of those that it tells of by name."""

    text: str
    named: frozenset[str]


def group_line(
    head: str,
    buckets: Mapping[str, Sequence[Member]],
    *,
    max_tokens: int,
    count: Callable[[str], int],
) -> Told:
    """Return `head on (2): Hall: A; Kitchen: B · off (1): Hall: C`, shortened to `max_tokens`.

    `buckets` are the members by state; "" holds those that have no state in common. What most
    things have in common is shortened first, so a state that few have keeps their names, which is
    what questions are about ("Is any window open?").
    """
    parts = [
        _forms_of_state(word, members) if word else _forms_of_singles(members)
        for word, members in sorted(buckets.items(), key=lambda item: (len(item[1]), item[0]))
    ]
    while True:
        text = head + " · ".join(part[0].text for part in parts)
        can_shorten = [part for part in parts if len(part) > 1]
        if not can_shorten or count(text) <= max_tokens:
            return Told(text, frozenset[str]().union(*(part[0].named for part in parts)))
        del can_shorten[-1][0]


def _forms_of_state(word: str, members: Sequence[Member]) -> list[Told]:
    """Return by name, then by number in each area, then by number."""
    areas = _by_area(members)
    names = "; ".join(f"{area}: {', '.join(texts)}" for area, texts in areas)
    numbers = ", ".join(f"{area} {len(texts)}" for area, texts in areas)
    total = f"{word} ({len(members)})"
    return [
        Told(f"{total}: {names}", frozenset(member.entity_id for member in members)),
        Told(f"{total}: {numbers}", frozenset()),
        Told(total, frozenset()),
    ]


def _forms_of_singles(members: Sequence[Member]) -> list[Told]:
    """Return all members, then half as many, and so on, each time with how many are left out."""
    forms: list[Told] = []
    kept = len(members)
    while True:
        shown = members[:kept]
        told = [f"{area}: {', '.join(texts)}" for area, texts in _by_area(shown)]
        if kept < len(members):
            told.append(f"and {len(members) - kept} more")
        forms.append(Told("; ".join(told), frozenset(member.entity_id for member in shown)))
        if not kept:
            return forms
        kept //= 2


def _by_area(members: Sequence[Member]) -> list[tuple[str, list[str]]]:
    """Return what is told of the members of each area; those without one come last."""
    areas: dict[str, list[str]] = defaultdict(list)
    for member in members:
        areas[member.area].append(member.text)
    nowhere = areas.pop("", None)
    return [*sorted(areas.items()), *([(_NOWHERE, nowhere)] if nowhere else [])]
