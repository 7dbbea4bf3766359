"""Lines: list items, headings, table rows and code are pieces of their own. Pure."""

import regex

from wyoming_services.tts.sentences.view import Next, View

BREAKS = "\n\r"
_WRAPPED = 60
"""Characters from which a line may have been broken to fit a page, within a sentence."""
_GOES_ON = regex.compile(r"[\p{L}\p{N},]\s*$")


def judge(view: View, at: int) -> int:
    """Judge a line break; return where to cut, 0 for nowhere.

    Raises:
        Undecided: what follows has to be known first.
    """
    end = at + 1
    if view.text[at] == "\r" and view.known(end) == "\n":
        end += 1
    before = view.text[:at]
    if not before.strip():
        return 0
    line = before.splitlines()[-1]
    if not view.as_is and len(line) >= _WRAPPED and _GOES_ON.search(line):
        return 0 if view.at(end) is Next.LOWER else end
    return end


def may_rest(view: View) -> bool:
    """Tell whether a text ends with a line break that was not known to end the piece."""
    return not view.as_is and view.text[-1:] in BREAKS and bool(view.text.strip())
