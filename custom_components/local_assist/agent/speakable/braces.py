"""Find the end of a printed JSON value or call while it streams in."""

import regex

_SIGNS = regex.compile(r"[\"'\\{}\[\]()]|\n[ \t\r]*\n")
_CLOSED_BY = {"{": "}", "[": "]", "(": ")"}


class Braces:
    """Follows nested braces, brackets and parentheses, and the strings within.

    A blank line outside of a string ends the block as well: no printed call holds one, and a model
    that forgot a brace must not lose what it says afterwards.
    """

    def __init__(self) -> None:
        """Begin before the first brace."""
        self._depth = 0
        self._quote = ""

    def end(self, text: str) -> tuple[int, bool]:
        """Return how much of the text belongs to the block, and whether it ends there.

        Without an end, the rest of the text has to be given again, with more behind it.
        """
        position = 0
        while sign := _SIGNS.search(text, position):
            position = sign.end()
            if sign[0] == "\\":
                if position == len(text):
                    return sign.start(), False
                position += 1
            elif self._quote:
                if sign[0] == self._quote:
                    self._quote = ""
            elif sign[0] in "\"'":
                self._quote = sign[0]
            elif sign[0] in _CLOSED_BY:
                self._depth += 1
            elif sign[0][0] == "\n":
                return sign.start(), True
            else:
                self._depth -= 1
                if self._depth <= 0:
                    return position, True
        held = regex.search(r"\n[ \t\r]*$", text, pos=position)
        return (held.start() if held else len(text)), False
