"""Abbreviations in full: e.g., No. 5, Dr. Smith, z. B., Nr. 5. Pure."""

from collections.abc import Iterator, Mapping

import regex

from wyoming_services.tts.text.languages import Language
from wyoming_services.tts.text.rules import Match, Rule, stop

_BEFORE = r"(?<![\p{L}\p{M}\d._/@-])"


def rules(language: Language) -> Iterator[Rule]:
    """Yield the rules for abbreviations."""
    yield from _Table(language.abbreviations).rules(_BEFORE, r"(?![\p{L}\p{M}\d_@])")
    words_too = frozenset(language.sentences.get("words", ()))
    number = _Table(language.abbreviations_before_number, words_too)
    yield from number.rules(_BEFORE, r"\s?(?=[\d#])", " ")
    name = _Table(language.abbreviations_before_name)
    yield from name.rules(_BEFORE, r"\s?(?=\p{Lu})", " ")
    after = _Table(language.abbreviations_after_name)
    yield from after.rules(r"(?<=\p{Lu}[\p{L}'’-]{1,30},?\s)", r"(?!\p{L})")
    endings = _Table(language.abbreviation_endings)
    yield from endings.rules(r"(?<=\p{L}\p{Ll}{2})", r"(?!\p{L})")


def joined(language: Language) -> Iterator[Rule]:
    """Yield the rule for words that grow together once numbers and abbreviations are words."""
    yield from _Table(language.joined).rules(_BEFORE, r"(?![\p{L}\p{M}\d_@])")


class _Table:
    """Abbreviations with what they stand for.

    Args:
        full: what each stands for.
        words_too: those that, at the beginning of a text, are a word and a full stop.
    """

    def __init__(self, full: Mapping[str, str], words_too: frozenset[str] = frozenset()) -> None:
        self._full = {_key(short): long for short, long in full.items()}
        self._words_too = words_too
        self._written = sorted(full, key=len, reverse=True)

    def rules(self, before: str, behind: str, gap: str = "") -> Iterator[Rule]:
        """Yield the rule for these abbreviations in a place."""
        if not self._written:
            return

        def say(match: Match) -> str:
            if match[1] in self._words_too and not match.string[: match.start()].strip():
                return match[0]
            long = self._full.get(_key(match[1]))
            if long is None:
                long = self._full[_key(match[1][0].lower() + match[1][1:])]
                long = long[0].upper() + long[1:]
            return long + gap + stop(match)

        pattern = "|".join(map(_pattern, self._written))
        yield Rule(regex.compile(rf"{before}({pattern}){behind}"), say)


def _pattern(short: str) -> str:
    """Return the pattern of an abbreviation: any space or none within, a capital in front."""
    first, rest = short[0], short[1:]
    capital = f"[{first}{first.upper()}]" if first.upper() != first else regex.escape(first)
    return capital + r"\s?".join(map(regex.escape, rest.split(" ")))


def _key(short: str) -> str:
    """Return an abbreviation without space."""
    return regex.sub(r"\s", "", short)
