"""Python environments besides ours, made once and kept."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from bench.errors import BenchError

INSTALL_TIMEOUT = 900.0


def cache() -> Path:
    """Return the folder that models and environments are kept in between runs."""
    return user_cache_path("local-assist") / "bench"


def environment(name: str, python: str, requirements: Sequence[str], *, index: str = "") -> Path:
    """Return the interpreter of an environment, made if it is not there yet.

    Args:
        name: of its folder.
        python: interpreter or release it is made with.
        requirements: what is installed.
        index: another place to look for packages. It is then pip that looks, which also knows the
            places this machine's own settings name.

    Raises:
        BenchError: it cannot be made.
    """
    folder = cache() / name
    interpreter, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join((sys.version, python, *requirements))
    if stamp.is_file() and stamp.read_text() == wanted and interpreter.exists():
        return interpreter
    uv = _uv()
    seed = ("--seed",) if index else ()  # with pip
    run(uv, "venv", "--quiet", "--clear", *seed, "--python", python, str(folder))
    if index:
        options = ("--quiet", "--no-input", "--retries", "1", "--extra-index-url", index)
        run(str(interpreter), "-m", "pip", "install", *options, *requirements)
    else:
        run(uv, "pip", "install", "--quiet", "--python", str(interpreter), *requirements)
    stamp.write_text(wanted)
    return interpreter


def run(*command: str) -> None:
    """Run a program to its end.

    Raises:
        BenchError: it fails; the text has what it said.
    """
    try:
        subprocess.run(command, check=True, timeout=INSTALL_TIMEOUT, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise BenchError(f"{_shown(command)} failed:\n{error.stderr.strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{_shown(command)} took over {INSTALL_TIMEOUT:.0f} s.") from error


def _uv() -> str:
    """Find uv, also where script/bootstrap puts it."""
    for folder in (None, sysconfig.get_path("scripts"), str(Path.home() / ".local" / "bin")):
        if found := shutil.which("uv", path=folder):
            return found
    raise BenchError("Environments are made with uv, which is not on the PATH: install it.")


def _shown(command: Sequence[str]) -> str:
    return " ".join((Path(command[0]).name, *command[1:]))
