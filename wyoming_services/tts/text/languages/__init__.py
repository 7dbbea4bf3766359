"""What has to be known of a language to say what is written in it: a table for each.

A table is a TOML file named by its language code. All of it may be left out: what has no word in
the table is left to the voice. Names of units, currencies and months, their plurals and the order
of dates come from CLDR and are in no table, unless CLDR is wrong for speech.

[words]: to (3-5), minus, plus_minus (±2), times (3x), by (3 x 4), about (~5), less (<5), more (>5),
    at_most (≤5), at_least (≥5), number (#5), out_of (4.5/5), per; dot, at, dash, underscore (of
    addresses); dot_of_names, for a voice that passes over the dot of "example.com".
[signs]: what a sign that stands alone, between spaces, is called.
[clock]: templates of the hour and minute, without zeros in front: `whole` (8:00), `few` (8:05, less
    than ten minutes; `full` unless given), `full` (8:30), `one` and `one_whole` (at one o'clock,
    where that differs). `words` after a time ("Uhr", "h") are part of the template, and
    with them a dot separates hour and minute, too. `letters` are what stands between hour and
    minute like a colon (14h30; a bare 14h as well). `halves` are what "am" and "pm" are said like,
    or that for some hours and every `other`. `hours` are words for the hours that need them.
    `before` are words ("alle") behind which a dot separates hour and minute.
    With `twelve` (words for `am` and `pm`) hours after noon are said as on a dial.
[dates]: `days` are words for the days of a month, from the first; those after the last are said as
    numbers. `after` are words ("le") behind which 12/07 is a day and a month. `century` is a
    template of `century` and `rest` for years from 1101 to 1999 (`century_few` where the rest is
    less than ten); after the words of `year_after`, such a number is a year. `decades` are names
    for "20" to "90" (the 90s).
[ordinals]: for what makes a number an ordinal ("º", "er", ".") the ordinals from the first on;
    without it, or after the last of them, they are left to the voice. Or another one that has the
    same.
[roman]: `digits`, if those of two letters and more are said as numbers; `endings` ("e", XIXe) with
    the [ordinals] they ask for; `after`, for some [ordinals], the names behind which a Roman
    numeral is one ("Isabel II").
[ordinal_endings]: for an ending ("n"), the words before the ordinal that ask for it ("am"). A
    language with this table has a dot behind ordinals: then "3." is one only after these words and
    before another word; the days of a month have the ending `otherwise` gives, after other words.
    Before the days of a month, the words of `only_dates` ask for an ending, too.
[ranges]: templates of `first` and `last`, where it takes more than the word `to`: `numbers` ("da 3
    a 5"), `days` (before a month), `times`, and `short`, which is for all behind one of the words
    in `short_after`.
[numbers]: with `spaced` set, spaces between groups of three digits are marks of thousands,
    unless they look like `telephone`, a pattern.
    `unread` are those marks of a region (12,345) that voices of the language take for others.
    Behind the words of `degree_after`, a degree sign is the mark of an ordinal ("il 1°").
[after_slash]: `words` before which a slash is said like `per` ("5 a day").
[sentences]: `words` with a full stop that look like an abbreviation ("No." before a number).
[fractions]: what "1/2" (and ½) is said like: by itself, after a whole number, and, where that
    differs, with a one ("eineinhalb").
[money]: `both` is a template of a `major` and a `minor` amount ("5 euros", "20 cents") and of
    `cents` (20); `names` and names of the `minor` unit are given for a sign or code, by plural
    category (`one`, `few`, `other`...). `names_in` are names that signs have in a region. `scales`
    are what "million" and the like are said like before a currency.
[units]: for a symbol, either the name of a unit in CLDR or its own name by plural category.
[singular_after]: `words` after which a unit stays singular ("a 60 watt bulb").
[one]: for a form of the word one, the nouns before which a 1 is said like it ("ein", "eine"); what
    must come before ("in einer") is told with it. The first that fits applies.
[one_in]: for such a form, what larger numbers that end in it are said like (21, "vingt et une").
[joined]: words that grow together when the rules put them side by side ("de une" is "d'une").
[abbreviations], [abbreviations_before_number], [abbreviations_before_name] (a capital letter) and
    [abbreviations_after_name]: what they stand for; the latter are ones only in these places. A
    space in them may be any or none; their first letter may be a capital.
[abbreviation_endings]: short ends of longer words ("Hauptstr.") in full.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

Plurals = Mapping[str, str]
"""A noun by plural category of CLDR: `one`, `two`, `few`, `many`, `other`; the last is in all."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of a language; the fields are the tables of its file.

    Attributes:
        tag: language and region like `en_US`, as far as known.
    """

    tag: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    clock: Mapping[str, Any] = field(default_factory=dict)
    dates: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    ordinals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roman: Mapping[str, Any] = field(default_factory=dict)
    ordinal_endings: Mapping[str, Any] = field(default_factory=dict)
    singular_after: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, Any] = field(default_factory=dict)
    after_slash: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sentences: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fractions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    money: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str | Plurals] = field(default_factory=dict)
    one: Mapping[str, Sequence[str]] = field(default_factory=dict)
    one_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    joined: Mapping[str, str] = field(default_factory=dict)
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    abbreviations_before_number: Mapping[str, str] = field(default_factory=dict)
    abbreviations_before_name: Mapping[str, str] = field(default_factory=dict)
    abbreviations_after_name: Mapping[str, str] = field(default_factory=dict)
    abbreviation_endings: Mapping[str, str] = field(default_factory=dict)


def named(noun: Plurals, category: str) -> str:
    """Return a noun in the form for a plural category."""
    return noun.get(category, noun["other"])


def language(tag: str) -> Language:
    """Return what is known of a language.

    Args:
        tag: a code, with or without its region: `en`, `pt-BR`, `de_AT`. What has no table has no
            words.
    """
    parts = tag.replace("-", "_").split("_")
    return _load("_".join([parts[0].lower(), *parts[1:]]))


@cache
def _load(tag: str) -> Language:
    """Read the table of a language."""
    file = resources.files(__name__) / f"{tag.partition('_')[0]}.toml"
    if not tag.partition("_")[0].isalpha() or not file.is_file():
        return Language(tag=tag)
    tables = tomllib.loads(file.read_text("utf-8"))
    ordinals = tables.get("ordinals", {})
    ordinals |= {mark: ordinals[same] for mark, same in ordinals.items() if isinstance(same, str)}
    return Language(tag=tag, **tables)
