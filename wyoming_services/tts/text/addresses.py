"""Addresses and names that machines read: e-mail, IP, versions, light.kitchen_lamp. Pure."""

from collections.abc import Iterator

import regex

from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import Match, Rule

_MAIL = r"(?<![\w.@+-])[\w.+-]{1,64}+@[\p{L}\d-]{1,63}+(?:\.[\p{L}\d-]{1,63}+){1,8}+(?!\w|@)"
_DOTTED = r"(?<![\p{L}\d.,:/-])([vV]?)(\d{1,4}(?:\.\d{1,4}){2,5}+)(?![\p{L}\d_]|[.,/-]\d)"
_NAME = r"(?<![\w.@/:-])\p{L}[\p{L}\d]*+(?:[._](?=[\p{L}\d])[\p{L}\d]++)++(?![\w@/]|\.\w|:/)"
_HOST = (
    r"(?<![\w@/:.-])\p{L}[\p{L}\d-]++(?:\.[\p{L}\d-]{2,63}+){0,4}?"
    r"\.(?:com|org|net|info|io|eu|dev|app|tv|local|it|fr|de|es|nl|be|ch|at|uk"
    r"|yaml|yml|json|txt|log|py|md|pdf|csv|html|xml|jpg|png|mp3|mp4)(?![\w@-]|\.\w)"
)
"""A host or a file; not any words around a dot: that may be an abbreviation ("Sig.ra")."""
_PHONE = r"(?<![\w.,:/+-])(?:\+\d{1,3}|0\d{1,4})(?:[\s/-]\d{1,10}){1,6}+(?![\w/]|[-.,:]\d)"
_PAIRS = r"^\d{3}(?=(?:\d\d)+$)|\d\d"
_COUNTED = 3
"""Digits that are said as one number."""
_LEAST_PHONE = 8
"""Digits of a telephone number with its code."""
_THOUSANDS = regex.compile(r"\d{1,3}(?:\.\d{3})+")


def rules(language: Language) -> Iterator[Rule]:
    """Yield the rules for addresses."""
    words = language.words
    if "at" in words and "dot" in words:
        marks = {"@": "at", ".": "dot", "-": "dash", "_": "underscore", "+": "plus"}
        said = {mark: words.get(word, mark) for mark, word in marks.items()}
        pattern = regex.compile("|".join(map(regex.escape, said)))
        yield Rule(
            regex.compile(_MAIL),
            lambda match: pattern.sub(lambda mark: f" {said[mark[0]]} ", match[0]),
        )
    if dot := words.get("dot"):

        def numbers(match: Match) -> str:
            if _THOUSANDS.fullmatch(match[2]):
                return match[0]
            return match[1] + match[2].replace(".", f" {dot} ")

        yield Rule(regex.compile(_DOTTED), numbers)
    if "dot_of_names" in words:
        of_names = f" {words['dot_of_names']} "
        yield Rule(regex.compile(_HOST), lambda match: match[0].replace(".", of_names))
    yield Rule(regex.compile(_NAME), _name)
    yield Rule(regex.compile(_PHONE), _phone)


def _name(match: Match) -> str:
    """Say the words of an identifier: only an underscore tells one from a host or a typing slip."""
    return regex.sub("[._]", " ", match[0]) if "_" in match[0] else match[0]


def _phone(match: Match) -> str:
    """Say a telephone number in groups that are short enough to write down."""
    code, *groups = regex.findall(r"\+?\d+", match[0])
    if sum(map(len, (code, *groups))) < _LEAST_PHONE:
        return match[0]
    short = [
        part
        for group in groups
        for part in ([group] if len(group) <= _COUNTED else regex.findall(_PAIRS, group))
    ]
    return " ".join((code, *short))
