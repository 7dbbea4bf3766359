"""Whether an ONNX file is all there, told without reading it."""

import os
from io import BufferedReader
from pathlib import Path

_GRAPH = 7
"""Number of the field `graph` of `ModelProto`: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"""
_MOST_FIELDS = 10_000
"""A model has a dozen at its top; more are bytes that only look like fields."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Kinds of a field: https://protobuf.dev/programming-guides/encoding/"""


def is_whole(path: Path) -> bool:
    """Tell whether a file is an ONNX model to its last byte; one still being copied is not.

    Only the lengths of its outermost fields are read, so it costs the same for any size.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        fields = set()
        for _ in range(_MOST_FIELDS):
            if content.tell() == size:
                return _GRAPH in fields
            try:
                key = _number(content)
                length = _length(content, key & 7)
            except ValueError:
                return False
            if length > size - content.tell():
                return False
            content.seek(length, os.SEEK_CUR)
            fields.add(key >> 3)
    return False


def _length(content: BufferedReader, kind: int) -> int:
    """Return how many bytes a field of a kind has from here on.

    Raises:
        ValueError: there is no such kind.
    """
    if kind == _BYTES:
        return _number(content)
    if kind == _VARINT:
        _number(content)
        return 0
    if kind in {_FIXED64, _FIXED32}:
        return 8 if kind == _FIXED64 else 4
    raise ValueError(f"no field is of kind {kind}")


def _number(content: BufferedReader) -> int:
    """Read a number of variable length, seven bits a byte, the lowest first.

    Raises:
        ValueError: it has no end.
    """
    number = 0
    for shift in range(0, 64, 7):
        byte = content.read(1)
        if not byte:
            break
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return number
    raise ValueError("a number does not end")
