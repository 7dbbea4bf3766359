"""Widening a Whisper model: more numbers, the same function.

The residual stream of the wide model is the small one's vector, `copies` times in a row. Mean and
variance of a vector do not change when it is repeated, so layer norms repeat their parameters.
Whatever reads the stream repeats its columns and divides by `copies`; whatever writes it repeats
its rows. A small head lies in the first dimensions of a wide one. Further heads and units are
zero, further layers are copies of the last whose outputs are zero, and tokens that the small model
does not have are kept silent by a bias.

All of it is done on the 8-bit numbers and their row scales, so that nothing is rounded anew: a
matrix is divided by multiplying its scales.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.true_size.ct2_file import Variables
from tools.true_size.layout import SIZE, Layout

SILENT = np.float32(-30)
"""Logit of tokens the small model does not have: together they weigh less than 1e-8."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that make a Whisper model's size."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    units: int

    @property
    def head(self) -> int:
        """Dimensions of one head."""
        return self.width // self.heads


TRUE_SHAPES: Mapping[str, Shape] = {
    "tiny": Shape(384, 6, 4, 4, 1536),
    "base": Shape(512, 8, 6, 6, 2048),
    "small": Shape(768, 12, 12, 12, 3072),
}


def shape_of(variables: Mapping[str, Array]) -> Shape:
    """Read the shape of a model off its variables."""
    layers = [
        sum(bool(re.fullmatch(rf"{half}/layer_\d+/ffn/linear_0/bias", name)) for name in variables)
        for half in ("encoder", "decoder")
    ]
    return Shape(
        width=variables["encoder/conv2/bias"].size,
        heads=int(variables["encoder/num_heads"]),
        encoder_layers=layers[0],
        decoder_layers=layers[1],
        units=variables["encoder/layer_0/ffn/linear_0/bias"].size,
    )


_PARTS = {
    "self_attention/linear_0": ("query", "key", "value"),
    "attention/linear_0": ("query",),
    "attention/linear_1": ("key", "value"),
}
"""What the projections that make heads are joined of."""
_OUTPUTS = ("self_attention/linear_1", "attention/linear_2", "ffn/linear_1")
"""What writes a layer's part of the residual stream."""


class Widener:
    """Widens the variables of one model to one shape.

    Raises:
        ValueError: the shape is not a multiple of the small one, or smaller.
    """

    def __init__(self, small: Mapping[str, Array], shape: Shape, layout: Layout) -> None:
        self._small = small
        self._from, self._to = shape_of(small), shape
        self._layout = layout
        self._copies, rest = divmod(shape.width, self._from.width)
        fits = all(getattr(shape, key) >= getattr(self._from, key) for key in Shape.__slots__)
        if rest or not fits or shape.head < self._from.head:
            raise ValueError(f"A model of {self._from} cannot be widened to {shape}.")

    def variables(self) -> Variables:
        """Return the arrays of the wide model, by the names CTranslate2 has for them."""
        wide: Variables = {}
        for half in ("encoder", "decoder"):
            wide |= self._ends(half)
            have = getattr(self._from, f"{half}_layers")
            for index in range(getattr(self._to, f"{half}_layers")):
                source = f"{half}/layer_{min(index, have - 1)}"
                wide |= self._layer(source, f"{half}/layer_{index}", idle=index >= have)
        return wide

    def _ends(self, half: str) -> Variables:
        """Widen what comes before and after the layers."""
        name = f"{half}/position_encodings/encodings"
        wide: Variables = {name: self._repeated(name)}
        wide |= {name: self._repeated(name) for name in self._named(f"{half}/layer_norm/")}
        if half == "encoder":
            wide |= self._written("encoder/conv1") | self._written("encoder/conv2")
            wide |= self._read_columns("encoder/conv2", wide)
            return wide
        # The embedding is read and written with one matrix: the norm before the logits divides.
        wide |= {name: wide[name] / self._copies for name in self._named("decoder/layer_norm/")}
        return wide | self._embedding()

    def _embedding(self) -> Variables:
        """Put the rows of tokens in their true places, and silence the others."""
        name, places = "decoder/embeddings/weight", self._layout.places
        weight = np.zeros((SIZE, self._to.width), np.int8)
        weight[places] = self._repeated(name)
        scale = np.ones(SIZE, np.float32)
        scale[places] = self._small[f"{name}_scale"]
        bias = np.where(self._layout.used, np.float32(0), SILENT)
        return {name: weight, f"{name}_scale": scale, "decoder/projection/bias": bias}

    def _layer(self, source: str, name: str, *, idle: bool) -> Variables:
        """Widen one layer; an idle one adds nothing to the stream."""
        wide: Variables = {}
        for old in self._named(f"{source}/"):
            part = old.removeprefix(f"{source}/")
            if "layer_norm" in part:
                wide[f"{name}/{part}"] = self._repeated(old)
            elif part.endswith("/weight"):
                linear = part.removesuffix("/weight")
                wide |= {
                    f"{name}/{linear}/{key}": array
                    for key, array in self._linear(source, linear, idle=idle).items()
                }
        return wide

    def _linear(self, source: str, linear: str, *, idle: bool) -> Variables:
        """Widen one projection: weight, its scales, and bias."""
        weight, scale, bias = (
            self._small[f"{source}/{linear}/{key}"] for key in ("weight", "weight_scale", "bias")
        )
        if linear in _OUTPUTS:
            columns = self._units(weight.T) if "ffn" in linear else self._heads(weight.T)
            rows = np.tile(columns.T, (self._copies, 1))
            made = rows, np.tile(scale, self._copies), np.tile(bias, self._copies)
            if idle:
                made = np.zeros_like(rows), np.ones_like(made[1]), np.zeros_like(made[2])
        else:
            made = self._inputs(linear, np.tile(weight, (1, self._copies)), scale, bias)
        return dict(zip(("weight", "weight_scale", "bias"), made, strict=True))

    def _inputs(
        self, linear: str, weight: Array, scale: Array, bias: Array
    ) -> tuple[Array, Array, Array]:
        """Widen what reads the stream, its columns being repeated already."""
        scale = scale * np.float32(self._copies)
        if linear == "ffn/linear_0":
            return self._units(weight), self._units(scale, 1), self._units(bias)
        # Attention divides by the square root of a head's dimensions, which have become more.
        louder = np.float32(math.sqrt(self._to.head / self._from.head))
        made = []
        for part, name in enumerate(_PARTS[linear]):
            rows = slice(part * self._from.width, (part + 1) * self._from.width)
            gain = louder if name == "query" else np.float32(1)
            made.append((weight[rows], scale[rows] / gain, bias[rows] * gain))
        weights, scales, biases = zip(*made, strict=True)
        return (
            np.concatenate([self._heads(part) for part in weights]),
            np.concatenate([self._heads(part, 1) for part in scales]),
            np.concatenate([self._heads(part) for part in biases]),
        )

    def _heads(self, rows: Array, fill: int = 0) -> Array:
        """Spread the rows of small heads over wide ones."""
        inner = rows.shape[1:]
        wide = np.full((self._to.heads, self._to.head, *inner), fill, rows.dtype)
        wide[: self._from.heads, : self._from.head] = rows.reshape(
            self._from.heads, self._from.head, *inner
        )
        return wide.reshape(self._to.width, *inner)

    def _units(self, rows: Array, fill: int = 0) -> Array:
        """Add the rows of further feed-forward units."""
        wide = np.full((self._to.units, *rows.shape[1:]), fill, rows.dtype)
        wide[: len(rows)] = rows
        return wide

    def _written(self, name: str) -> Variables:
        """Repeat the rows of what writes the stream."""
        arrays = {key: self._small[f"{name}/{key}"] for key in ("weight", "weight_scale", "bias")}
        return {
            f"{name}/{key}": np.tile(array, (self._copies, *(1,) * (array.ndim - 1)))
            for key, array in arrays.items()
        }

    def _read_columns(self, name: str, wide: Mapping[str, Array]) -> Variables:
        """Repeat the input channels of a convolution that reads a repeated stream."""
        return {
            f"{name}/weight": np.tile(wide[f"{name}/weight"], (1, self._copies, 1)),
            f"{name}/weight_scale": wide[f"{name}/weight_scale"] * np.float32(self._copies),
        }

    def _repeated(self, name: str) -> Array:
        """Repeat along the last axis, which is the stream's."""
        array = self._small[name]
        return np.tile(array, (*(1,) * (array.ndim - 1), self._copies))

    def _named(self, start: str) -> list[str]:
        return [name for name in self._small if name.startswith(start)]
