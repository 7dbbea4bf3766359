"""Times of day and times in hours: 12:30, 7:05 am, 12.30 Uhr, 14h30, 8:00-9:30, 1:30:00. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import regex

from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import ALONE, CLOSED, Match, Rule, either, span, stop
from wyoming_services.tts.text.units import Units

_HOUR, _MINUTE = r"(?:[01]?\d|2[0-4])", r"[0-5]\d"
_END = r"(?![\p{L}\p{M}\d]|[:.,]\d)"
_FEW = 10
"""Minutes that take two digits."""
_NOON = 12


def rules(language: Language, units: Units) -> Iterator[Rule]:
    """Yield the rules for times."""

    def in_parts(symbols: tuple[str, ...], match: Match) -> str:
        parts = zip(symbols, (int(count or 0) for count in match.groups()), strict=True)
        said = [units.say(str(count), Decimal(count), unit) for unit, count in parts if count]
        return " ".join(filter(None, said)) or match[0]

    # Beside hours or seconds, m is no meter.
    for short in (
        r"(\d{1,3}+)\s?h\s?(\d{1,2})\s?m(?:\s?(\d{1,2})\s?s)?",
        r"()(\d{1,3}+)\s?m\s?(\d{1,2})\s?s",
    ):
        yield Rule(regex.compile(rf"{ALONE}{short}{CLOSED}"), partial(in_parts, ("h", "min", "s")))
    # In some languages 14:30 h is a time of day.
    of_day = {"h", *language.clock.get("words", ()), *language.clock.get("letters", ())}
    hours = either({*units.written("duration-hour")} - of_day)
    yield Rule(
        regex.compile(rf"{ALONE}(\d{{1,3}}+):({_MINUTE})\s?{hours}{CLOSED}"),
        lambda match: in_parts(("h", "min"), match) + stop(match),
    )
    minutes = (
        rf"{ALONE}(\d{{1,3}}+):({_MINUTE})\s?{either(units.written('duration-minute'))}{CLOSED}"
    )
    yield Rule(regex.compile(minutes), lambda match: in_parts(("min", "s"), match) + stop(match))
    # With one digit for the hour it is no time of day: those have two where seconds are told.
    yield Rule(
        regex.compile(rf"{ALONE}(\d):({_MINUTE}):({_MINUTE}){_END}"),
        partial(in_parts, ("h", "min", "s")),
    )
    if language.clock:
        yield from _spans(language)
        yield from _times(language.clock)


def _spans(language: Language) -> Iterator[Rule]:
    """Yield the rules for spans of time: 8:00-9:30, 9h-12h."""
    if "to" not in language.words:
        return
    if halves := language.clock.get("halves"):
        half = rf"(?i:{either(halves)})"
        time = rf"{_HOUR}(?::{_MINUTE})?\s?{half}"
        both = rf"{ALONE}({time})\s?[-–]\s?({time}){CLOSED}"
        yield Rule(regex.compile(both), lambda m: span(language, "times", m, m[1], m[2]))
    lettered = rf"{_HOUR}\s?{either(language.clock.get('letters', ()))}(?:\s?{_MINUTE})?"
    for time in rf"{_HOUR}:{_MINUTE}", lettered:
        both = rf"{ALONE}({time})\s?[-–]\s?({time}){_END}"
        yield Rule(regex.compile(both), lambda m: span(language, "times", m, m[1], m[2]))
    if "before" in language.clock:
        both = rf"(?<![€$£]\s?){ALONE}({_HOUR})\.({_MINUTE})\s?[-–]\s?({_HOUR})\.({_MINUTE}){_END}"
        yield Rule(
            regex.compile(rf"{both}(?!\s?[€$£%°])"),
            lambda m: span(language, "times", m, f"{m[1]}:{m[2]}", f"{m[3]}:{m[4]}"),
        )


def _times(clock: Mapping[str, Any]) -> Iterator[Rule]:
    """Yield the rules for the ways a time of day is written."""
    say = partial(_said, clock)
    halves = clock.get("halves", {})
    half = rf"(?:\s?(?<half>(?i:{either(halves)})))"
    word = rf"(?:\s?(?<word>{either(clock.get('words', ()))}))"
    pair = rf"(?<hour>{_HOUR}):(?<minute>{_MINUTE})"
    yield Rule(regex.compile(rf"{ALONE}{pair}(?:{half}{CLOSED}|{word}{CLOSED})?{_END}"), say)
    if halves:
        yield Rule(regex.compile(rf"{ALONE}(?<hour>1[0-2]|[1-9])(?<minute>){half}{CLOSED}"), say)
    if "before" in clock:
        after = rf"(?<=(?<!\p{{L}})(?i:{either(clock['before'])})\s)"
        dotted = rf"{after}(?<hour>{_HOUR})\.(?<minute>{_MINUTE})(?!\s?%){word}?+{_END}"
        yield Rule(regex.compile(dotted), say)
    if "words" in clock:
        dotted = rf"{ALONE}(?<hour>{_HOUR})\.(?<minute>{_MINUTE}){word}{CLOSED}"
        yield Rule(regex.compile(dotted), say)
    if letters := clock.get("letters"):
        minute = rf"(?:\s?(?<minute>{_MINUTE})(?:min)?+)?"
        lettered = rf"{ALONE}(?<hour>{_HOUR})\s?{either(letters)}{minute}{_END}"
        yield Rule(regex.compile(lettered), say)


def _said(clock: Mapping[str, Any], match: Match) -> str:
    """Say an hour and a minute, which may be nothing, and which half of the day it is in."""
    hour, minute = str(int(match["hour"])), int(match["minute"] or 0)
    name = "full" if minute else "whole"
    if 0 < minute < _FEW and "few" in clock:
        name = "few"
    spoken = clock.get("hours", {}).get(hour, hour)
    if written := match.groupdict().get("half"):
        time = spoken if not minute else clock[name].format(hour=spoken, minute=minute)
        ending = clock["halves"][written.lower()]
        if not isinstance(ending, str):
            ending = ending.get(hour, ending["other"])
        return f"{time} {ending}{stop(match)}"
    if "twelve" in clock and not 0 < int(hour) <= _NOON:
        time = str(int(hour) % _NOON or _NOON)
        time = clock[name].format(hour=time, minute=minute) if minute else time
        half = "pm" if _NOON < int(hour) < 2 * _NOON else "am"
        return f"{time} {clock['twelve'][half]}{stop(match)}"
    if hour == "1":
        one = "one" if minute else "one_whole"
        name = one if one in clock else name
    return str(clock[name].format(hour=spoken, minute=minute)) + stop(match)
