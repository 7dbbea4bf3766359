"""Keep what a model thinks aloud out of what is spoken."""

OPEN = "<think>"
CLOSE = "</think>"


class ThoughtFilter:
    """Splits a stream of text into speech and the thoughts some models print in tags.

    Safe at any chunk boundary: the start of what may become a tag is held back until it is decided.
    White space before the first spoken word is dropped. A closing tag on its own, as models print
    whose opening tag is part of the prompt, is dropped too; what came before it was spoken already.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._begun = False

    def feed(self, text: str) -> tuple[str, str]:
        """Return what of the text so far can be spoken now, and what is thought."""
        self._held += text
        speech, thoughts = "", ""
        while True:
            position, tag = self._next_tag()
            decided, self._held = self._held[:position], self._held[position + len(tag) :]
            if self._thinking:
                thoughts += decided
            else:
                speech += decided
            if not tag:
                return self._without_lead(speech), thoughts
            self._thinking = tag == OPEN

    def finish(self) -> tuple[str, str]:
        """Return what was held back; the text ends here, so it was no tag."""
        held, self._held = self._held, ""
        return ("", held) if self._thinking else (self._without_lead(held), "")

    def _next_tag(self) -> tuple[int, str]:
        """Return where the next tag is; without one, where the start of one may be."""
        tags = (CLOSE,) if self._thinking else (OPEN, CLOSE)
        found = [(self._held.index(tag), tag) for tag in tags if tag in self._held]
        if found:
            return min(found)
        longest = max(len(tag) for tag in tags) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(tag.startswith(self._held[-length:]) for tag in tags):
                return len(self._held) - length, ""
        return len(self._held), ""

    def _without_lead(self, speech: str) -> str:
        if not self._begun:
            speech = speech.lstrip()
            self._begun = bool(speech)
        return speech
