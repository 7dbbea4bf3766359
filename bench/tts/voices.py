"""The voices that are measured: the demo's, and two of Piper's true shapes."""

import shutil
from pathlib import Path

from bench.environments import cache, environment, run
from bench.servers import ROOT
from bench.tts.plan import DEMO
from tools.true_size_voices.shapes import voice_name

_DEMO_VOICE = ROOT / "demo" / "models" / "voices" / "en_US-demo-low.onnx"
_MAKER = ROOT / "tools" / "make_true_size_voices.py"
_PYTHON = "3.11"
"""What requirements/tools.txt is compiled for."""
_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""Has torch without what graphics cards need, some gigabytes; passed over if it does not answer."""


def voice_file(voice: str) -> Path:
    """Return the `.onnx` of a voice; those of true shape are made once and kept.

    Raises:
        BenchError: it cannot be made.
    """
    if voice == DEMO:
        return _DEMO_VOICE
    folder = cache() / "voices"
    made = folder / f"{voice_name(voice)}.onnx"
    sources = [*(ROOT / "tools" / "true_size_voices").glob("*.py"), _MAKER]
    newest = max(source.stat().st_mtime for source in sources)
    last = made.with_name(f"{made.name}.json")
    if not last.exists() or last.stat().st_mtime < newest:
        run(str(_tools()), str(_MAKER), str(folder), voice)
    return made


def put(voice: Path, folder: Path) -> Path:
    """Copy a voice into a folder where no server has been yet; return the copy."""
    folder.mkdir()
    for file in (voice, voice.with_name(f"{voice.name}.json")):
        shutil.copyfile(file, folder / file.name)
    return folder / voice.name


def _tools() -> Path:
    """Return an interpreter that has torch."""
    constraint = ("--constraint", str(ROOT / "requirements" / "tools.txt"))
    wanted = (*constraint, "torch", "onnx", "piper-tts")
    return environment("tools", _PYTHON, wanted, index=_TORCH_INDEX)
