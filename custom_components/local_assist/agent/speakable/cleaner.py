"""The streaming cleaner."""

from .pieces import Piece, Speech, Thought
from .thought_filter import ThoughtFilter


class Speakable:
    """Takes a stream of text apart, safely at any chunk boundary."""

    def __init__(self, *, spoken: bool = True) -> None:
        self.spoken = spoken
        self._thoughts = ThoughtFilter()

    def feed(self, text: str) -> list[Piece]:
        """Return what of the text so far is decided."""
        return _pieces(*self._thoughts.feed(text))

    def finish(self) -> list[Piece]:
        """Return what was held back; the text ends here."""
        return _pieces(*self._thoughts.finish())


def _pieces(speech: str, thought: str) -> list[Piece]:
    pieces: list[Piece] = []
    if thought:
        pieces.append(Thought(thought))
    if speech:
        pieces.append(Speech(speech))
    return pieces
