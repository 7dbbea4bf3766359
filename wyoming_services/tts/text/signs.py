"""Signs between words: &, =, +, →, and a slash before a span of time. Pure."""

from collections.abc import Iterator

import regex

from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import CLOSED, Rule, either


def rules(language: Language) -> Iterator[Rule]:
    """Yield the rules for signs."""
    signs = language.signs
    if signs:
        arrows = {sign: word for sign, word in signs.items() if sign in "→←↔⇒➔"}
        if arrows:
            first = rf"^\s*{either(arrows)}\s+"
            yield Rule(regex.compile(first), lambda _: "")
            pattern = rf"(?<=\S)\s?({either(arrows)})\s?(?=[^\s.])"
            yield Rule(regex.compile(pattern), lambda match: f" {arrows[match[1]]} ")
        # Steps through menus: Settings > System.
        menu = r"(?<=\p{L})\s(?:>|›|»)\s(?=\p{Lu})"
        yield Rule(regex.compile(menu), lambda _: ", ")
        yield Rule(
            regex.compile(rf"(?<=\S\s)({either(signs)})(?=\s\S)"), lambda match: signs[match[1]]
        )
    per = language.words.get("per")
    if per and (spans := language.after_slash.get("words")):
        yield Rule(
            regex.compile(rf"(?<=[\p{{L}}\d])\s?/\s?(?={either(spans)}{CLOSED})"),
            lambda _: f" {per} ",
        )
