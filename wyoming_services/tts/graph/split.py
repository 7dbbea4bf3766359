"""Split a voice before its vocoder, in a process of its own: `python -m … MODEL FOLDER`.

Writes the parts to FOLDER, and what they are. Parts that do not give the same samples as the whole
voice are not used.
"""

import json
import os
import sys
from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.utils import Extractor

from wyoming_services.tts.graph.locality import NotLocalError, local_parts
from wyoming_services.tts.graph.parts import MANIFEST, Manifest, Parts
from wyoming_services.tts.graph.voice import Feeds, Renderer, SplitVoice, WholeVoice
from wyoming_services.tts.loudness import gain

_HEAD = "head.onnx"
_TEST_IDS = 150
_STEP = 1 / 32767
_NICENESS = 10
"""Somebody may be waiting for speech meanwhile."""


class NotSameError(Exception):
    """The parts do not give the samples of the whole; the text says how far off they are."""


def split(model: Path, folder: Path) -> Manifest:
    """Write the parts of a voice, and see that they give the same samples as the whole.

    Args:
        model: the voice; its configuration is beside it.
        folder: where to.

    Raises:
        NotLocalError: it cannot be split.
        NotSameError: it could not be split rightly.
    """
    voice = onnx.shape_inference.infer_shapes(onnx.load(model))
    parts = tuple(local_parts(voice.graph))
    made = {name for part in parts for name in part.outputs}
    entering = dict.fromkeys(name for part in parts for name in part.inputs if name not in made)
    given = [each.name for each in voice.graph.input]
    cutter = Extractor(voice)
    onnx.save(cutter.extract_model(given, list(entering)), folder / _HEAD)
    for part in parts:
        onnx.save(cutter.extract_model(list(part.inputs), list(part.outputs)), folder / part.file)
    manifest = Manifest("", head=_HEAD, parts=parts)
    config = json.loads(Path(f"{model}.json").read_text("utf-8"))
    feeds = {name: value for name, value in _every_sound(config).items() if name in given}
    rate = config["audio"]["sample_rate"]
    _compare(WholeVoice(model, 0), SplitVoice(Parts(folder, manifest), 0, rate), feeds)
    return manifest


def _every_sound(config: Mapping[str, Any]) -> Feeds:
    """Return as much text as has several windows, said without any noise."""
    known = [number for numbers in config["phoneme_id_map"].values() for number in numbers]
    ids = list(islice(cycle(known), _TEST_IDS))
    return {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array([0, 1, 0], np.float32),
        "sid": np.array([0], np.int64),
    }


def _compare(whole: Renderer, split_voice: Renderer, feeds: Feeds) -> None:
    """See that two ways to render a text differ by less than a step of 16-bit audio.

    Raises:
        NotSameError: they do not.
    """
    expected, got = (np.concatenate([*each.render(feeds)]) for each in (whole, split_voice))
    if len(expected) != len(got):
        raise NotSameError(f"{len(got)} samples instead of {len(expected)}")
    difference = float(np.abs(expected - got).max()) * gain(expected)
    if not difference < _STEP:
        raise NotSameError(f"samples differ by up to {difference:g}")


def main(model: str, folder: str) -> None:
    """Split a voice and write its manifest."""
    os.nice(_NICENESS)
    try:
        manifest = split(Path(model), Path(folder))
    except (NotLocalError, NotSameError) as error:
        manifest = Manifest("", whole=str(error))
    Path(folder, MANIFEST).write_text(manifest.to_json(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
