"""Where text is cut that does not end a sentence: at a clause, between words, anywhere. Pure."""

import regex

from wyoming_services.tts.sentences.view import Next, View
from wyoming_services.tts.sentences.words import Words

LONGEST = 400
"""Characters of a piece at most. It bounds what is said in one breath, and the work on it."""
_SHORTEST_CLAUSE = 25
"""Characters before a clause may end the first piece: shorter ones sound cut off."""
_LONGEST_WAIT = 100
"""Characters after which the first piece ends between any two words."""

_CLAUSE_END = regex.compile(r"[\p{Terminal_Punctuation}\p{Pe}\p{Pf}][\"'\p{Pe}\p{Pf}]*\s+|\n+")
_SPACE = regex.compile(r"\s+")
_BREATH = regex.compile(r"(?:[,;:،؛،—–]|\s-)[\"'*_\p{Pe}\p{Pf}]*$")
WIDE_COMMAS = "、，；："
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")
_SPACED = regex.compile(r"[\p{Thai}\p{Lao}]")
_POLITE = regex.compile(r"(?:ครับ|ค่ะ|คะ|จ้ะ|จ้า|ເຈົ້າ)$")
"""What sentences spoken to somebody end with."""
_SPACED_SENTENCE = 40
"""Characters after which a space is taken for the end of a sentence."""


class FirstClause:
    """Judges where a text may be cut first, before its first sentence ends."""

    def __init__(self, words: Words) -> None:
        self._conjunctions = words.conjunctions

    def judge(self, view: View, at: int) -> int:
        """Judge a space or wide comma; return where to cut, 0 for nowhere.

        Raises:
            Undecided: what follows has to be known first.
        """
        piece = view.text[:at].strip()
        length = len(piece) + len(_WIDE.findall(piece))
        if length < _SHORTEST_CLAUSE:
            return 0
        if view.text[at] in WIDE_COMMAS or _BREATH.search(piece[-8:]):
            return at + 1
        if length > _LONGEST_WAIT:
            within_number = piece[-1].isdigit() and view.next(at) is Next.DIGIT
            return 0 if within_number else at + 1
        return at + 1 if view.word(at).lower() in self._conjunctions else 0


class SpacedSentences:
    """Judges spaces in scripts that have them between sentences and clauses only: Thai and Lao."""

    def judge(self, view: View, at: int) -> int:
        """Judge a space behind a letter of these; return where to cut, 0 for nowhere.

        Raises:
            Undecided: what follows has to be known first.
        """
        if not _SPACED.match(view.text[:at][-1:]) or not _SPACED.match(view.known(at + 1)):
            return 0
        polite = _POLITE.search(view.text, max(0, at - 8), at) is not None
        return at + 1 if polite or at >= _SPACED_SENTENCE else 0


def longest_piece(text: str) -> int:
    """Return where to cut a text that is too long: after a clause, between words, or anywhere."""
    return _last_end(_CLAUSE_END, text) or _last_end(_SPACE, text) or LONGEST


def _last_end(pattern: "regex.Pattern[str]", text: str) -> int | None:
    """Return where the last match within the longest piece ends, unless it is near the start."""
    ends = [match.end() for match in pattern.finditer(text, 0, LONGEST)]
    return ends[-1] if ends and ends[-1] > LONGEST // 4 else None
