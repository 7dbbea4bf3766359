"""Gets llama.cpp's `llama-server`: what is here, else Debian's package, else compiled."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.agent.engine import compiled, debian
from bench.errors import BenchError

VARIABLE = "LLAMA_SERVER"
NAME = "llama-server"


@dataclass(frozen=True, slots=True)
class Program:
    """How to run it.

    Attributes:
        command: what its own arguments follow.
        folder: it is run in; where it looks for its backends. None for any.
        origin: where it is from.
    """

    command: tuple[str, ...]
    folder: Path | None
    origin: str

    def __str__(self) -> str:
        """Say where it is from."""
        return f"{NAME}, {self.origin}"


def program() -> Program:
    """Return how to run `llama-server`, got if it is not here yet.

    Raises:
        BenchError: there is no way.
    """
    if named := os.environ.get(VARIABLE):
        if found := shutil.which(named):
            return Program((found,), None, VARIABLE)
        raise BenchError(f"{VARIABLE} is {named!r}, which is no program.")
    if found := shutil.which(NAME):
        return Program((found,), None, "PATH")
    ways: tuple[Callable[[], Program], ...] = (_from_debian, _from_source)
    reasons = []
    for way in ways:
        try:
            return way()
        except BenchError as error:
            reasons.append(str(error))
    raise BenchError(
        f"There is no {NAME} here: install llama.cpp, or name the program in {VARIABLE}. "
        + "\n".join(("Tried without success to get it:", *reasons))
    )


def _from_debian() -> Program:
    root = debian.unpacked()
    return Program(debian.command(root, NAME), debian.backends(root), "Debian's package")


def _from_source() -> Program:
    return Program((str(compiled.llama_server()),), None, "compiled here")
