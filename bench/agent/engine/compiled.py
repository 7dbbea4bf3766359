"""llama.cpp compiled from the sources that the package llama-cpp-python brings along."""

import os
import platform
import sys
import tarfile
import tempfile
from pathlib import Path

from bench.environments import cache, environment, run

_RELEASE = "0.3.36"
_TOOLS = ("cmake>=3.28", "ninja", "pip", "scikit-build-core[pyproject]")
_SETTINGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",  # else it is downloaded
)
# Made for the very processor it uses AMX too, and in some virtual machines ends there with SIGSEGV.
_X86_SETTINGS = ("-DGGML_NATIVE=OFF",)


def llama_server() -> Path:
    """Return the program, compiled if it is not there yet: minutes, once.

    Raises:
        BenchError: it does not compile; there may be no C++ compiler.
    """
    program = cache() / "engine" / f"llama-server-{_RELEASE}"
    if program.is_file():
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    tools = environment("llama.cpp", sys.executable, _TOOLS).parent
    with tempfile.TemporaryDirectory(dir=program.parent) as work:
        source, build = _source(tools, Path(work)), Path(work) / "build"
        settings = _SETTINGS + (_X86_SETTINGS if platform.machine() == "x86_64" else ())
        cmake = str(tools / "cmake")
        run(
            *(cmake, "-S", str(source), "-B", str(build), "-G", "Ninja"),
            *(f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}", *settings),
        )
        cores = str(os.process_cpu_count() or 1)
        run("nice", cmake, "--build", str(build), "--target", "llama-server", "--parallel", cores)
        (build / "bin" / "llama-server").rename(program)
    return program


def _source(tools: Path, folder: Path) -> Path:
    """Download and unpack the sources; return llama.cpp's folder."""
    run(
        *(str(tools / "python"), "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
        *("--no-build-isolation", "--no-binary", ":all:", "--dest", str(folder)),
        f"llama-cpp-python=={_RELEASE}",
    )
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("*/vendor/llama.cpp"))
