"""Whether a full stop ends a sentence, or belongs to an abbreviation, a number or a name. Pure."""

import unicodedata

import regex

from wyoming_services.tts.sentences.view import Next, View
from wyoming_services.tts.sentences.words import Abbreviation, Words

_OPENING = "([{\"'„“‚‘«»*_~`¿¡—–"
_ELISION = regex.compile(r"^\p{L}{1,2}['’](?=\p{L})")
_LETTER = regex.compile(r"(?:[\p{Lu}a-z]|(?![\p{Lu}\p{Ll}\p{Han}\p{Hangul}\p{Kana}])\p{L})\p{M}*")
_INITIALS = regex.compile(r"(?:\p{L}{1,3}\.-?)+\p{L}{1,3}|(\p{Lu})\1")
"""U.S.A, or a Spanish plural: EE. UU."""
_ROMAN = regex.compile(r"[IVXLC]{2,}")
_CONSONANTS = regex.compile(
    r"[[\p{Latin}\p{Cyrillic}\p{Greek}]--[aeiouyæœøıаеёиоуыэюяєαεηιουω]]{2,4}", regex.VERSION1
)
_NO_FULL_STOP = regex.compile(r"[\p{Thai}\p{Lao}]$")
"""Scripts whose sentences have none at their end."""
_DAY = regex.compile(r"\d{1,2}\.")
_DAY_OR_MONTH = regex.compile(r"\s*\d{1,2}\.")
_TAIL = 48
"""Characters before a full stop that are looked at."""
_MOST_WORDS = 4
"""Words of an abbreviation at most (i. d. R.)."""
_LONGEST_MARK = 3
"""Digits of the number of a list item."""

_GOING_ON = {Next.NOTHING, Next.LOWER, Next.DIGIT, Next.PUNCTUATION}


class FullStops:
    """Judges full stops that a space follows, in a language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def judge(self, view: View, at: int, end: int, *, quoted: bool) -> int:
        """Return where to cut, 0 for nowhere.

        Args:
            view: the text.
            at: where the full stop is.
            end: behind it and what closes with it; a space is there.
            quoted: a quote or bracket closes with it.

        Raises:
            Undecided: what follows has to be known first.
        """
        before = _before(view.text[:at])
        word = before[-1]
        if kind := self._abbreviation(before):
            return self._after_abbreviation(view, kind, word, at, end)
        if word[-1:].isdecimal():
            return self._after_number(view, before, at, end)
        if _LETTER.fullmatch(word):
            return self._after_letter(view, before, end)
        if _INITIALS.fullmatch(word):
            return self._before_opener(view, end)
        short = _short_form(word) or (self._words.ordinals and _ROMAN.fullmatch(word))
        if short or quoted:
            return unless(view, end, _GOING_ON if short else _GOING_ON - {Next.DIGIT})
        return end + 1

    def may_end(self, text: str) -> bool:
        """Tell whether a full stop after a text may end a sentence, whatever follows."""
        before = _before(text)
        word = before[-1]
        return not (
            self._abbreviation(before) in {Abbreviation.INSIDE, Abbreviation.BEFORE_NUMBER}
            or not word
            or word.isdecimal()
            or _LETTER.fullmatch(word)
        )

    def _abbreviation(self, before: list[str]) -> Abbreviation | None:
        """Return what kind of abbreviation the last words are, the longest one first."""
        last = before[-1]
        if _NO_FULL_STOP.search(last):
            return Abbreviation.INSIDE
        for count in range(len(before), 0, -1):
            words = before[-count:]
            if all(word.endswith(".") for word in words[:-1]) and (
                kind := self._words.kind("".join(words))
            ):
                letter = kind is Abbreviation.BEFORE_NUMBER and _LETTER.fullmatch(last)
                return None if letter else kind
        _, joined, title = last.replace("-", "").rpartition(".")  # Dipl.-Ing., Prof.Dr.
        inside = joined and self._words.kind(title) is Abbreviation.INSIDE
        return Abbreviation.INSIDE if inside else None

    def _after_abbreviation(
        self, view: View, kind: Abbreviation, word: str, at: int, end: int
    ) -> int:
        """Judge an abbreviation."""
        if kind is Abbreviation.INSIDE:
            return 0
        if kind is Abbreviation.NAME:
            return self._before_opener(view, end)
        following = view.next(end)
        if kind is Abbreviation.BEFORE_NUMBER:
            if following is Next.UPPER and _ROMAN.fullmatch(view.word(end)):
                return 0
            said = word in self._words.sentences
            if said and (following is Next.LOWER or view.begins(view.text.rfind(word, 0, at))):
                return end + 1
        return 0 if following in _GOING_ON else end + 1

    def _after_number(self, view: View, before: list[str], at: int, end: int) -> int:
        """Judge a number: the mark of a list item, an ordinal, or just a number."""
        word = before[-1]
        start = view.text.rfind(word, 0, at)
        if word.isdecimal() and len(word) <= _LONGEST_MARK:
            if view.begins(start) or (word == "1" and view.text[:start].rstrip().endswith(":")):
                return 0
            if self._counts_on(view, start, int(word)):
                return start
        return self._after_ordinal(view, before, end) if self._words.ordinals else end + 1

    def _after_ordinal(self, view: View, before: list[str], end: int) -> int:
        """Judge a number in a language that writes ordinals with a full stop."""
        following = view.next(end)
        if following is Next.DIGIT:
            view.known(end + 4)
            date = _DAY_OR_MONTH.match(view.text, end) or _DAY.fullmatch(before[-2:][0])
            return 0 if date else end + 1
        if following is not Next.UPPER:
            return 0 if following in _GOING_ON else end + 1
        word = view.word(end)
        ordinal = word.startswith(tuple(self._words.ordinal_nouns)) or (
            len(before) > 1 and before[-2].lower() in self._words.before_ordinal
        )
        return 0 if ordinal and word not in self._words.openers else end + 1

    def _counts_on(self, view: View, start: int, number: int) -> bool:
        """Tell whether a number marks the next item of a list within a line: 1. Open 2. Close."""
        previous = view.text.find(f"{number - 1}. ", 0, start)
        if number < 2 or previous < 0:
            return False
        listed = view.begins(previous) or view.text[:previous].rstrip().endswith(":")
        said = view.text[previous:start].split()[-1].lower()
        return listed and said[-1] not in ",." and said not in self._words.before_ordinal

    def _after_letter(self, view: View, before: list[str], end: int) -> int:
        """Judge a single letter: of a name (J. Smith), a unit (5 m), a thing (vitamin C)."""
        following = view.next(end)
        if following in _GOING_ON:
            return 0
        previous = before[-2].lower() if len(before) > 1 else ""
        if previous in self._words.lettered:
            return end + 1
        if following is Next.UPPER:
            word = view.word(end)
            unit = previous[-1:].isdecimal() and len(word) > 1
            spaced = self._words.kind(f"{before[-1]}.{word}")  # v. Chr.
            return end + 1 if unit and not spaced else self._before_opener(view, end)
        return 0 if _caseless(before[-1]) else end + 1

    def _before_opener(self, view: View, end: int) -> int:
        """Cut only before a word that begins sentences, and no name."""
        following = view.next(end)
        if following is not Next.UPPER:
            return 0 if following in _GOING_ON else end + 1
        word = view.word(end)
        first, apostrophe, _ = word.partition("'")
        openers = self._words.openers
        return end + 1 if {word, first, first + apostrophe} & openers else 0


def _before(text: str) -> list[str]:
    """Return the last words of a text, one at least, without what opens and emphasises them."""
    written = text[-_TAIL:].split()[-_MOST_WORDS:]
    words = [_ELISION.sub("", word.lstrip(_OPENING)).rstrip("*_~`") for word in written]
    return words if words and not text[-1:].isspace() else [*words, ""]


def unless(view: View, end: int, going_on: set[Next]) -> int:
    """Cut after the space unless what follows shows that the sentence goes on."""
    return 0 if view.next(end) in going_on else end + 1


def _short_form(word: str) -> bool:
    """Tell whether a word cannot be spoken, and so is probably short for another one."""
    plain = unicodedata.normalize("NFD", word.lower())
    return not word.isupper() and _CONSONANTS.fullmatch(plain) is not None


def _caseless(letter: str) -> bool:
    """Tell whether a letter is of a script without capitals."""
    return letter.upper() == letter.lower()
