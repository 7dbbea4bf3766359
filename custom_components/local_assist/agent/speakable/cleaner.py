"""The streaming cleaner."""

from .markdown import Markdown
from .patterns import GAP
from .pieces import Piece, Speech
from .tags import Tags


class Speakable:
    """Takes what a model streams apart into speech, thoughts and printed tool calls.

    Safe at every chunk boundary: any chunking of a text gives the same speech and the same
    thoughts, each joined, and the same calls. Only what is not decided is held back: plain text
    passes at once, but for white space, a last character that may begin a mark, and a mark itself.

    `spoken=False` is for text that a program reads: only thoughts and special tokens are taken out.
    """

    def __init__(self, *, spoken: bool = True) -> None:
        self._tags = Tags(calls=spoken, gap=GAP if spoken else "")
        self._markdown = Markdown() if spoken else None

    def feed(self, text: str) -> list[Piece]:
        """Return what of the text so far is decided."""
        return self._cleaned(self._tags.feed(text))

    def finish(self) -> list[Piece]:
        """Return what was held back; the text ends here."""
        pieces = self._cleaned(self._tags.finish())
        return pieces + (self._markdown.finish() if self._markdown else [])

    def _cleaned(self, pieces: list[Piece]) -> list[Piece]:
        if self._markdown is None:
            return pieces
        cleaned: list[Piece] = []
        for piece in pieces:
            cleaned += self._markdown.feed(piece.text) if isinstance(piece, Speech) else [piece]
        return cleaned
