"""White space and pauses between the pieces that are spoken."""

from enum import IntEnum

import regex

_SPACE = regex.compile(r"[ \t\r\n\f\v]+")
# Punctuation that makes the voice pause; closing quotes and brackets may follow.
_PAUSES = regex.compile(r"[.!?…:;,।؟۔。！？：；、，][\"')\]»“”’」』]*$")
_NO_SPACE_BEFORE = (".", ",", ";", ":", "!", "?", "…", ")")


class Gap(IntEnum):
    """What stands between two pieces of speech; the widest counts."""

    NONE = 0
    SPACE = 1
    COMMA = 2
    PAUSE = 3


class Spacing:
    """Joins pieces of speech.

    No white space at the beginning and none at the end; one space where there was any within. A
    `PAUSE` is the end of a list item, heading, table row or paragraph: a full stop, unless what
    was said ends with punctuation already. A full stop rather than a comma, since speech begins
    sentence by sentence: with commas a list would be silent until its last item.
    """

    def __init__(self) -> None:
        self._end = ""
        self._gap = Gap.NONE
        self._hole = False

    def widen(self, gap: Gap) -> None:
        """Leave at least this gap before what comes next."""
        self._gap = max(gap, self._gap)

    def leave_out(self) -> None:
        """Take note that something was left out here, so that no space is kept for it alone."""
        self._hole = self._hole or self._gap is Gap.SPACE

    def say(self, text: str) -> str:
        """Return the text as it joins what was said before."""
        said = []
        position = 0
        for space in _SPACE.finditer(text):
            said.append(self._join(text[position : space.start()]))
            self.widen(Gap.SPACE)
            position = space.end()
        said.append(self._join(text[position:]))
        return "".join(said)

    def _join(self, word: str) -> str:
        if not word:
            return ""
        joined = self._joint(word) + word
        self._end = (self._end + joined)[-4:]
        self._gap, self._hole = Gap.NONE, False
        return joined

    def _joint(self, word: str) -> str:
        if not self._end or self._gap is Gap.NONE:
            return ""
        if self._gap is Gap.SPACE:
            return "" if self._hole and word.startswith(_NO_SPACE_BEFORE) else " "
        if _PAUSES.search(self._end):
            return " "
        return ", " if self._gap is Gap.COMMA else ". "
