"""The model of the engine: made once, kept in the cache of the benches."""

import hashlib
import sys
from pathlib import Path

from bench.environments import cache, environment, run

_REQUIREMENTS = ("gguf==0.19.0", "numpy>=2")
_SCRIPT = Path(__file__).with_name("write_model.py")


def weights(tokenizer: Path) -> Path:
    """Return the model's file, written if it is not there yet (130 MB, a few seconds).

    Args:
        tokenizer: file of the tokens it has.

    Raises:
        BenchError: it cannot be written.
    """
    recipe = hashlib.sha256(_SCRIPT.read_bytes() + tokenizer.read_bytes()).hexdigest()
    path = cache() / "engine" / f"random-135m-{recipe[:8]}.gguf"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        python = environment("gguf", sys.executable, _REQUIREMENTS)
        written = path.with_suffix(".part")
        run(str(python), "-P", str(_SCRIPT), str(tokenizer), str(written))
        written.rename(path)
    return path
