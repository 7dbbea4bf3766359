"""Where a sentence ends. Pure."""

import regex

from wyoming_services.tts.sentences.full_stops import FullStops, unless
from wyoming_services.tts.sentences.view import Next, View
from wyoming_services.tts.sentences.words import Words

MARKS = r"\p{Sentence_Terminal}…\u037E"
"""What may end a sentence, for a pattern's set; a Greek question mark is a semicolon, too."""
_CLOSING = r"\"'*_~`’\p{Pe}\p{Pf}\p{Extended_Pictographic}\uFE0F"
_RUN = regex.compile(
    rf"(?P<marks>;|[{MARKS}]++)"
    rf"(?P<closing>(?:[{_CLOSING}{MARKS}]|(?<![。！？｡」』”])[“‘«]|\[\d{{1,3}}\])*+)"
)
"""Marks, and what closes with the sentence: quotes, brackets, emphasis, references."""
_REFERENCE = regex.compile(r"\[\d{0,3}+")
"""The beginning of a reference; all of one is among what closes a sentence."""
_TAIL = 48
"""Characters in which the marks a text ends with are looked for."""
_MARK = regex.compile(rf"[{MARKS}]")
_FRENCH_CLOSING = regex.compile(rf"\s»[{_CLOSING}]*+")
_GAP = regex.compile(r"[^\S\u00A0\u202F]")
"""What parts words. A no-break space asks not to."""
_WITHOUT_GAP = regex.compile(r"[[\p{Sentence_Terminal}]--[.!?․﹒．؝؞]]", regex.VERSION1)
"""Marks that end a sentence whatever follows: of scripts that put no space between sentences."""
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_QUOTED = regex.compile(r"[\"'’“‘«\p{Pe}\p{Pf}][*_~`]*$")
_QUOTES = "\"'*_~`’“‘«」』”)）】〉》"
_OPENS = regex.compile(r"[\p{L}\p{S}\p{Ps}\p{Pi}¿¡\"']")
"""What a sentence may begin with right behind another one."""
_SAID = regex.compile(r"[とっがはをにのへもでや]|など|\p{Han}{0,4}?[说說道问問喊叫答]")
"""How a sentence goes on after quotes and brackets in Japanese and Chinese."""
_DIALOGUE = regex.compile(r"\s*[—–]")


class SentenceEnds:
    """Judges marks that may end a sentence of a language."""

    def __init__(self, words: Words, language: str) -> None:
        self._full_stops = FullStops(words)
        self._greek = language[:2].lower() == "el"

    def judge(self, view: View, at: int) -> tuple[int, int]:
        """Judge the marks at a position.

        Returns:
            Where to cut, 0 for nowhere; and where to look on in that case.

        Raises:
            Undecided: what follows has to be known first.
        """
        run = _RUN.match(view.text, at)
        if run is None or not self._ends(run, view.text):
            return 0, at + 1
        closing, end = run["closing"], run.end()
        after = view.known(end)
        if after and after in " \u00a0\u202f" and _open_guillemet(view.text, at):
            view.known(end + 1)
            if french := _FRENCH_CLOSING.match(view.text, end):
                closing, end = french[0], french.end()
                after = view.known(end)
        if reference := _REFERENCE.match(view.text, end):
            view.known(reference.end())
        if not after or after in "\n\r" or view.begins(at):
            return 0, end
        if not _GAP.match(after):
            return _without_gap(view, run[0], end), end
        return self._with_gap(view, run["marks"], closing, at, end), end

    def _ends(self, run: "regex.Match[str]", text: str) -> bool:
        """Tell whether marks are some that end sentences in this language."""
        return run["marks"] != ";" or (self._greek and text[: run.start()][-1:].isalpha())

    def _with_gap(self, view: View, marks: str, closing: str, at: int, end: int) -> int:
        """Judge marks that a space follows; return where to cut, 0 for nowhere."""
        if closing.startswith(")") and view.text[:at].endswith("("):
            return 0
        ended = _MARK.search(closing) is not None
        quoted = not ended and _QUOTED.search(closing) is not None
        if not ended and ("…" in marks or ".." in marks) and not {*marks} & {*"!?"}:
            return unless(view, end, {Next.LOWER, Next.NOTHING, *_between_digits(view, at)})
        if not ended and marks == ".":
            return self._full_stops.judge(view, at, end, quoted=quoted)
        if quoted or _DIALOGUE.match(view.text):
            return unless(view, end, {Next.LOWER, Next.PUNCTUATION, Next.NOTHING})
        return end + 1

    def may_rest(self, view: View) -> bool:
        """Tell whether a text ends with marks that end a sentence, as far as it can be seen."""
        tail = view.text[-_TAIL:].rstrip()
        run = next((r for r in _RUN.finditer(tail) if r.end() == len(tail)), None)
        if run is None or not self._ends(run, tail) or view.as_is or view.begins(len(view.text)):
            return False
        if run["marks"] == "." and not _MARK.search(run["closing"]):
            return self._full_stops.may_end(tail[: run.start()])
        return True


def _between_digits(view: View, at: int) -> set[Next]:
    """Return what does not end a sentence after dots that follow a digit: 3... 2... 1..."""
    return {Next.DIGIT} if view.text[:at][-1:].isdigit() else set()


def _without_gap(view: View, run: str, end: int) -> int:
    """Judge marks that no space follows; return where to cut, 0 for nowhere."""
    after = view.text[end]
    mark = run.rstrip(_QUOTES)[-1:]
    wide = _WITHOUT_GAP.match(mark) or (mark in "!?" and _IDEOGRAPH.match(after))
    if not (wide and _OPENS.match(after)):
        return end if after in "¿¡" and mark in ".!?…" else 0
    if not _QUOTED.search(run):
        return end
    said = _SAID.match(view.text, end, partial=not view.whole)
    if said is not None and said.partial:
        view.known(len(view.text))
    return 0 if said else end


def _open_guillemet(text: str, at: int) -> bool:
    """Tell whether a quotation is open that is written «so», and not »so«."""
    french = text.find("«", 0, at) >= 0 and not 0 <= text.find("»", 0, at) < text.find("«", 0, at)
    return french and text.rfind("«", 0, at) > text.rfind("»", 0, at)
