"""The programs we are measured against, each in an environment of its own."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from bench.errors import BenchError

INSTALL_TIMEOUT = 600.0


def cache() -> Path:
    """Return the folder that models and environments are kept in between runs."""
    return user_cache_path("local-assist") / "bench"


@dataclass(frozen=True, slots=True)
class Peer:
    """A released program.

    Attributes:
        name: of its package.
        version: the release.
        beside: requirements it needs to work as its makers ship it.
        same: packages it must have in the same version as we, for a fair comparison.
    """

    name: str
    version: str
    beside: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def requirements(self) -> list[str]:
        """What to install."""
        equal = [f"{package}=={version(package)}" for package in self.same]
        return [f"{self.name}=={self.version}", *self.beside, *equal]


FASTER_WHISPER = Peer(
    "wyoming-faster-whisper",
    "3.8.1",
    beside=("av<19",),  # with 19 faster-whisper 1.2 cannot read a file
    same=("faster-whisper", "ctranslate2"),
)


def python(peer: Peer) -> Path:
    """Return the interpreter of a peer's environment, made if it is not there yet.

    Raises:
        BenchError: it cannot be installed.
    """
    folder = cache() / peer.name
    interpreter, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join((sys.version, *peer.requirements))
    if stamp.is_file() and stamp.read_text() == wanted and interpreter.exists():
        return interpreter
    uv = _uv()
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    _run(uv, "pip", "install", "--quiet", "--python", str(interpreter), *peer.requirements)
    stamp.write_text(wanted)
    return interpreter


def _uv() -> str:
    """Find uv, also where script/bootstrap puts it."""
    for folder in (None, sysconfig.get_path("scripts"), str(Path.home() / ".local" / "bin")):
        if found := shutil.which("uv", path=folder):
            return found
    raise BenchError("The peers are installed with uv, which is not on the PATH: install it.")


def _run(*command: str) -> None:
    """Run a program to its end."""
    try:
        subprocess.run(command, check=True, timeout=INSTALL_TIMEOUT, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise BenchError(f"{_shown(command)} failed:\n{error.stderr.strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{_shown(command)} took over {INSTALL_TIMEOUT:.0f} s.") from error


def _shown(command: Sequence[str]) -> str:
    return " ".join((Path(command[0]).name, *command[1:]))
