"""Makes Piper voices of the true shapes with random weights: the cost of real ones, no words.

    python tools/make_true_size_voices.py FOLDER medium high

Their graphs are exported as Piper exports its own; durations and loudness are set to those of
speech, so that a text takes as many frames as a real voice gives it.
Needs torch, onnx and piper-tts: requirements/tools.txt.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.true_size_voices.shapes import HOP, RATE, SYMBOLS, TRUE_SHAPES, voice_name


def make(folder: Path, size: str) -> Path:
    """Write the voice of a size into a folder; return its `.onnx`.

    Args:
        folder: of the voices.
        size: a key of `TRUE_SHAPES`.
    """
    from tools.true_size_voices.network import export, network  # noqa: PLC0415 - torch is heavy

    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{voice_name(size)}.onnx"
    export(network(TRUE_SHAPES[size]), model)
    text = json.dumps(configuration(size), ensure_ascii=False)
    model.with_name(f"{model.name}.json").write_text(text, encoding="utf-8")
    return model


def configuration(size: str) -> dict[str, Any]:
    """Return what stands beside a voice, in the words of Piper's own voices."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP  # noqa: PLC0415 - loads onnxruntime

    return {
        "audio": {"sample_rate": RATE, "quality": size},
        "dataset": "random",
        "espeak": {"voice": "en-us"},
        "hop_length": HOP,
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "language": {"code": "en_US"},
        "num_speakers": 1,
        "num_symbols": SYMBOLS,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "phoneme_type": "espeak",
        "speaker_id_map": {},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the voices go")
    parser.add_argument("sizes", nargs="+", choices=TRUE_SHAPES)
    given = parser.parse_args(arguments)
    for size in given.sizes:
        made = make(given.folder, size)
        print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
