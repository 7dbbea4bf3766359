"""Names, titles and states as a prompt may carry them: they are written by anybody. Pure."""

import re
import unicodedata
from typing import Final

MAX_NAME: Final = 60
MAX_TEXT: Final = 100

# Control, format, private, surrogate and unassigned characters, line and paragraph separators.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Two format characters that spelling needs: Persian and the scripts of India, joined emoji.
_JOINERS: Final = frozenset("\u200c\u200d")
# How the prompt formats of model families mark their parts: <|im_start|>, </context>, [INST].
_ANGLES: Final = str.maketrans("", "", "<>")
_BRACKETED_MARK: Final = re.compile(r"\[(/?[A-Z_]+)\]")


def one_line(text: object, limit: int = MAX_TEXT) -> str:
    """Return text on one line of at most `limit` characters that cannot pass for a prompt's marks.

    It can end neither the note it stands in nor the message.
    """
    # Far more than the limit could never show, and may be megabytes.
    raw = str(text)[: 4 * limit]
    if not raw.isascii() or not raw.isprintable():
        raw = "".join(_seen(character) for character in raw)
    plain = " ".join(_BRACKETED_MARK.sub(r"\1", raw.translate(_ANGLES)).split())
    return plain if len(plain) <= limit else f"{plain[: limit - 1].rstrip()}…"


def quoted(text: object, limit: int = MAX_TEXT) -> str:
    """Return text in quotation marks, for what is nobody's name in the house."""
    return f'"{one_line(text, limit).replace('"', "'")}"'


def _seen(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return character
    return " "
