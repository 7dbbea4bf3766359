"""llama.cpp from Debian's packages, unpacked into a private folder; the system is never touched.

Only Debian's development release has them, and its programs need its newer libraries. So these are
unpacked too, and the program is run by the loader among them.
"""

import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.environments import cache, run
from bench.errors import BenchError

PACKAGE, SUITE = "llama.cpp-tools", "sid"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_TIMEOUT = 60.0


def unpacked() -> Path:
    """Return the folder of the package and of all it depends on (20 MB to get, 75 MB in it).

    Raises:
        BenchError: this is not Debian, or its archive does not have the package.
    """
    root = cache() / "engine" / "debian"
    if root.is_dir():
        return root
    if not (shutil.which("apt-get") and shutil.which("dpkg") and _KEYRING.is_file()):
        raise BenchError("This is not Debian: its packages cannot be had.")
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as work:
        packages, files = Path(work) / "packages", Path(work) / "files"
        _download(packages)
        for package in sorted(packages.glob("archives/*.deb")):
            run("dpkg", "-x", str(package), str(files))
        libraries(files)
        files.rename(root)
    return root


def command(root: Path, program: str) -> tuple[str, ...]:
    """Return what runs a program: its own release's loader, with its own release's libraries."""
    library = libraries(root)
    folders = ":".join(map(str, (library, library / "llama", library / "ggml")))
    loader = next(library.glob("ld-linux*"))
    return str(loader), "--library-path", folders, str(root / "usr" / "bin" / program)


def backends(root: Path) -> Path:
    """Return the folder with what computes, one library for each kind of processor.

    ggml looks for them at an absolute path, beside the program and in the folder it is run in:
    `ggml_backend_load_best` of its ggml-backend-reg.cpp.
    """
    return next(libraries(root).glob("ggml/backends*"))


def libraries(root: Path) -> Path:
    """Return the folder with the libraries.

    Raises:
        BenchError: it is not as Debian's packages have been.
    """
    for found in root.glob(f"usr/lib/{platform.machine()}-linux-gnu*"):
        if any(found.glob("ld-linux*")) and any(found.glob("ggml/backends*")):
            return found
    raise BenchError(f"Debian's {PACKAGE} no longer has its libraries where they used to be.")


def _download(folder: Path) -> None:
    """Download the package and its dependencies with settings of apt's that touch no other's."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {SUITE} main\n")
    private = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",  # nothing is installed: all it needs is taken
        "Dir::Cache": folder,
        "Dir::Cache::archives": folder / "archives",
        "APT::Sandbox::User": folder.owner(),
        "APT::Install-Recommends": "false",
    }
    apt = (
        "apt-get",
        "-qq",
        *(part for item in private.items() for part in ("-o", "=".join(map(str, item)))),
    )
    run(*apt, "update")
    run(*apt, "install", "--download-only", "--yes", PACKAGE)


def _mirror() -> str:
    """Return where this machine gets Debian from.

    Raises:
        BenchError: nowhere.
    """
    listed = subprocess.run(
        ("apt-get", "indextargets", "--format", "$(COMPONENT) $(RELEASE) $(REPO_URI)"),
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
    )
    for line in listed.stdout.splitlines():
        match line.split():
            case ["main", release, address] if "-" not in release:  # neither updates nor security
                return address
    raise BenchError("apt knows no archive of Debian's.")
