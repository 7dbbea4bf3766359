"""Turn a stream of markdown into plain sentences."""

from collections.abc import Callable
from enum import Enum, auto
from urllib.parse import urlsplit

import regex

from . import patterns
from .braces import Braces
from .emphasis import Emphasis
from .pieces import CallText, Piece, Speech
from .spacing import Gap, Spacing
from .stream import Stream

type _Rule = tuple[regex.Pattern[str], Callable[[regex.Match[str]], None]]

_BLANKS = f" \t\r\f\v{patterns.GAP}"


class _Line(Enum):
    """What a line is part of."""

    TEXT = auto()
    ITEM = auto()
    HEADING = auto()
    ROW = auto()


class Markdown:
    """Takes the marks of markdown, emoji and printed calls out of text; addresses become hosts.

    A mark that opens emphasis goes at once, before the one that closes it has come: waiting would
    hold back what is said in between.
    """

    def __init__(self) -> None:
        self._stream = Stream()
        self._spacing = Spacing()
        self._emphasis = Emphasis()
        self._before = ""
        self._said = ""
        self._pieces: list[Piece] = []
        self._at_start = True
        self._line, self._last_line = _Line.TEXT, _Line.TEXT
        self._blank = self._indented = False
        self._in_code = ""
        self._block: Braces | regex.Pattern[str] | None = None
        self._call = ""
        self._start_rules: tuple[_Rule, ...] = (
            (patterns.CODE_FENCE, self._code),
            (patterns.TEXT_FENCE, self._line_left_out),
            (patterns.JSON, self._json),
            (patterns.RULE, self._line_left_out),
            (patterns.HEADING, self._begins(_Line.HEADING)),
            (patterns.QUOTE, self._begins(_Line.TEXT)),
            (patterns.TASK, self._begins(_Line.ITEM)),
            (patterns.BULLET, self._begins(_Line.ITEM)),
            (patterns.KEYCAP, self._begins(_Line.ITEM)),
            (patterns.EMOJI, self._begins(_Line.ITEM)),
            (patterns.NUMBER, self._number),
            (patterns.DEFINITION, self._line_left_out),
            (patterns.FOOTNOTE_TEXT, self._begins(_Line.ITEM)),
            (patterns.BETWEEN_JSON, self._leave_out),
            (patterns.ROW, self._begins(_Line.ROW)),
        )
        self._code_rules: tuple[_Rule, ...] = (
            (patterns.KEYCAP, self._leave_out),
            (patterns.EMOJI, self._leave_out),
            (patterns.CODE, self._inline_code),
        )
        self._rules: tuple[_Rule, ...] = (
            (patterns.CODE_FENCE, self._code),
            *self._code_rules,
            (patterns.ESCAPE, lambda match: self._say(match[1])),
            (patterns.EMPHASIS, self._emphasize),
            (patterns.FOOTNOTE, self._leave_out),
            (patterns.LINK, self._link),
            (patterns.CALL_JSON, self._json),
            (patterns.LINE_BREAK, lambda _: self._spacing.widen(Gap.SPACE)),
            (patterns.BRACKETED_ADDRESS, self._bracketed_address),
            (patterns.ADDRESS, self._address),
        )

    def feed(self, text: str) -> list[Piece]:
        """Return what of the text so far is decided."""
        self._stream.text += text
        while self._stream.text and self._step():
            pass
        self._flush()
        pieces, self._pieces = self._pieces, []
        return pieces

    def finish(self) -> list[Piece]:
        """Return what was held back; the text ends here."""
        self._stream.final = True
        # Every rule of a line is decided by the end of the line.
        pieces = self.feed("\n")
        if self._block:
            pieces.append(CallText(self._call.strip()))
        return pieces

    def _step(self) -> bool:
        """Decide the next place; return whether it could be decided."""
        if self._block:
            return self._inside_block(self._block)
        return self._start_of_line() if self._at_start else self._within_line()

    def _apply(self, rules: tuple[_Rule, ...]) -> bool | None:
        """Apply the first rule that fits: True; None if none does, False if that is undecided."""
        for pattern, act in rules:
            if pattern is patterns.ADDRESS and patterns.WORD.match(self._stream.before):
                continue
            match, waits = self._stream.match(pattern)
            if waits:
                return False
            if match:
                self._before = self._stream.before
                self._stream.take(match.end())
                act(match)
                return True
        return None

    # The beginning of a line

    def _start_of_line(self) -> bool:
        text = self._stream.text
        if text[0] in _BLANKS:
            self._indented = self._indented or text[0] != patterns.GAP
            self._stream.take(1)
        elif text[0] == "\n":
            self._blank, self._indented = True, False
            self._stream.take(1)
        else:
            applied = self._apply(self._start_rules)
            if applied is not None:
                return applied
            self._begin_line()
        return True

    def _begin_line(self) -> None:
        """Join the line to the one before it, or set it off.

        A model breaks a line where something new begins; one that goes on in lower case does not.
        """
        goes_on = self._last_line is _Line.TEXT or (
            self._last_line is _Line.ITEM and self._indented
        )
        same = self._line is _Line.TEXT and goes_on and not self._blank
        if same and self._stream.text[0].islower():
            self._spacing.widen(Gap.SPACE)
        else:
            self._spacing.widen(Gap.PAUSE)
            self._emphasis.reset()
        self._last_line = self._line
        self._at_start = False

    def _begins(self, line: _Line) -> Callable[[regex.Match[str]], None]:
        def begin(_: regex.Match[str]) -> None:
            self._line = line

        return begin

    def _number(self, match: regex.Match[str]) -> None:
        self._line = _Line.ITEM
        self._begin_line()
        self._say(match[0])

    def _line_left_out(self, _: regex.Match[str]) -> None:
        self._blank, self._indented = True, False

    # Blocks that are never spoken

    def _code(self, match: regex.Match[str]) -> None:
        self._block = patterns.FENCE_END[match[1][0]]
        self._call = match[0]

    def _json(self, match: regex.Match[str]) -> None:
        self._block = Braces()
        self._stream.text = match[0] + self._stream.text

    def _inside_block(self, block: Braces | regex.Pattern[str]) -> bool:
        """Take in more of a block; return whether it ended."""
        if isinstance(block, Braces):
            length, ended = block.end(self._stream.text)
        else:
            start, end = self._stream.search(block)
            length, ended = start if end is None else end, end is not None
        self._call += self._stream.take(length)
        if ended:
            self._flush()
            self._pieces.append(CallText(self._call.strip()))
            self._block, self._call = None, ""
            self._at_start, self._line = True, _Line.TEXT
            self._left_out()
        return ended

    # Within a line

    def _within_line(self) -> bool:
        found = patterns.MAY_BEGIN.search(self._stream.text)
        self._say(self._stream.take(found.start() if found else len(self._stream.text)))
        if not self._stream.text:
            return False
        applied = self._apply(self._code_rules if self._in_code else self._rules)
        if applied is None:
            self._one(self._stream.before, self._stream.take(1))
            return True
        return applied

    def _one(self, before: str, sign: str) -> None:
        """Take a single character that no rule is for."""
        if sign == "\n":
            self._at_start, self._line = True, _Line.TEXT
            self._blank = self._indented = False
            self._in_code = ""
        elif sign == patterns.GAP:
            self._left_out()
        elif sign == "|" and self._last_line is _Line.ROW:
            self._spacing.widen(Gap.COMMA)
        elif sign != patterns.JOINER or not patterns.EMOJI.match(before):
            self._say(sign)

    def _say(self, text: str) -> None:
        self._said += self._spacing.say(text)

    def _flush(self) -> None:
        if self._said:
            self._pieces.append(Speech(self._said))
            self._said = ""

    def _left_out(self) -> None:
        self._spacing.widen(Gap.SPACE)
        self._spacing.leave_out()

    def _leave_out(self, match: regex.Match[str]) -> None:
        if match[0] not in patterns.SELECTORS:
            self._left_out()

    def _inline_code(self, match: regex.Match[str]) -> None:
        """Open or close inline code, which ends with as many backticks as it begins with."""
        if not self._in_code:
            self._in_code = match[0]
        elif self._in_code == match[0]:
            self._in_code = ""

    def _emphasize(self, match: regex.Match[str]) -> None:
        if not self._emphasis.is_mark(match[0], self._before, self._stream.text[0]):
            self._say(match[0])

    def _link(self, match: regex.Match[str]) -> None:
        """Go on with the text of the link, which may hold marks itself."""
        self._stream.text = match[1] + self._stream.text

    def _bracketed_address(self, match: regex.Match[str]) -> None:
        self._say(_host(match[1]))

    def _address(self, match: regex.Match[str]) -> None:
        address = match[0].rstrip(patterns.AFTER_ADDRESS)
        while address.endswith(")") and address.count("(") < address.count(")"):
            address = address[:-1].rstrip(patterns.AFTER_ADDRESS)
        self._stream.text = match[0][len(address) :] + self._stream.text
        self._stream.before = address[-1]
        self._say(_host(address))


def _host(address: str) -> str:
    """Return what is said of a web address."""
    try:
        host = urlsplit(address if "://" in address else f"http://{address}").hostname
    except ValueError:
        host = None
    return (host or address).removeprefix("www.")
