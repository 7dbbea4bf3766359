"""Cutting a stream of text into pieces that can be spoken one after another. Pure."""

from collections.abc import Iterator

import regex
from sentence_stream import SentenceBoundaryDetector

_LONGEST = 400
"""Characters of a piece. A voice renders a piece whole, so this bounds time and memory."""
_FED = 500
"""Characters the detector is given at once; its work grows with the square of them."""
_CLAUSE_END = regex.compile(r"[\p{Terminal_Punctuation}\p{Pe}\p{Pf}][\"'\p{Pe}\p{Pf}]*\s+|\n+")
_SPACE = regex.compile(r"\s+")


class SentenceStream:
    """Takes text as it comes and gives back sentences, nothing dropped, nothing twice."""

    def __init__(self) -> None:
        self._detector = SentenceBoundaryDetector()

    def add(self, text: str) -> Iterator[str]:
        """Take more text; yield the sentences it completes."""
        for start in range(0, len(text), _FED):
            for sentence in self._detector.add_chunk(text[start : start + _FED]):
                yield from _pieces(sentence)

    def finish(self) -> Iterator[str]:
        """Yield what is left."""
        yield from _pieces(self._detector.finish())


def _pieces(sentence: str) -> Iterator[str]:
    """Cut an overlong sentence: after a clause if it has one, else between words, else anywhere."""
    while len(sentence) > _LONGEST:
        cut = _last_end(_CLAUSE_END, sentence) or _last_end(_SPACE, sentence) or _LONGEST
        yield sentence[:cut]
        sentence = sentence[cut:]
    if sentence:
        yield sentence


def _last_end(pattern: regex.Pattern[str], sentence: str) -> int | None:
    """Return where the last match within the longest piece ends, unless it is near the start."""
    ends = [match.end() for match in pattern.finditer(sentence, 0, _LONGEST)]
    return ends[-1] if ends and ends[-1] > _LONGEST // 4 else None
