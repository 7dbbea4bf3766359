"""Numbers as such: ranges, signs, fractions, products, ordinals: 3-5, -5, ±2, ½, 3x, 3rd. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

import regex

from wyoming_services.tts.text.cldr import Cldr
from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import ALONE, CLOSED, NUMBER, Match, Rule, either, span
from wyoming_services.tts.text.units import Units

_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4"}
_CURRENCY = r"[€$£¥]?"
_SIGNS = {"~": "about", "≈": "about", "<": "less", ">": "more", "≤": "at_most", "≥": "at_least"}
_SIGNS |= {"#": "number", "±": "plus_minus"}
_LENGTH = r"(?:[cdm]?m|ft|in|yd|px)"
_SIZE = (
    rf"(?<=\d|\d\s?{_LENGTH})\s?×\s?"
    rf"(?=[\d.,]{{1,8}}+(?:\s?×\s?[\d.,]{{1,8}}+)?\s?{_LENGTH}(?!\p{{L}}))"
)
"""The sign between the sides of something."""
_LONGEST_RANGE = 4
"""Digits of a number in a range without a unit."""


def signs(language: Language) -> Iterator[Rule]:
    """Yield the rules for signs in front of a number, which money and units then follow."""
    words = language.words
    if minus := words.get("minus"):
        yield Rule(regex.compile(r"(?<!\S)([€$£¥])\s?[-−](?=\d)"), lambda m: f"{minus} {m[1]}")
        pattern = rf"(?<![^\s(\[])(?<!\d\s)[-−](?={_CURRENCY}\d)"
        yield Rule(regex.compile(pattern), lambda _: f"{minus} ")
    known = {sign: words[word] for sign, word in _SIGNS.items() if word in words}
    pattern = rf"(?<![\p{{L}}\d<>&#=-])({either(known)})\s?(?={_CURRENCY}\d)"
    yield Rule(regex.compile(pattern), lambda match: f"{known[match[1]]} ")


def marks(language: Language, cldr: Cldr) -> Iterator[Rule]:
    """Yield the rules for marks within and between numbers that voices do not read."""
    if cldr.group in language.numbers.get("unread", ()):
        grouped = rf"{ALONE}[1-9]\d{{0,2}}(?:{regex.escape(cldr.group)}\d{{3}})++(?!\d)"
        yield Rule(regex.compile(grouped), lambda m: m[0].replace(cldr.group, ""))
    if language.numbers.get("spaced"):
        telephone = rf"(?!{language.numbers.get('telephone', '(?!)')}(?!\d))"
        spaced = (
            rf"(?<![\p{{L}}\d.,:/+-])(?<!\d\s){telephone}"
            r"[1-9]\d{0,2}(?:\s\d{3}){1,4}+(?![\p{L}\d]|\s\d)"
        )
        yield Rule(regex.compile(spaced), lambda match: regex.sub(r"\s", "", match[0]))
    # It is left to the rules for signs: in Dutch, minus is written like the unit of minutes.
    difference = rf"(?<=\d)\s[-–]\s(?={NUMBER}\s?=)"
    yield Rule(regex.compile(difference), lambda _: " − ")
    between = r"(?<=\d\s?(?:%|°[CF]?))\s?/\s?(?=[-−+]?\d)"
    yield Rule(regex.compile(between), lambda _: ", ")
    if after := language.numbers.get("degree_after"):
        ordinal = rf"(?<=(?<!\p{{L}})(?i:{either(after)})\s\d{{1,2}})°(?!\s?[CF\d])"
        yield Rule(regex.compile(ordinal), lambda _: "º")
    if out_of := language.words.get("out_of"):
        ratings = [r"(\d{1,2}[.,]\d{1,2})/(?=\d{1,3}(?![\d/]|[.,]\d))"]
        if "after" in language.dates:
            # Where dates have a word in front, other numbers are no date either.
            ratings.append(r"(\d{1,2})/(?=(?:10|20|100)(?![\d/]|[.,]\d))")
        for rating in ratings:
            pattern = ALONE + rating
            yield Rule(regex.compile(pattern), lambda match: f"{match[1]} {out_of} ")


def ranges(language: Language, cldr: Cldr, units: Units) -> Iterator[Rule]:
    """Yield the rules for ranges of numbers."""
    if "to" not in language.words:
        return

    def say(match: Match) -> str:
        first, last, dash = match["first"], match["last"], match["dash"]
        ascending = cldr.number(first)[1] < cldr.number(last)[1]
        short = len(first) <= _LONGEST_RANGE >= len(last) <= len(first) + 1
        if not match["unit"] and not (ascending and short and "0" not in (first[0], last[0])):
            return match[0]
        if dash != dash.strip() and not match["unit"]:
            return match[0]
        kind = "days" if month.match(match.string, match.end()) else "numbers"
        return span(language, kind, match, first, last) + (match["unit"] or "")

    month = regex.compile(rf"\s{either(cldr.locale.months['format']['wide'].values())}(?!\p{{L}})")
    unit = rf"(?<unit>\s?{units.symbols}{CLOSED})?"
    yield Rule(
        regex.compile(
            rf"(?<!-)(?<!\d\s){ALONE}(?<first>{NUMBER})(?<dash>[-–])(?<last>{NUMBER}){unit}"
            r"(?![\p{L}\d_]|[-–/:]\S|[.,]\d)"
        ),
        say,
    )


def values(language: Language, units: Units) -> Iterator[Rule]:
    """Yield the rules for fractions and products."""
    words, fractions = language.words, language.fractions
    if fractions:
        signs = {sign: fraction for sign, fraction in _VULGAR.items() if fraction in fractions}

        def say(match: Match) -> str:
            alone, after, *after_one = fractions[signs.get(match["part"], match["part"])]
            said = f"{match['whole']} {after}" if match["whole"] else alone
            if match["whole"] == "1" and after_one:
                said = after_one[0]
            if not match["unit"]:
                return said
            counted = Decimal(match["whole"] or 1)
            return units.say(said, counted, match["unit"]) or f"{said} {match['unit']}"

        part = rf"(?<part>{either(signs)}|{either(fractions)}(?![\d/.,]\d?))"
        whole = rf"(?:(?<whole>\d{{1,4}}+)(?:\s|(?={either(signs)})))?+"
        unit = rf"(?:\s?(?<unit>{units.symbols}){CLOSED})?"
        yield Rule(regex.compile(rf"{ALONE}{whole}{part}(?![\d/]){unit}"), say)
    by = words.get("by")
    if by:
        yield Rule(regex.compile(_SIZE), lambda _: f" {by} ")
    if times := words.get("times"):
        product = words.get("product", times)
        pattern = r"(?<=\d)(?:\s?×\s?|\s\*\s|\*)(?=\d)"
        yield Rule(regex.compile(pattern), lambda _: f" {product} ")
        yield Rule(regex.compile(rf"{ALONE}(\d{{1,3}}+)[x×]{CLOSED}"), lambda m: f"{m[1]} {times}")
    if by:
        yield Rule(regex.compile(r"(?<=\d)(?:x|\sx\s)(?=\d)"), lambda _: f" {by} ")


def ordinals(language: Language) -> Iterator[Rule]:
    """Yield the rules for ordinals, decades and the word for one."""
    for mark, ordered in language.ordinals.items():
        if mark != ".":
            yield Rule(
                regex.compile(rf"{ALONE}(\d{{1,3}}+){regex.escape(mark)}{CLOSED}"),
                partial(_marked, ordered),
            )
    endings = endings_by_word(language)
    if endings and "." in language.ordinals:

        def say(match: Match) -> str:
            word = _nth(language.ordinals["."], match[2])
            return f"{match[1]} {word}{endings[match[1].lower()]}" if word else match[0]

        before = rf"(?<!\p{{L}})((?i:{either(endings)}))"
        yield Rule(regex.compile(rf"{before}\s(\d{{1,3}}+)\.(?=\s\p{{L}})"), say)


def ones(language: Language) -> Iterator[Rule]:
    """Yield the rules for numbers that end in the word one, which agrees with a noun."""
    for one, nouns in language.one.items():
        *leading, word = one.split()
        after = rf"(?<=(?<!\p{{L}})(?i:{regex.escape(' '.join(leading))})\s)" if leading else ""
        forms = {"1": word, **language.one_in.get(one, {})}
        gap = r"\s(?=" if word.endswith("'") else r"(?=\s"
        pattern = rf"{ALONE}{after}({either(forms)}){gap}{either(nouns)}(?!\p{{L}}))"
        yield Rule(regex.compile(pattern), partial(_form, forms))


def endings_by_word(language: Language, *, dates: bool = False) -> dict[str, str]:
    """Return the ending of an ordinal after each word that asks for one, before months or not."""
    tables = dict(language.ordinal_endings)
    tables.pop("otherwise", None)
    only_dates = tables.pop("only_dates", {})
    endings = {word: ending for ending, words in tables.items() for word in words}
    if dates:
        endings |= {word: ending for ending, words in only_dates.items() for word in words}
    return endings


def _marked(ordered: Sequence[str], match: Match) -> str:
    """Say a number with the mark of an ordinal."""
    return _nth(ordered, match[1]) or match[0]


def _form(forms: Mapping[str, str], match: Match) -> str:
    """Say a number in the form that agrees with what is counted."""
    return forms[match[1]]


def _nth(ordered: Sequence[str], digits: str) -> str | None:
    """Return the ordinal of a number, if it is among them."""
    number = int(digits)
    return ordered[number - 1] if 0 < number <= len(ordered) else None
