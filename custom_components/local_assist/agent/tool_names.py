"""The tool a model means when it writes the name differently.

Home Assistant prefixes a tool's name with its integration, and with its API where there are several
(`assist__intent__HassTurnOn`); models leave prefixes out, add those of their training
(`functions.`, `default_api.`), or write Home Assistant's actions (`turn_on`, `light.turn_on`).
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

_SEPARATORS = re.compile(r"__|[./:]")
_SLOT = re.compile(r":\d+$")  # Kimi numbers its calls: functions.NAME:0


def known_tool(name: str, names: Collection[str], *, exactly: bool = False) -> str | None:
    """Return the one tool that a name means, None if it is none or may be several.

    With `exactly`, it has to be a name that means nothing else: whole, or an intent's ("lights" may
    be a script, but is a word as well).
    """
    if name in names:
        return name
    indexes = _indexes(tuple(names))
    written = [_plain(part) for part in parts(_SLOT.sub("", name.strip()))]
    tails = ["".join(written[start:]) for start in range(len(written))]
    for index in indexes[:2] if exactly else (indexes[0], *indexes[2:]):
        for tail in filter(None, tails):
            if found := index.get(tail):
                return found
    return None


@lru_cache(maxsize=16)
def _indexes(names: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    """Return tools by ways to write them.

    Their whole name; its last part if that is no plain word; its last part; that without `Hass`.
    """
    ends = {name: _plain(name.rpartition("__")[2]) for name in names}
    return (
        _unique((_plain(name), name) for name in names),
        _unique((end, name) for name, end in ends.items() if not name.endswith(end)),
        _unique((end, name) for name, end in ends.items()),
        _unique((end.removeprefix("hass"), name) for name, end in ends.items()),
    )


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return tools by a way to write them; ways that may mean several are left out."""
    found: dict[str, str | None] = {}
    for key, name in pairs:
        found[key] = None if key in found else name
    return {key: name for key, name in found.items() if name is not None}


def _plain(name: str) -> str:
    """Return the letters and digits of a name, in lower case."""
    return "".join(filter(str.isalnum, name.casefold()))


def parts(name: str) -> list[str]:
    """Return a name's prefixes and what they are before."""
    return _SEPARATORS.split(name)


def last_part(name: str) -> str:
    """Return a name without prefixes, case and signs, as names are compared."""
    return _plain(parts(name)[-1])
