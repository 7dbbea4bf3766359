"""Reading the variables of a CTranslate2 `model.bin`.

The format, version 6, is what `ctranslate2.specs.model_spec.ModelSpec.save` writes: numbers are
little-endian, strings end with a zero byte that their 16-bit length counts.
"""

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Variables = dict[str, npt.NDArray[Any]]
"""Arrays by name; a matrix in 8 bits has its row scales beside it, `NAME_scale`."""

VERSION = 6
_TYPES = ("float32", "int8", "int16", "int32", "float16")


def read(path: Path, *, kind: str, revision: int) -> Variables:
    """Return the variables of a model file; what is an alias of another is left out.

    Raises:
        ValueError: the file is of another version, or of another kind of model.
    """
    with path.open("rb") as file:
        version = _number(file, "I")
        if version != VERSION:
            raise ValueError(f"{path} is of version {version}; only {VERSION} is understood.")
        found = (_string(file), _number(file, "I"))
        if found != (kind, revision):
            raise ValueError(
                f"{path} holds a {found[0]} of revision {found[1]}, not {kind} {revision}."
            )
        return dict(_variable(file) for _ in range(_number(file, "I")))


def _variable(file: BinaryIO) -> tuple[str, npt.NDArray[Any]]:
    name = _string(file)
    shape = [_number(file, "I") for _ in range(_number(file, "B"))]
    kind = _TYPES[_number(file, "B")]
    data = file.read(_number(file, "I"))
    return name, np.frombuffer(data, kind).reshape(shape)


def _number(file: BinaryIO, kind: str) -> int:
    """Read one unsigned number of a `struct` type."""
    layout = struct.Struct(f"<{kind}")
    value: int = layout.unpack(file.read(layout.size))[0]
    return value


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "H")).rstrip(b"\0").decode()
