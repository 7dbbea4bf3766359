"""JSON as small models write it.

Besides JSON it takes Python's literals (single quotes, True, None), keys without quotes, trailing
commas, line breaks in strings and missing closing braces. The last only where the text ends after a
whole value: cut in the middle of a call it may have lost what limits it ("the lights [in the
kitchen]"), so half an object is no object. No library we found tells the two apart.
"""

import re
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 16
"""No tool takes deeper arguments; deeper text is refused before Python's stack runs out."""

_SPACE = re.compile(r"\s*")
_SCALAR = re.compile(r"[^\s,:{}\[\]()'\"<>|`]+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CLOSING = {"{": "}", "[": "]"}


class LooseJsonError(ValueError):
    """The text has no whole value where one was looked for."""


def read(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the object or list that begins at `start`, and where it ends.

    Raises:
        LooseJsonError: there is none, or only the beginning of one.
    """
    reader = _Reader(text, start)
    if reader.peek() not in _CLOSING:
        raise LooseJsonError("no object or list here")
    return reader.value(0), reader.position


def loads(text: str) -> Any:
    """Return the object or list that a whole text is.

    Raises:
        LooseJsonError: it is none, or more than that.
    """
    value, end = read(text, len(text) - len(text.lstrip()))
    if text[end:].strip():
        raise LooseJsonError("more than one value")
    return value


class _Reader:
    """Reads values from a text; `position` is what comes next."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def peek(self) -> str:
        """Skip white space; return the next character, "" at the end."""
        space = _SPACE.match(self.text, self.position)
        self.position = space.end() if space else self.position
        return self.text[self.position : self.position + 1]

    def value(self, depth: int) -> Any:
        """Read the value that comes next."""
        if depth > MAX_DEPTH:
            raise LooseJsonError("too deep")
        match self.peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"' | "'":
                return self._string()
            case _:
                return self._scalar()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in self._items("{"):
            key = self._string() if self.peek() in {'"', "'"} else self._word()
            if self.peek() not in {":", "="}:
                raise LooseJsonError("a key without a value")
            self.position += 1
            found[key] = self.value(depth + 1)
        return found

    def _list(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in self._items("[")]

    def _items(self, opening: str) -> Iterator[None]:
        """Yield before each item, and take the commas and brackets around them."""
        self.position += 1
        first = True
        while True:
            following = self.peek()
            if following == _CLOSING[opening]:
                self.position += 1
                return
            if not first:
                # Without a brace it is over only where nothing else follows but other brackets.
                if opening == "{" and self._ended():
                    return
                if following != ",":
                    raise LooseJsonError("no comma between values")
                self.position += 1
                if self.peek() == _CLOSING[opening]:
                    self.position += 1
                    return
            first = False
            yield

    def _ended(self) -> bool:
        """Return whether the text, or the tag or fence around the value, ends here."""
        following = self.peek()
        return following in {"", "<", "`", "}", "]"}

    def _string(self) -> str:
        quote = self.text[self.position]
        found: list[str] = []
        position = self.position + 1
        while position < len(self.text):
            character = self.text[position]
            if character == "\\" and position + 1 < len(self.text):
                text, position = _escaped(self.text, position + 1)
                found.append(text)
                continue
            position += 1
            if character == quote and (quote == '"' or self._ends_string(position)):
                self.position = position
                return _without_halves("".join(found))
            found.append(character)
        raise LooseJsonError("a string without its end")

    def _ends_string(self, position: int) -> bool:
        """Return whether a single quote before `position` is not an apostrophe ("Ann's lamp")."""
        space = _SPACE.match(self.text, position)
        following = self.text[space.end() : space.end() + 1] if space else ""
        return following in {"", ",", ":", "=", "}", "]", "<", "`"}

    def _word(self) -> str:
        word = _SCALAR.match(self.text, self.position)
        if not word:
            raise LooseJsonError("no value")
        self.position = word.end()
        return word.group()

    def _scalar(self) -> Any:
        word = self._word()
        if self.position == len(self.text):
            raise LooseJsonError("a value that may go on")
        if word.lower() in _CONSTANTS:
            return _CONSTANTS[word.lower()]
        if not _NUMBER.fullmatch(word):
            raise LooseJsonError(f"{word} is no value")
        return float(word) if set(word) & set(".eE") else int(word)


def _without_halves(text: str) -> str:
    """Return a text whose escaped surrogates are characters, as no other text can be sent on."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(text: str, position: int) -> tuple[str, int]:
    """Return what the escape at `position`, after its backslash, stands for, and where it ends."""
    character = text[position]
    if character == "u":
        try:
            return chr(int(text[position + 1 : position + 5], 16)), position + 5
        except ValueError:
            return character, position + 1
    return _ESCAPES.get(character, character), position + 1
