"""Names, titles, states and results as a prompt may carry them: they are written by anybody. Pure.

No text from outside can end the note or the message it stands in, look like a mark of a model's
prompt format, hide what it says from people, or be a tool call once a model repeats it. That is no
protection against a model that believes what it reads: what may be done is decided elsewhere.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

# Characters, by kind of text.
MAX_NAME: Final = 60
MAX_TEXT: Final = 100
MAX_FACT: Final = 500
MAX_DESCRIPTION: Final = 1000
MAX_PASSAGE: Final = 1500
MAX_NOTE: Final = 2000
MAX_RESULT: Final = 8000

# Format, private, surrogate and unassigned characters: nothing is seen of them.
_UNSEEN: Final = frozenset({"Cf", "Co", "Cs", "Cn"})
_BLANK: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})
# What else is not seen (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt):
# joiners, fillers and variation selectors, which can carry whole sentences.
_UNSEEN_MARKS: Final = frozenset(
    chr(code)
    for codes in (
        (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
    for code in codes
)
_BRAILLE_BLANK: Final = "\u2800"
# Where spelling needs what is not seen: Persian and the scripts of India, joined emoji.
_EMOJI: Final = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED_SCRIPT: Final = "\u0600-\u0dff"
_NEEDED: Final = re.compile(
    f"(?<=[{_EMOJI}])\ufe0f"
    f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_JOINED_SCRIPT}])[\u200c\u200d](?=[{_JOINED_SCRIPT}])"
)

# Braces become round brackets, for with them a repeated text could be a call in JSON.
_LOOK_ALIKE: Final = str.maketrans(
    dict.fromkeys("＜﹤〈〈⟨❬❮❰‹˂ᐸ≺⧼⟪⦑⦓⪡", "<")  # noqa: RUF001
    | dict.fromkeys("＞﹥〉〉⟩❭❯❱›˃ᐳ≻⧽⟫⦒⦔⪢", ">")  # noqa: RUF001
    | dict.fromkeys("［【〔〖〘〚⟦⟬❲﹝⁅⦋⦗", "[")  # noqa: RUF001
    | dict.fromkeys("］】〕〗〙〛⟧⟭❳﹞⁆⦌⦘", "]")  # noqa: RUF001
    | dict.fromkeys("｜∣ǀ│┃❘❙❚￨¦⎮⏐︱", "|")  # noqa: RUF001
    | dict.fromkeys("{｛❴⦃﹛", "(")  # noqa: RUF001
    | dict.fromkeys("}｝❵⦄﹜", ")")  # noqa: RUF001
    | dict.fromkeys("`｀", "'")  # noqa: RUF001
    | {"▁": "_"}
)
# How the prompt formats of model families mark their parts: <|im_start|>, </context>, <<SYS>>.
_ANGLES: Final = re.compile(r"[|<>]*[<>][|<>]*")
# ... and [INST], [/TOOL_CALLS], [system].
_BRACKETED_MARK: Final = re.compile(
    r"\[\s*([/#]?\s*(?:[A-Z][A-Z_]+|(?i:inst|system(?:_prompt)?|user|assistant|human|tools?"
    r"|tool_(?:calls?|results?)|available_tools|args|context|end)))\s*\]"
)
# What makes a word before it a call with named arguments, or with none: `HassTurnOn(name=`.
_CALLING: Final = re.compile(r"(?<=\w)\((?=[^()]*[=#]|\s*\))")
# Every quotation mark that may seem to end a quoted text, and what may seem to escape one.
_INNER_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„‟＂″', "'") | {"\\": "/"})  # noqa: RUF001


def one_line(text: object, limit: int = MAX_TEXT) -> str:
    """Return text on one line of at most `limit` characters that cannot pass for a prompt's marks.

    It can end neither the note it stands in nor the message.
    """
    # Far more than the limit could never show, and may be megabytes.
    return _cut(" ".join(_harmless(str(text)[: 4 * limit]).split()), limit)


def quoted(text: object, limit: int = MAX_TEXT) -> str:
    """Return text in quotation marks, for what is nobody's name in the house."""
    return f'"{one_line(text, limit).translate(_INNER_QUOTES)}"'


def lines(text: object, limit: int = MAX_NOTE) -> str:
    """Return text that keeps its lines and their indents, such as a note; else as `one_line`."""
    told = (_harmless(line).rstrip() for line in str(text)[: 4 * limit].splitlines())
    return _cut(_CALLING.sub(" (", "\n".join(told).strip("\n")), limit)


def harmless(value: Any) -> Any:
    """Return what a tool answered, with every text and key in it made harmless."""
    match value:
        case str():
            return lines(value, MAX_RESULT)
        case dict():
            return {one_line(key): harmless(inner) for key, inner in value.items()}
        case list() | tuple():
            return [harmless(inner) for inner in value]
    return value


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _harmless(text: str) -> str:
    """Return text without marks, their look-alikes and what is not seen."""
    text = text.translate(_LOOK_ALIKE)
    if not text.isascii() or not text.isprintable():
        needed = {found.start() for found in _NEEDED.finditer(text)}
        text = "".join(
            character if index in needed else _seen(character)
            for index, character in enumerate(text)
        )
    text = _ANGLES.sub("", text)
    # What one mark encloses may be another.
    while (plain := _BRACKETED_MARK.sub(r"\1", text)) != text:
        text = plain
    return _CALLING.sub(" (", text)


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BLANK or character == _BRAILLE_BLANK:
        return " "
    return "" if category in _UNSEEN or character in _UNSEEN_MARKS else character
