"""llama.cpp compiled from the sources that the package llama-cpp-python brings along."""

import os
import platform
import shutil
import sys
import tarfile
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

    What was compiled is kept until it is done, so a run that took too long is gone on with.

    Raises:
        BenchError: it does not compile; there may be no C++ compiler.
    """
    program = cache() / "engine" / f"llama-server-{_RELEASE}"
    if program.is_file():
        return program
    work = cache() / "engine" / f"llama.cpp-{_RELEASE}"
    work.mkdir(parents=True, exist_ok=True)
    tools = environment("llama.cpp", sys.executable, _TOOLS).parent
    source, build = _source(tools, work), work / "build"
    settings = _SETTINGS + (_X86_SETTINGS if platform.machine() == "x86_64" else ())
    cmake = str(tools / "cmake")
    run(
        *(cmake, "-S", str(source), "-B", str(build), "-G", "Ninja"),
        *(f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}", *settings),
    )
    cores = str(os.process_cpu_count() or 1)
    run("nice", cmake, "--build", str(build), "--target", "llama-server", "--parallel", cores)
    (build / "bin" / "llama-server").rename(program)
    shutil.rmtree(work)
    return program


def _source(tools: Path, work: Path) -> Path:
    """Return llama.cpp's folder, downloaded and unpacked if it is not there yet."""
    folder = work / "source"
    if not folder.is_dir():
        run(
            *(str(tools / "python"), "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
            *("--no-build-isolation", "--no-binary", ":all:", "--dest", str(work)),
            f"llama-cpp-python=={_RELEASE}",
        )
        unpacked = work / "unpacked"
        with tarfile.open(next(work.glob("*.tar.gz"))) as archive:
            archive.extractall(unpacked, filter="data")
        unpacked.rename(folder)
    return next(folder.glob("*/vendor/llama.cpp"))
