"""Markdown, tables, code blocks, web addresses and emoji, which say little or nothing. Pure."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

_FENCE = regex.compile(r"\s*(?:```|~~~)")
_TABLE_RULE = regex.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?\s*)?")
_TABLE_ROW = regex.compile(r"\s*\|(.*)\|\s*")
_URL = regex.compile(r"(?:https?://|www\.)[^\s<>\"'”»]*[^\s<>\"'”».,;:!?…)\]]", regex.IGNORECASE)
# A sign that is text unless U+FE0F follows (©, ™, ↔) is left to the voice.
_ONE_EMOJI = (
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|(?![©®™↔])\p{Extended_Pictographic})"
    r"[\p{Emoji_Modifier}\uFE0F\U000E0020-\U000E007F]*+\u200D?"
)
_EMOJI = regex.compile(rf"(?:{_ONE_EMOJI})++")
_EMOJI_BEFORE_STOP = regex.compile(
    r"(?<![\s\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\u200D])"
    rf"\s*+(?:{_ONE_EMOJI}\s*+)++(?=[.,;:!?…](?:\s|$))"
)
_KEYCAP = regex.compile(r"([0-9#*])\uFE0F?\u20E3")
_TASK_BOX = regex.compile(r"^\[[ xX]\] ")
_RULE = regex.compile(r"=+")
_STRAY_MARKS = regex.compile(r"\*{2,}|_{2,}|`+|~{2,}|(?<![\w*])\*(?=\w)|(?<=\w|\p{P})\*(?![\w*])")
_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\u200B\u2060\uFEFF\uFFFC]+")
_SPEAKABLE = regex.compile(r"[\p{L}\p{N}\p{Sc}%°+=&@<>\[]")
_ENDS = regex.compile(r"[\p{Terminal_Punctuation}…][\"'\p{Pe}\p{Pf}]*$")

_MARKDOWN = (
    MarkdownIt("commonmark").enable("strikethrough").disable(["code", "html_block", "reference"])
)


class Markup:
    """Cleans the sentences of one text, in order: a code block may reach over several of them."""

    def __init__(self) -> None:
        self._in_code = False

    def clean(self, sentence: str) -> str:
        """Return the text of a sentence; empty when nothing of it can be said."""
        plain = "\n".join(self._lines(_INVISIBLE.sub(_blank, sentence)))
        tokens = _MARKDOWN.parse(plain)
        # The number of a list item with nothing behind it is an answer: "5."
        if any(token.type == "inline" for token in tokens):
            plain = " ".join(_blocks(tokens))
        plain = _KEYCAP.sub(r"\1", plain)
        plain = _EMOJI.sub(" ", _EMOJI_BEFORE_STOP.sub("", _URL.sub(_host, plain)))
        plain = _STRAY_MARKS.sub("", plain).strip()
        return plain if _SPEAKABLE.search(plain) and not _RULE.fullmatch(plain) else ""

    def _lines(self, text: str) -> Iterator[str]:
        """Leave out code blocks and the rules of tables; turn table rows into lists."""
        for line in text.split("\n"):
            if _FENCE.match(line):
                self._in_code = not self._in_code
            elif self._in_code or _TABLE_RULE.fullmatch(line):
                continue
            elif row := _TABLE_ROW.fullmatch(line):
                cells = filter(None, map(str.strip, row[1].split("|")))
                yield from ("", ", ".join(cells), "")
            else:
                yield line


def _blocks(tokens: list[Token]) -> Iterator[str]:
    """Yield the text of each paragraph, heading and list item, closed with a full stop."""
    inline = [token for token in tokens if token.type == "inline"]
    numbers = _item_numbers(tokens)
    for position, token in enumerate(inline):
        text = _TASK_BOX.sub("", "".join(_inline(token.children or [])).strip())
        text = numbers.get(id(token), "") + text
        last = position == len(inline) - 1
        yield text if not text or last or _ENDS.search(text) else f"{text}."


def _item_numbers(tokens: list[Token]) -> dict[int, str]:
    """Map the first text of each numbered list item to its number: `3. Oktober` is a date, too."""
    numbers: dict[int, str] = {}
    pending = ""
    for token in tokens:
        if token.type == "list_item_open":
            pending = f"{token.info}{token.markup} " if token.info else ""
        elif token.type == "inline":
            numbers[id(token)], pending = pending, ""
    return numbers


def _inline(tokens: list[Token]) -> Iterator[str]:
    """Yield the pieces of text within a block; markup and HTML tags say nothing."""
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            yield token.content
        elif token.type in {"softbreak", "hardbreak"} or token.content.startswith("<br"):
            yield " "
        elif token.type == "image":
            yield token.content


def _host(url: regex.Match[str]) -> str:
    """Say only the host of an address."""
    address = url[0] if "://" in url[0] else f"http://{url[0]}"
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    return (host or "").removeprefix("www.")


def _blank(match: regex.Match[str]) -> str:
    """Keep line breaks of what is otherwise blanked out."""
    return "\n" if "\n" in match[0] else " "
