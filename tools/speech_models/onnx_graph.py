"""Builds an ONNX graph the way one writes a formula."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Graph:
    """Nodes and constants in the making. Values are named by strings, as in ONNX itself."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: npt.ArrayLike, dtype: npt.DTypeLike) -> str:
        """Add a constant and return its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def number(self, value: npt.ArrayLike) -> str:
        """Add a float32 constant."""
        return self.constant(value, np.float32)

    def integer(self, value: npt.ArrayLike) -> str:
        """Add an int64 constant, as indices, axes and shapes are."""
        return self.constant(value, np.int64)

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output and return the output's name."""
        name = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def cast(self, value: str, dtype: int = TensorProto.FLOAT) -> str:
        """Convert to another element type."""
        return self.add("Cast", value, to=dtype)

    def total(self, *values: str) -> str:
        """Add values up."""
        first, *others = values
        for other in others:
            first = self.add("Add", first, other)
        return first

    def product(self, *values: str) -> str:
        """Multiply values."""
        first, *others = values
        for other in others:
            first = self.add("Mul", first, other)
        return first

    def clip(self, value: str, low: float, high: float) -> str:
        """Hold a float32 value between two bounds."""
        return self.add("Clip", value, self.number(low), self.number(high))

    def unsqueeze(self, value: str, *axes: int) -> str:
        """Insert axes of length one."""
        return self.add("Unsqueeze", value, self.integer(axes))

    def squeeze(self, value: str, axis: int) -> str:
        """Drop an axis of length one."""
        return self.add("Squeeze", value, self.integer([axis]))

    def transpose(self, value: str) -> str:
        """Swap the axes of a matrix."""
        return self.add("Transpose", value, perm=[1, 0])

    def smooth(self, rows: str, kernel: npt.ArrayLike, *, before: int, after: int) -> str:
        """Convolve each row of a matrix with the same kernel, its edges repeated.

        Args:
            rows: shape (rows, length).
            kernel: weights.
            before: samples repeated before a row's start.
            after: samples repeated after a row's end.
        """
        pads = self.integer([0, 0, before, 0, 0, after])
        padded = self.add("Pad", self.unsqueeze(rows, 1), pads, mode="edge")
        weights = self.number(np.asarray(kernel, np.float32)[None, None])
        return self.squeeze(self.add("Conv", padded, weights), 1)

    def split(self, value: str, count: int, *, axis: int) -> list[str]:
        """Cut in equal parts."""
        names = [f"Split_{len(self._nodes)}_{part}" for part in range(count)]
        self._nodes.append(helper.make_node("Split", [value], names, axis=axis))
        return names

    def model(
        self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto], name: str
    ) -> onnx.ModelProto:
        """Return the checked model."""
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return model
