"""Dates: 2026-11-21, 21.11.2026, 11/21/2026, 21. November, Nov 21, in 1998, the 90s. Pure."""

from collections.abc import Iterator
from datetime import date

import regex

from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.numbers import endings_by_word
from wyoming_services.tts.text.rules import ALONE, CLOSED, Match, Rule, either, stop

_END = r"(?![\p{L}\d]|[-/.:]\d)"
_MONTHS = 12
_LEAP = 2024
"""A year that has all dates."""
_TOKEN = regex.compile(r"'[^']*'|d+\.?|y+")
"""What a pattern of CLDR has that is said in words of ours; text in quotes is passed over."""


def rules(language: Language, cldr: Cldr) -> Iterator[Rule]:
    """Yield the rules for dates."""
    dates = _Dates(language, cldr)
    before = rf"(?:(?<before>(?<!\p{{L}})(?i:{either(endings_by_word(language, dates=True))}))\s)?+"
    iso = r"(?<year>\d{4})(?<mark>[-/])(?<month>\d\d)(?P=mark)(?<day>\d\d)"
    yield Rule(regex.compile(rf"{before}{ALONE}{iso}(?:T(?=\d\d:)(?<time>)|{_END})"), dates.say)
    short = {"d": r"(?<day>\d{1,2})", "M": r"(?<month>\d{1,2})", "y": r"(?<year>\d{4})"}
    usual = cldr.locale.date_formats["short"].pattern
    order = [mark[0] for mark in regex.findall(r"d+|M+|y+", usual)]
    written = [(mark, order) for mark in "./-" if mark in usual or order[0] != "y"]
    # Where the year is first, 2026.10.4 is a version, and dates of others are written, too.
    written += [(mark, ["d", "M", "y"]) for mark in "./" if order[0] == "y"]
    for mark, parts in written:
        numeric = regex.escape(mark).join(short[part] for part in parts)
        yield Rule(regex.compile(rf"{before}{ALONE}{numeric}{_END}"), dates.say)
    if after := language.dates.get("after"):
        behind = rf"(?<=(?<!\p{{L}})(?i:{either(after)})\s)(?<before>)"
        mark = "[/-]" if "-" in usual else "/"
        either_long = rf"(?=\d\d{mark}\d|\d{mark}\d\d)"
        short_date = (
            rf"{either_long}(?<day>\d{{1,2}}){mark}(?<month>\d{{1,2}})(?![\p{{L}}\d/]|[.,-]\d)"
        )
        yield Rule(regex.compile(behind + short_date), dates.say)
    yield from _month_rules(dates)
    if "." in language.ordinals:
        pattern = rf"{before}{ALONE}(?<day>\d{{1,2}})\.\s?(?<month>\d{{1,2}})\.(?![\p{{L}}\d])"
        yield Rule(regex.compile(pattern), dates.say)
        pattern = rf"{before}{ALONE}(?<day>\d{{1,2}})\.\s?(?=(?:{either(dates.months)}){CLOSED})"
        yield Rule(regex.compile(pattern), dates.say_day)
    yield from _year_rules(language, dates)


def _month_rules(dates: "_Dates") -> Iterator[Rule]:
    """Yield the rules for short names of months beside the number of a day or year."""
    short = {name: full for name, full in dates.months.items() if name != full}
    names = rf"(?<name>{either(short)})(?<dot>\.?)(?<year>(?=\s\d{{4}}(?!\d)))?"

    def say(match: Match) -> str:
        # In small letters it may be another word: "2 set" is no date in Italian.
        name = match["name"]
        known = match["dot"] or match["year"] is not None or name[0].isupper()
        return short[name] + stop(match) if known else match[0]

    def joined(match: Match) -> str:
        year = f" {dates.before_year}" if match["year"] is not None else ""
        said = say(match)
        return said if said == match[0] else f"{dates.before_month} {said}{year}"

    months = either(dates.months)
    if dates.before_month:
        yield Rule(regex.compile(rf"(?<=(?<!\d)\d{{1,2}}\s){names}{CLOSED}"), joined)
    # Italian takes the degree sign for the mark of an ordinal, too.
    yield Rule(regex.compile(rf"(?<=\d)°(?=\s{months}{CLOSED})"), lambda _: "º")
    yield Rule(regex.compile(rf"(?<!\p{{L}}){names}(?=\s\d)"), say)
    yield Rule(regex.compile(rf"(?<=\d(?:\p{{L}}{{1,4}}|\.)?\s){names}{CLOSED}"), say)


def _year_rules(language: Language, dates: "_Dates") -> Iterator[Rule]:
    """Yield the rules for years and decades that a voice would count in thousands."""
    if after := language.dates.get("year_after"):
        pattern = rf"(?<=(?<!\p{{L}})(?i:{either(after)})\s)1[1-9]\d\d(?![\p{{L}}\d]|[.,:/-]\d)"
        yield Rule(regex.compile(pattern), lambda match: dates.year(int(match[0])))
    decades: dict[str, str] = language.dates.get("decades", {})
    if decades:
        pattern = rf"(?<![\p{{L}}\d.,'’])['’]?(\d\d)?([1-9]0)['’]?s{CLOSED}"

        def say(match: Match) -> str:
            decade = decades.get(match[2])
            return " ".join(filter(None, (match[1], decade))) if decade else match[0]

        yield Rule(regex.compile(pattern), say)


def _moment(year: int, month: int, day: int) -> date | None:
    """Return a date; with month and day exchanged where there is no such month; None for none."""
    try:
        return date(year, month, day) if month <= _MONTHS else date(year, day, month)
    except ValueError:
        return None


class _Dates:
    """Dates in the words of a language."""

    def __init__(self, language: Language, cldr: Cldr) -> None:
        self._cldr = cldr
        self._days: list[str] = language.dates.get("days") or [*language.ordinals.get(".", ())]
        self._century: str = language.dates.get("century", "")
        self._few: str = language.dates.get("century_few", self._century)
        self._endings = endings_by_word(language, dates=True)
        self._otherwise: str = language.ordinal_endings.get("otherwise", "")
        long = cldr.locale.date_formats["long"].pattern
        self.before_month, self.before_year = (
            found[1] if (found := regex.search(rf"{before} '(\w+)' {behind}", long)) else ""
            for before, behind in (("d", "M"), ("M", "y"))
        )
        full = cldr.locale.months["format"]["wide"]
        self.months: dict[str, str] = {name: name for name in full.values()}
        for written in (
            cldr.locale.months["format"]["abbreviated"],
            cldr.locale.months["stand-alone"]["abbreviated"],
        ):
            for number, name in written.items():
                self.months.setdefault(name.removesuffix("."), full[number])

    def say(self, match: Match) -> str:
        """Put a date in figures in words; one that is none stays."""
        from babel.dates import format_date  # noqa: PLC0415

        groups = match.groupdict()
        year = groups.get("year")
        moment = _moment(int(year or _LEAP), int(match["month"]), int(match["day"]))
        if moment is None:
            return match[0]
        # The short word for a year behind it need not be said.
        long: str = self._cldr.locale.date_formats["long"].pattern
        pattern = regex.sub(r"\s?'\p{L}'\.|(?<=y)\.$", "", long)
        words = {"y": self.year(moment.year)}
        if self._days:
            words["d"] = self._day(moment.day, match)

        def literal(token: Match) -> str:
            word = words.get(token[0][0])
            return token[0] if word is None else "'" + word.replace("'", "''") + "'"

        if year is None:
            pattern = regex.sub(r"(?<=M)[^M]*$", "", pattern)
        said = format_date(moment, _TOKEN.sub(literal, pattern), locale=self._cldr.locale)
        said += ", " if groups.get("time") is not None else stop(match)
        return self._after(match, said)

    def say_day(self, match: Match) -> str:
        """Put the day of a month in words."""
        return self._after(match, self._day(int(match["day"]), match) + " ")

    def year(self, year: int) -> str:
        """Return what a year is said like."""
        century, rest = divmod(year, 100)
        if not self._century or not 1100 < year < 2000 or not rest:
            return str(year)
        template = self._few if rest < 10 else self._century
        return template.format(century=century, rest=rest)

    def _day(self, day: int, match: Match) -> str:
        """Return the day of a date, with the ending that the word before it asks for."""
        if not 0 < day <= len(self._days):
            return str(day)
        before = (match["before"] or "").lower()
        return self._days[day - 1] + self._endings.get(before, self._otherwise)

    @staticmethod
    def _after(match: Match, said: str) -> str:
        """Keep the word that was before a date."""
        return f"{match['before']} {said}" if match["before"] else said
