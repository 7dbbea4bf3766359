"""Which stars, underscores and tildes are marks, and which are text."""


class Emphasis:
    """Knows the marks that are open.

    The rules are CommonMark's (spec 0.31, 6.2) without looking ahead, and stricter where sums and
    names would suffer: `3 * 4`, `2**3`, `5*`, `*.py` and `snake_case` are text.
    """

    def __init__(self) -> None:
        self._opened: list[str] = []

    def reset(self) -> None:
        """Close what is open: emphasis ends with its paragraph."""
        self._opened.clear()

    def is_mark(self, run: str, before: str, after: str) -> bool:
        """Decide on a run of the same sign between two characters."""
        opens = not after.isspace()
        closes = not before.isspace()
        if run[0] == "~":
            return len(run) == 2 and (opens or closes)
        # Three are two marks, which may close one by one.
        marks = [run] if len(run) < 3 else [run[:1], run[1:]]
        in_name = run[0] == "_" and after.isalnum()
        in_sum = before.isdigit() and after.isdigit()
        if closes and not in_name and not in_sum and all(mark in self._opened for mark in marks):
            for mark in marks:
                self._opened.remove(mark)
            return True
        if opens and self._may_open(run, before, after):
            self._opened += marks
            return True
        # What opened it was in a paragraph before.
        return len(run) > 1 and closes and not before.isdigit() and not after.isalnum()

    def _may_open(self, run: str, before: str, after: str) -> bool:
        if not before.isalnum():
            return len(run) > 1 or after not in ".,;:/)"
        # Within a word only as **this**, which languages without spaces need.
        in_word = len(run) > 1 and run[0] == "*" and after.isalpha()
        return in_word and not before.isdigit()
