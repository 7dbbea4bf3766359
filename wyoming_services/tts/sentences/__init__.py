"""Cutting a stream of text into pieces that can be spoken one after another. Pure.

A piece is a sentence with the space behind it, or a line. Where a text is cut depends on the text
alone and not on how it comes, except where the caller says that it paused. A decision looks at the
piece and at some characters behind it, so the work is the same for every character.
"""

from collections.abc import Iterator

import regex

from wyoming_services.tts.sentences import lines
from wyoming_services.tts.sentences.clauses import (
    LONGEST,
    WIDE_COMMAS,
    FirstClause,
    SpacedSentences,
    longest_piece,
)
from wyoming_services.tts.sentences.ends import MARKS, SentenceEnds
from wyoming_services.tts.sentences.view import Undecided, View
from wyoming_services.tts.sentences.words import words

_LOOKAHEAD = 64
"""Characters behind the longest piece that are looked at to decide about it."""
_BLOCK = 256
"""Characters taken at once: what is held stays short, however much comes."""
_PLACES = rf"[{MARKS};\n\r]|(?<=[\p{{Thai}}\p{{Lao}}]) "
_PLACE = regex.compile(_PLACES)
_PLACE_OR_CLAUSE = regex.compile(rf"{_PLACES}|\s|[{WIDE_COMMAS}]")


class SentenceStream:
    """Takes text as it comes and gives back pieces that make up exactly that text.

    Args:
        language: of the text, as a tag (`en_US`); general rules without it.
        first_clause: the first piece need not be a sentence, it may end with a clause.
    """

    def __init__(self, language: str = "", *, first_clause: bool = False) -> None:
        known = words(language)
        self._ends = SentenceEnds(known, language)
        self._spaces = SpacedSentences()
        self._clauses = FirstClause(known) if first_clause else None
        self._held = ""
        self._seen = 0
        self._at_line_start = True
        self._in_code = False

    def add(self, text: str) -> Iterator[str]:
        """Take more text; yield the pieces it completes."""
        for start in range(0, len(text), _BLOCK):
            self._held += text[start : start + _BLOCK]
            while cut := self._cut(self._view(written=False)):
                yield self._take(cut)

    @property
    def resting(self) -> bool:
        """Whether the text held ends like a sentence, as far as can be seen: `pause` yields it."""
        view = self._view(written=True)
        return len(self._held) <= len(view.text) and (
            self._ends.may_rest(view) or lines.may_rest(view)
        )

    def pause(self) -> Iterator[str]:
        """Yield what is held if it ends like a sentence: no more text came for a moment."""
        if self.resting:
            yield self._take(len(self._held))

    def finish(self) -> Iterator[str]:
        """Yield what is left."""
        while cut := self._cut(self._view(written=True)):
            yield self._take(cut)
        if self._held:
            yield self._take(len(self._held))

    def _view(self, *, written: bool) -> View:
        """Return what may be looked at of the text held; always the same where it is enough."""
        longest = LONGEST + _LOOKAHEAD
        return View(
            self._held[:longest],
            whole=written or len(self._held) >= longest,
            at_line_start=self._at_line_start,
            in_code=self._in_code,
        )

    def _cut(self, view: View) -> int:
        """Return where the next piece ends, 0 if that is not known yet."""
        places = _PLACE_OR_CLAUSE if self._clauses else _PLACE
        while place := places.search(view.text, self._seen, LONGEST):
            try:
                cut, seen = self._judge(view, place.start())
            except Undecided:
                self._seen = place.start()
                return 0
            if 0 < cut <= LONGEST:
                return cut
            self._seen = seen
        self._seen = max(self._seen, min(len(view.text), LONGEST))
        return longest_piece(view.text) if view.whole and len(view.text) > LONGEST else 0

    def _judge(self, view: View, at: int) -> tuple[int, int]:
        """Judge a place; return where to cut, 0 for nowhere, and where to look on in that case.

        Raises:
            Undecided: what follows has to be known first.
        """
        character = view.text[at]
        if character in lines.BREAKS:
            return lines.judge(view, at), at + 1
        if view.as_is:
            return 0, at + 1
        if not character.isspace() and character not in WIDE_COMMAS:
            return self._ends.judge(view, at)
        cut = self._spaces.judge(view, at)
        if not cut and self._clauses:
            cut = self._clauses.judge(view, at)
        return cut, at + 1

    def _take(self, cut: int) -> str:
        """Take a piece off the text held."""
        piece, self._held = self._held[:cut], self._held[cut:]
        self._in_code ^= View(piece, whole=True, at_line_start=self._at_line_start).is_fence
        self._at_line_start = piece[-1] in lines.BREAKS
        self._seen = 0
        if not piece.isspace():
            self._clauses = None
        return piece
