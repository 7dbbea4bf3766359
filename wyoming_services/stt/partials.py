"""The part of a transcript that will not change any more. Pure."""

from itertools import takewhile


class PartialTranscript:
    """Finds words that two readings in a row agree on: later readings hardly ever change those.

    "LocalAgreement" of Liu, Spanakis and Niehues, "Low-Latency Sequence-to-Sequence Speech
    Recognition and Translation by Partial Hypothesis Selection", Interspeech 2020.

    Attributes:
        told: what was given out so far.
    """

    def __init__(self) -> None:
        self.told = ""
        self._last: list[str] = []

    def agree(self, text: str) -> str:
        """Take a reading; return what follows from it that was not given out yet."""
        words = text.split()
        pairs = zip(words, self._last, strict=False)
        agreed = " ".join(word for word, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        self._last = words
        return self.rest(agreed)

    def rest(self, text: str) -> str:
        """Return what follows what was given out; nothing when the text begins differently."""
        if not text.startswith(self.told):
            return ""
        rest, self.told = text[len(self.told) :], text
        return rest
