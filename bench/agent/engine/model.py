"""The model of the engine: made once, kept in the cache of the benches."""

import hashlib
import subprocess
import sys
from pathlib import Path

import homeassistant

from bench.agent.engine.chatml import SPECIAL
from bench.environments import cache, environment
from bench.errors import BenchError

NAME = "random:135m"
_REQUIREMENTS = ("gguf==0.19.0", "numpy>=2", "tokenizers==0.23.3")
_SCRIPT = Path(__file__).with_name("write_model.py")
_TIMEOUT = 300.0


def model() -> Path:
    """Return the model's file, written if it is not there yet (125 MB, a few seconds).

    Raises:
        BenchError: it cannot be written.
    """
    recipe = hashlib.sha256(_SCRIPT.read_bytes() + repr((SPECIAL, _REQUIREMENTS)).encode())
    path = cache() / "engine" / f"random-135m-{recipe.hexdigest()[:8]}.gguf"
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    python = environment("gguf", sys.executable, _REQUIREMENTS)
    written = path.with_suffix(".part")
    command = (str(python), "-P", str(_SCRIPT), str(written), ",".join(SPECIAL))
    try:
        subprocess.run(command, input=_texts(), check=True, capture_output=True, timeout=_TIMEOUT)
    except subprocess.CalledProcessError as error:
        raise BenchError(
            f"A model for the engine cannot be written:\n{error.stderr.decode().strip()}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"A model for the engine took over {_TIMEOUT:.0f} s.") from error
    return written.rename(path)


def _texts() -> bytes:
    """Return what Home Assistant's integrations say in English, some 5 MB of JSON."""
    components = Path(homeassistant.__file__).parent / "components"
    return b"".join(path.read_bytes() for path in sorted(components.glob("*/translations/en.json")))
