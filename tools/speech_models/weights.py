"""The parameters of the speech-to-text model by name, as plain arrays, and their file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.speech_models.audio import MEL_BANDS

ENCODER_POSITIONS = 1500
"""Of every Whisper: 30 s, two frames to a position."""
DECODER_POSITIONS = 448
CHARACTERS = " abcdefghijklmnopqrstuvwxyz'"
"""What the auxiliary output of the encoder spells with, after the blank."""

Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a Whisper model.

    Attributes:
        vocabulary: tokens.
        width: of a hidden state.
        heads: of each attention.
        encoder_layers: in the encoder.
        decoder_layers: in the decoder.
        feed_forward: inner width of a feed-forward block.
        positions: encoder positions with a vector of their own (400 are 8 s); all later ones
            share one, which is what makes training cheap (see `network`).
    """

    vocabulary: int
    width: int = 128
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    feed_forward: int = 512
    positions: int = 400


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _attention(name: str, width: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        f"{name}.key.weight": (width, width)
    }  # Whisper's keys have no bias
    for part in ("query", "value", "output"):
        shapes |= _linear(f"{name}.{part}", width, width)
    return shapes | _norm(f"{name}_norm", width)


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _layer(name: str, shape: Shape, *attentions: str) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for attention in attentions:
        shapes |= _attention(f"{name}.{attention}", shape.width)
    shapes |= _linear(f"{name}.expand", shape.width, shape.feed_forward)
    shapes |= _linear(f"{name}.contract", shape.feed_forward, shape.width)
    return shapes | _norm(f"{name}.feed_forward_norm", shape.width)


def parameter_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter of the model that is exported, by name."""
    width = shape.width
    shapes: dict[str, tuple[int, ...]] = {
        "convolution_1.weight": (width, MEL_BANDS, 3),
        "convolution_1.bias": (width,),
        "convolution_2.weight": (width, width, 3),
        "convolution_2.bias": (width,),
        "positions": (shape.positions, width),
        "padding_position": (width,),
        "embedding.weight": (shape.vocabulary, width),
        "decoder_positions": (DECODER_POSITIONS, width),
        **_norm("encoder_norm", width),
        **_norm("decoder_norm", width),
    }
    for index in range(shape.encoder_layers):
        shapes |= _layer(f"encoder.{index}", shape, "attention")
    for index in range(shape.decoder_layers):
        shapes |= _layer(f"decoder.{index}", shape, "attention", "cross_attention")
    return shapes


def check(weights: Weights, shape: Shape) -> None:
    """Make sure that weights are those of a model of this shape.

    Raises:
        ValueError: one is missing or has another shape.
    """
    for name, expected in parameter_shapes(shape).items():
        if name not in weights:
            raise ValueError(f"The weights have no '{name}': they are of another kind of model.")
        if weights[name].shape != expected:
            raise ValueError(
                f"'{name}' has the shape {weights[name].shape}, not {expected}: "
                "the weights are of a model of another size or vocabulary."
            )


def save(weights: Weights, path: Path) -> None:
    """Write weights to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **weights)


def load(path: Path) -> Weights:
    """Read weights back.

    Raises:
        FileNotFoundError: nothing was trained into this file yet.
    """
    with np.load(path) as file:
        return {name: file[name] for name in file.files}
