"""Text that arrives in chunks and is decided from its beginning."""

import regex


class Stream:
    """The text that is not decided yet.

    One rule makes it safe at every chunk boundary: a match counts only if no further text can
    change it. So a partial match waits, and so does one that ends where the text so far ends.
    For that, no alternative of a pattern may match the beginning of what another one matches, and
    patterns look ahead by one character at most.

    Attributes:
        text: what is left.
        before: the character before it; a line break at the beginning.
        final: no more text comes, so nothing waits.
    """

    def __init__(self) -> None:
        self.text = ""
        self.before = "\n"
        self.final = False

    def take(self, length: int) -> str:
        """Take away the next characters and return them."""
        taken, self.text = self.text[:length], self.text[length:]
        if taken:
            self.before = taken[-1]
        return taken

    def match(self, pattern: regex.Pattern[str]) -> tuple[regex.Match[str] | None, bool]:
        """Return the match at the beginning, and whether one has to wait for more text."""
        found = pattern.match(self.text, partial=not self.final)
        return (None, True) if found and self._may_grow(found) else (found, False)

    def search(self, pattern: regex.Pattern[str]) -> tuple[int, int | None]:
        """Return where a match begins, or may begin; and where it ends, once that is decided."""
        found = pattern.search(self.text, partial=not self.final)
        if found is None:
            return len(self.text), None
        return found.start(), None if self._may_grow(found) else found.end()

    def _may_grow(self, found: regex.Match[str]) -> bool:
        return not self.final and found.end() == len(self.text)
