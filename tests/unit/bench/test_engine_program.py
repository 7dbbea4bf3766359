"""Where the engine's program is from."""

import platform
from pathlib import Path

import pytest

from bench.agent.engine import compiled, debian
from bench.agent.engine.program import program
from bench.errors import BenchError


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLAMA_SERVER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_one_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """LLAMA_SERVER is for who has an engine of their own."""
    named = _program(tmp_path / "named" / "engine")
    _program(tmp_path / "path" / "llama-server")
    monkeypatch.setenv("LLAMA_SERVER", str(named))
    assert program().command == (str(named),)


def test_one_that_is_named_wrongly_is_not_replaced_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A slip in the name is told."""
    _program(tmp_path / "path" / "llama-server")
    monkeypatch.setenv("LLAMA_SERVER", "/nowhere/llama-server")
    with pytest.raises(BenchError, match="/nowhere/llama-server"):
        program()


def test_one_on_the_path_is_taken(tmp_path: Path):
    """Nothing is downloaded where llama.cpp is installed."""
    here = _program(tmp_path / "path" / "llama-server")
    assert program().command == (str(here),)


def test_where_there_is_no_way_every_reason_is_told(monkeypatch: pytest.MonkeyPatch):
    """The message says what to do, and what was tried."""

    def no_compiler() -> Path:
        raise BenchError("There is no compiler.")

    monkeypatch.setattr(compiled, "llama_server", no_compiler)
    with pytest.raises(BenchError, match=r"LLAMA_SERVER(.|\n)*not Debian(.|\n)*no compiler"):
        program()


def test_debians_is_run_by_its_own_loader_among_its_backends(tmp_path: Path):
    """The system's own loader and libraries are too old for it."""
    root = tmp_path / "cache" / "local-assist" / "bench" / "engine" / "debian"
    library = root / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    _program(library / "ld-linux-some.so.2")
    (library / "ggml" / "backends0").mkdir(parents=True)
    found = program()
    loader, option, folders, last = found.command
    assert loader == str(library / "ld-linux-some.so.2")
    assert option == "--library-path"
    assert folders.split(":") == [str(library / part) for part in ("", "llama", "ggml")]
    assert last == str(root / "usr" / "bin" / "llama-server")
    assert found.folder == library / "ggml" / "backends0"


def test_packages_that_look_different_are_refused(tmp_path: Path):
    """A later release may be laid out in another way."""
    with pytest.raises(BenchError, match="no longer"):
        debian.libraries(tmp_path)
