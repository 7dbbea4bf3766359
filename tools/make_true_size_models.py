"""Makes models of the true sizes of Whisper: their cost is a real model's, their accuracy is not.

    python tools/make_true_size_models.py FOLDER tiny base small

Each is the demo model widened to the shape of the real one, computing what the demo model
computes. Text, end of text and confidence are therefore the demo model's, and time and memory
are those of real weights of that size; random weights would end nowhere.
Needs numpy and ctranslate2.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ctranslate2.specs import model_spec, whisper_spec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.true_size import ct2_file
from tools.true_size.ct2_file import Variables
from tools.true_size.layout import (
    Layout,
    configuration,
    end_of_text,
    read_json,
    tokenizer,
    vocabulary,
)
from tools.true_size.widen import TRUE_SHAPES, Shape, Widener

DEMO_MODEL = Path(__file__).resolve().parents[1] / "demo" / "models" / "whisper-demo"
LAST_FILE = "preprocessor_config.json"
"""Of a model; where it is, the model is whole."""


def make(folder: Path, size: str, source: Path = DEMO_MODEL) -> Path:
    """Write the model of a size into `folder/whisper-SIZE` and return that folder.

    Args:
        folder: of all the models.
        size: a key of `TRUE_SHAPES`.
        source: a small multilingual Whisper model, in 8 bits.

    Raises:
        ValueError: the source cannot be widened to that size.
    """
    variables = ct2_file.read(source / "model.bin", kind="WhisperSpec", revision=3)
    small = read_json(source / "tokenizer.json")
    tokens = len(variables["decoder/embeddings/weight"])
    layout = Layout(end_of_text(small["added_tokens"]), tokens)
    relaid = tokenizer(small, layout)
    wide = Widener(variables, TRUE_SHAPES[size], layout).variables()
    spec = _spec(wide, TRUE_SHAPES[size], vocabulary(relaid))
    for key, value in configuration(read_json(source / "config.json"), layout).items():
        setattr(spec.config, key, value)
    made = folder / f"whisper-{size}"
    made.mkdir(parents=True, exist_ok=True)
    spec.save(str(made))
    (made / "tokenizer.json").write_text(json.dumps(relaid, ensure_ascii=False), encoding="utf-8")
    (made / LAST_FILE).write_bytes((source / LAST_FILE).read_bytes())
    return made


def _spec(variables: Variables, shape: Shape, tokens: list[str]) -> whisper_spec.WhisperSpec:
    """Fill CTranslate2's description of a Whisper model."""
    spec = whisper_spec.WhisperSpec(
        shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads
    )
    spec.register_vocabulary(tokens)
    # Set before validation, which wants it, and made one with the embedding after.
    spec.decoder.projection.weight = np.zeros((1, 1), np.int8)
    for name, array in variables.items():
        scope, _, attribute = name.rpartition("/")
        setattr(model_spec.index_spec(spec, scope), attribute, array)
    spec.validate()
    spec.decoder.projection.weight = "decoder/embeddings/weight"
    return spec


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the models go, a folder each")
    parser.add_argument("sizes", nargs="+", choices=TRUE_SHAPES)
    given = parser.parse_args(arguments)
    for size in given.sizes:
        made = make(given.folder, size)
        megabytes = (made / "model.bin").stat().st_size / 1e6
        print(f"{made}: {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
