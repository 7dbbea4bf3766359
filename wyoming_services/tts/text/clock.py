"""Times of day and times in hours: 12:30, 7:05 am, 12.30 Uhr, 14h30, 8:00-9:30, 1:30:00. Pure."""

from collections.abc import Iterator
from decimal import Decimal

import regex

from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import ALONE, CLOSED, Match, Rule, either, span, stop

_HOUR, _MINUTE = r"(?:[01]?\d|2[0-4])", r"[0-5]\d"
_FEW = 10


def rules(language: Language, cldr: Cldr) -> Iterator[Rule]:
    """Yield the rules for times."""
    clock = language.clock
    end = r"(?![\p{L}\p{M}\d]|[:.,]\d)"

    def in_hours(match: Match) -> str:
        parts = zip(("hour", "minute", "second"), map(int, match.groups()), strict=True)
        said = [
            cldr.unit(str(count), Decimal(count), f"duration-{unit}")
            for unit, count in parts
            if count
        ]
        return " ".join(said) or match[0]

    # With one digit for the hour it is no time of day: those have two where seconds are told.
    yield Rule(regex.compile(rf"{ALONE}(\d):({_MINUTE}):({_MINUTE}){end}"), in_hours)
    if not clock:
        return
    halves: dict[str, str] = clock.get("halves", {})
    words, letters = either(clock.get("words", ())), either(clock.get("letters", ()))
    half = rf"(?:\s?(?<half>(?i:{either(halves)})))"
    word = rf"(?:\s?(?<word>{words}))"

    def said(match: Match) -> str:
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        written = match.groupdict().get("half")
        names = ("whole", "few", "full")
        name = names[(minute > 0) + (minute >= _FEW)]
        if name == "few" and "few" not in clock:
            name = "full"
        if written:
            time = f"{hour}" if not minute else clock[name].format(hour=hour, minute=minute)
            return f"{time} {halves[written.lower()]}{stop(match)}"
        if hour == 1:
            name = {"whole": "one_whole"}.get(name, "one")
            name = name if name in clock else names[(minute > 0) + (minute >= _FEW)]
            name = name if name in clock else "full"
        return str(clock[name].format(hour=hour, minute=minute)) + stop(match)

    if "to" in language.words:
        both = rf"{ALONE}({_HOUR}:{_MINUTE})\s?[-–]\s?({_HOUR}:{_MINUTE}){end}"
        yield Rule(regex.compile(both), lambda m: span(language, "times", m, m[1], m[2]))
    pair = rf"(?<hour>{_HOUR}):(?<minute>{_MINUTE})"
    yield Rule(regex.compile(rf"{ALONE}{pair}(?:{half}{CLOSED}|{word}{CLOSED})?{end}"), said)
    if halves:
        yield Rule(regex.compile(rf"{ALONE}(?<hour>1[0-2]|[1-9])(?<minute>){half}{CLOSED}"), said)
    if "before" in clock:
        after = rf"(?<=(?<!\p{{L}})(?i:{either(clock['before'])})\s)"
        dotted = rf"{after}(?<hour>{_HOUR})\.(?<minute>{_MINUTE})(?!\s?%){word}?+{end}"
        yield Rule(regex.compile(dotted), said)
    if "words" in clock:
        dotted = rf"{ALONE}(?<hour>{_HOUR})\.(?<minute>{_MINUTE}){word}{CLOSED}"
        yield Rule(regex.compile(dotted), said)
    if "letters" in clock:
        lettered = rf"{ALONE}(?<hour>{_HOUR})\s?{letters}\s?(?<minute>(?:{_MINUTE})?){end}"
        yield Rule(regex.compile(lettered), said)
