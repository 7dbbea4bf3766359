"""Which part of a voice's graph is local in time, so that it can be computed in windows.

A VITS voice (https://arxiv.org/abs/2106.06103) is a text encoder, which looks at the whole
sentence, followed by a flow and a vocoder (HiFi-GAN, https://arxiv.org/abs/2010.05646), which are
stacks of convolutions. How far each of those reaches is written in the graph, so the context a
window needs is known exactly.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from wyoming_services.tts.graph.parts import Part

_ELEMENTWISE = frozenset(
    (
        *("Abs", "Add", "Cast", "Clip", "ConstantOfShape", "Cos", "Div", "Elu", "Erf", "Exp"),
        *("Gelu", "Identity", "LeakyRelu", "Mul", "Neg", "Pow", "Relu", "Shape", "Sigmoid"),
        *("Sin", "Softplus", "Sqrt", "Sub", "Tanh"),
    )
)
"""Operators that leave time alone. `Shape` is one: a window asks for its own."""
_OVER_CHANNELS = frozenset(("Concat", "Gather", "ReduceMean", "ReduceSum", "Split"))
_RESHAPING = frozenset(("Flatten", "Reshape", "Squeeze", "Unsqueeze"))
"""Operators that may only write the finished samples in another shape."""
_CHANNELS = 1
_WHOLE = 2**31 - 1
"""The end of a slice that leaves nothing out, or more."""


class NotLocalError(Exception):
    """A graph does not end in a vocoder that can be computed in windows; the text says why."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a position of a tensor depends on, counted in positions of a part's input."""

    rate: int = 1
    before: Fraction = Fraction(0)
    after: Fraction = Fraction(0)


def local_parts(graph: GraphProto) -> list[Part]:
    """Return the parts a voice ends in: what works on frames, if anything does, and the vocoder.

    A vocoder that becomes finer step by step is cut again after its first step: that reaches the
    farthest, and is a small part of the work.

    Raises:
        NotLocalError: there is no vocoder, or it is not local in time.
    """
    local = _Locality(graph)
    reaches = local.reaches(local.nodes)
    by_rate: defaultdict[int, list[NodeProto]] = defaultdict(list)
    for node in local.nodes:
        by_rate[reaches[node.output[0]].rate].append(node)
    frames = by_rate.pop(1, [])
    if not by_rate:
        raise NotLocalError("it has no vocoder that is local in time")
    coarse = by_rate[min(by_rate)]
    fine = [node for node in local.nodes if node not in frames and node not in coarse]
    made = {name for node in coarse for name in node.output}
    if not (fine and all(name in made for name in local.entering(fine))):
        coarse, fine = [], coarse + fine
    named = (("frames.onnx", frames), ("coarse.onnx", coarse), ("vocoder.onnx", fine))
    return [local.part(file, nodes) for file, nodes in named if nodes]


class _Locality:
    """The largest end of a graph in which every operator is local in time.

    Attributes:
        nodes: its operators, in order.
    """

    def __init__(self, graph: GraphProto) -> None:
        self._output = graph.output[0].name
        self._constants = _constants(graph)
        self._varying = _varying(graph)
        self._consumers: defaultdict[str, list[NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self._consumers[name].append(node)
        self._local: set[str] = set()
        self.nodes = list(reversed([node for node in reversed(graph.node) if self._take(node)]))

    def part(self, file: str, nodes: Sequence[NodeProto]) -> Part:
        """Describe a stretch of operators by what enters and leaves it, and its context."""
        made = {name for node in nodes for name in node.output}
        left = [
            name
            for name in made
            if name == self._output
            or any(made.isdisjoint(node.output) for node in self._consumers[name])
        ]
        reaches = self.reaches(nodes)
        ends = [reaches[name] for name in left]
        if len({end.rate for end in ends}) != 1:
            raise NotLocalError("its vocoder works at several rates at once")
        return Part(
            file=file,
            inputs=self.entering(nodes, windowed=False),
            windowed=self.entering(nodes),
            outputs=tuple(sorted(left)),
            rate=ends[0].rate,
            halo=(
                math.ceil(max(end.before for end in ends)),
                math.ceil(max(end.after for end in ends)),
            ),
        )

    def entering(self, nodes: Sequence[NodeProto], *, windowed: bool = True) -> tuple[str, ...]:
        """Return the tensors that some operators take; only those with a time axis, or all."""
        made = {name for node in nodes for name in node.output} | self._constants.keys()
        taken = dict.fromkeys(name for node in nodes for name in node.input if name)
        return tuple(
            name for name in taken if name not in made and (name in self._varying or not windowed)
        )

    def reaches(self, nodes: Iterable[NodeProto]) -> dict[str, _Reach]:
        """Return the reach of every tensor some operators make.

        Raises:
            NotLocalError: one of them mixes tensors of different rates.
        """
        reaches: dict[str, _Reach] = {}
        for node in nodes:
            taken = [reaches.get(name, _Reach()) for name in node.input if name in self._varying]
            if len({each.rate for each in taken}) != 1:
                raise NotLocalError(f"operator {node.name} mixes rates")
            reach = _Reach(
                taken[0].rate,
                max(each.before for each in taken),
                max(each.after for each in taken),
            )
            reaches.update(dict.fromkeys(node.output, self._through(node, reach)))
        return reaches

    def _take(self, node: NodeProto) -> bool:
        """Add an operator if it, and all that is done with what it makes, is local."""
        if self._varying.isdisjoint(node.output):
            return False
        consumers = [each for name in node.output for each in self._consumers[name]]
        if not consumers and self._output not in node.output:
            return False
        if not all(self._local.issuperset(each.output) for each in consumers):
            return False
        reshapes_more = any(each.op_type not in _RESHAPING for each in consumers)
        if not (self._is_local(node) or (node.op_type in _RESHAPING and not reshapes_more)):
            return False
        self._local.update(node.output)
        return True

    def _is_local(self, node: NodeProto) -> bool:
        """Whether an operator makes each position of what is near it, one for one or many."""
        match node.op_type:
            case "Conv" | "ConvTranspose":
                return (
                    node.input[0] in self._varying and _Convolution(node, self._kernel(node)).fits
                )
            case "Slice":
                return self._slices_channels(node)
            case kind if kind in _OVER_CHANNELS:
                return self._axes(node) == [_CHANNELS]
            case kind:
                return kind in _ELEMENTWISE

    def _through(self, node: NodeProto, reach: _Reach) -> _Reach:
        """Return how far back an operator looks through what it takes."""
        if node.op_type not in {"Conv", "ConvTranspose"}:
            return reach
        convolution = _Convolution(node, self._kernel(node))
        before, after = convolution.context
        return _Reach(
            reach.rate * convolution.rate,
            reach.before + before / reach.rate,
            reach.after + after / reach.rate,
        )

    def _kernel(self, node: NodeProto) -> int:
        """Return the width of a convolution's kernel; 0 when it is not a constant, or not 1-D."""
        weights = self._constants.get(node.input[1])
        return weights.shape[2] if weights is not None and weights.ndim == 3 else 0

    def _axes(self, node: NodeProto) -> list[int]:
        """Return the axes an operator works along."""
        axis = _attribute(node, "axes", _attribute(node, "axis", None))
        if axis is None and node.op_type.startswith("Reduce") and len(node.input) > 1:
            axis = self._constants.get(node.input[1])
        return [int(each) for each in np.atleast_1d([] if axis is None else axis)]

    def _slices_channels(self, node: NodeProto) -> bool:
        """Whether a slice leaves nothing out but channels."""
        known = [self._constants[name] for name in node.input[1:] if name in self._constants]
        if len(node.input) < 4 or len(known) != len(node.input) - 1:
            return False
        starts, ends, axes, *steps = (np.atleast_1d(value).tolist() for value in known)
        step = steps[0] if steps else [1] * len(axes)
        return all(
            axis == _CHANNELS or (start == 0 and end >= _WHOLE and each == 1)
            for start, end, axis, each in zip(starts, ends, axes, step, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Convolution:
    """The geometry of a 1-D convolution, as ONNX defines it."""

    node: NodeProto
    kernel: int

    @property
    def fits(self) -> bool:
        """Whether its output is as long as its input, or `rate` times as long exactly."""
        if not self.kernel or _attribute(self.node, "auto_pad", b"NOTSET") != b"NOTSET":
            return False
        if not self._transposed:
            return self._stride == 1 and sum(self._pads) == self._span
        (more,) = _attribute(self.node, "output_padding", [0])
        return bool(self._span + 1 + more - sum(self._pads) == self._stride)

    @property
    def rate(self) -> int:
        """Positions of output per position of input."""
        return self._stride if self._transposed else 1

    @property
    def context(self) -> tuple[Fraction, Fraction]:
        """Positions of input before and after that an output depends on."""
        before = self._pads[0]
        after = self._span - before
        if not self._transposed:
            return Fraction(before), Fraction(after)
        return Fraction(after, self._stride), Fraction(before, self._stride)

    @property
    def _transposed(self) -> bool:
        return self.node.op_type == "ConvTranspose"

    @property
    def _span(self) -> int:
        """Positions between the first and the last its kernel touches."""
        (dilation,) = _attribute(self.node, "dilations", [1])
        return int(dilation) * (self.kernel - 1)

    @property
    def _stride(self) -> int:
        (stride,) = _attribute(self.node, "strides", [1])
        return int(stride)

    @property
    def _pads(self) -> tuple[int, int]:
        before, after = _attribute(self.node, "pads", [0, 0])
        return before, after


def _attribute(node: NodeProto, name: str, default: Any) -> Any:
    """Return an attribute of an operator."""
    for attribute in node.attribute:
        if attribute.name == name:
            return helper.get_attribute_value(attribute)
    return default


def _constants(graph: GraphProto) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors that are the same for every text."""
    constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = helper.get_attribute_value(node.attribute[0])
            constants[node.output[0]] = (
                numpy_helper.to_array(value)
                if isinstance(value, TensorProto)
                else np.asarray(value)
            )
        elif node.op_type == "Identity" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]]
    return constants


def _varying(graph: GraphProto) -> set[str]:
    """Return the tensors that depend on the text, as those do that have a time axis."""
    varying = {"input"}
    for node in graph.node:
        if node.op_type.startswith("Random") or not varying.isdisjoint(node.input):
            varying.update(node.output)
    return varying
