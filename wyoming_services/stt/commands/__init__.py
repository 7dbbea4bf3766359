"""What commands to a house read like: a table for each language, and the patterns it makes. Pure.

A table is a TOML file named by its language code. It has templates (see `patterns`) of sentences
(`whole`, `whole_with_thing`, `begun`, `separable`, see `Commands`) and the `rules` they use. Three
of the rules decide most: `place` and `device` are what any household has, `thing` is what is named
so fully that nothing need follow: "kitchen light", but not "light".
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from wyoming_services.stt.commands.patterns import DEVICE_NAME, EITHER_NAME, PLACE_NAME, Patterns

__all__ = ["DEVICE_NAME", "EITHER_NAME", "PLACE_NAME", "Commands", "commands"]

_NAMED = {"place": (PLACE_NAME, EITHER_NAME), "thing": (DEVICE_NAME, EITHER_NAME)}
"""The rules that the names of the house are part of, too."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What sentences of one language read like, as patterns for text as `normalised`.

    Attributes:
        whole: commands and questions that hardly go on.
        whole_with_thing: the same, that end in a thing, whose name may be the beginning of another.
        dangling: endings that no sentence has.
        dangling_unless_asked: endings that a statement hardly has, but a question may.
        begun: commands that lack something.
        separable: commands with a verb of two parts, of which the second comes last...
        particle: ...endings in that second part, or what may be in its place.
        device: names of a kind of thing, not of one thing.
        device_name: names that end in the kind of thing they are, be it within a word.
        place_name: the same of places.
    """

    whole: re.Pattern[str]
    whole_with_thing: re.Pattern[str]
    dangling: re.Pattern[str]
    dangling_unless_asked: re.Pattern[str]
    begun: re.Pattern[str]
    separable: re.Pattern[str]
    particle: re.Pattern[str]
    device: re.Pattern[str]
    device_name: re.Pattern[str]
    place_name: re.Pattern[str]


def commands(language: str | None) -> Commands | None:
    """Return the patterns of a language; None when there is no table for it.

    Args:
        language: a code, with or without its region: `en`, `pt-BR`, `de_AT`.
    """
    code = re.split("[-_]", language or "", maxsplit=1)[0].casefold()
    return _load(code) if code in _tables() else None


@cache
def _tables() -> Mapping[str, str]:
    """Return the text of each table by its language code."""
    folder = resources.files(__name__)
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file.read_text("utf-8") for file in files}


@cache
def _load(code: str) -> Commands:
    """Compile a language's table."""
    table = tomllib.loads(_tables()[code])
    patterns = Patterns({"particle": []} | table["rules"], _NAMED)
    return Commands(
        whole=patterns.sentences(table["whole"]),
        whole_with_thing=patterns.sentences(table["whole_with_thing"]),
        dangling=patterns.ending("<dangling>"),
        dangling_unless_asked=patterns.ending("<dangling_unless_asked>"),
        begun=patterns.sentences(table["begun"]),
        separable=patterns.sentences(table.get("separable", [])),
        particle=patterns.ending("<particle>"),
        device=patterns.whole("<device>"),
        device_name=patterns.name("<device>"),
        place_name=patterns.name("<place>"),
    )
