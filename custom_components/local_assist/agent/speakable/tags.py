"""Split a stream of text at the marks of `tokens`."""

import regex

from . import tokens
from .pieces import CallText, Piece, Speech, Thought
from .stream import Stream
from .tokens import Mark

_MAY_BEGIN = regex.compile(r"[<\[◁]")


class Tags:
    """Splits text into what is said, what is thought and, if `calls`, what is a call in tags.

    White space between a mark and the first word belongs to the mark and goes.
    """

    def __init__(self, *, calls: bool, gap: str = "") -> None:
        """`gap` stands in what is said wherever a mark was."""
        self._marks = tokens.SPOKEN if calls else tokens.VERBATIM
        self._first_marks = tokens.FIRST_SPOKEN if calls else tokens.FIRST_VERBATIM
        self._gap = gap
        self._stream = Stream()
        self._open: tuple[Mark, regex.Pattern[str]] | None = None
        self._call = ""
        self._begun = False
        self._after_mark = False
        self._pieces: list[Piece] = []

    def feed(self, text: str) -> list[Piece]:
        """Return what of the text so far is decided; speech as it came, marks taken out."""
        self._stream.text += text
        while self._stream.text and self._step():
            pass
        pieces, self._pieces = self._pieces, []
        return pieces

    def finish(self) -> list[Piece]:
        """Return what was held back; the text ends here."""
        self._stream.final = True
        pieces = self.feed("")
        if self._call:
            pieces.append(CallText(self._call))
        return pieces

    def _step(self) -> bool:
        """Decide the next place; return whether it could be decided."""
        if self._open:
            return self._inside(*self._open)
        self._say(self._up_to_next())
        return bool(self._stream.text) and self._mark_or_text()

    def _up_to_next(self) -> int:
        """Return how much plain text comes first."""
        text = self._stream.text
        if not self._begun:
            return len(text) - len(text.lstrip())
        found = _MAY_BEGIN.search(text)
        return found.start() if found else len(text)

    def _say(self, length: int) -> None:
        text = self._stream.take(length)
        if not self._begun:
            self._begun = bool(text.strip())
        if text and (self._begun or not self._after_mark):
            self._pieces.append(Speech(text))

    def _mark_or_text(self) -> bool:
        """Take the mark that is next, or one character; False: undecided."""
        for mark in self._marks if self._begun else self._first_marks:
            match, waits = self._stream.match(mark.opens)
            if waits:
                return False
            if match:
                self._enter(mark, self._stream.take(match.end()))
                return True
        self._say(1)
        return True

    def _enter(self, mark: Mark, text: str) -> None:
        self._after_mark = True
        if self._gap:
            self._pieces.append(Speech(self._gap))
        if mark.closes:
            self._open = (mark, mark.closes)
            self._call = text if mark.holds is CallText else ""

    def _inside(self, mark: Mark, closes: regex.Pattern[str]) -> bool:
        """Take in what an open mark holds; return whether it ended."""
        start, end = self._stream.search(closes)
        content = self._stream.take(start)
        closing = self._stream.take(0 if end is None else end - start)
        if mark.holds is CallText:
            self._call += content + closing
        elif content:
            self._pieces.append(Thought(content))
        if end is None:
            return False
        self._open = None
        if self._call:
            self._pieces.append(CallText(self._call))
            self._call = ""
        return True
