"""Little voices for tests: graphs with Piper's inputs, and every shape of vocoder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS = 4


@dataclass
class SmallVoice:
    """A graph in the making: ids become frames of `CHANNELS` values, four frames an id."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    last: str = ""

    def __post_init__(self) -> None:
        """Begin with what no window can do: each frame knows of all ids."""
        self.random = np.random.default_rng(3)
        ids = self.add("Cast", "input", to=TensorProto.FLOAT)
        mean = self.add("ReduceMean", ids, keepdims=1)
        ids = self.add("Div", ids, self.add("Add", mean, self.constant(1.0)))
        column = self.add("Unsqueeze", ids, self.constant([2], np.int64))
        table = self.constant(self.random.normal(size=(1, 1, 4 * CHANNELS)))
        frames = self.add("MatMul", column, table)
        frames = self.add("Reshape", frames, self.constant([1, -1, CHANNELS], np.int64))
        self.last = self.add("Transpose", frames, perm=[0, 2, 1])

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        """Store a tensor."""
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator, by default to what was added last."""
        self.last, given = f"{operator}{len(self.nodes)}", inputs or (self.last,)
        self.nodes.append(helper.make_node(operator, given, [self.last], self.last, **attributes))
        return self.last

    def convolve(self, kernel: int, dilation: int = 1, **attributes: Any) -> str:
        """Add a convolution that keeps the length."""
        weights = self.random.normal(size=(CHANNELS, CHANNELS, kernel)) / kernel
        span = dilation * (kernel - 1)
        pads = [span // 2, span - span // 2]
        settings = {"dilations": [dilation], "pads": pads, **attributes}
        return self.add("Conv", self.last, self.constant(weights), **settings)

    def stretch(self, stride: int, kernel: int, **attributes: Any) -> str:
        """Add a transposed convolution that makes it `stride` times as long."""
        weights = self.random.normal(size=(CHANNELS, CHANNELS, kernel)) / stride
        pad = kernel - stride
        settings = {"strides": [stride], "pads": [pad // 2, pad - pad // 2], **attributes}
        return self.add("ConvTranspose", self.last, self.constant(weights), **settings)

    def graph(self) -> onnx.GraphProto:
        """Return the graph, its channels summed up as samples."""
        self.add("ReduceSum", self.last, self.constant([1], np.int64), keepdims=1)
        self.add("Tanh")
        self.add("Unsqueeze", self.last, self.constant([0], np.int64))
        return self.ending_here()

    def ending_here(self) -> onnx.GraphProto:
        """Return the graph up to the last operator."""
        self.nodes[-1].output[0] = "output"
        inputs = [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "ids"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ]
        output = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)
        return helper.make_graph(self.nodes, "voice", inputs, [output], self.constants)

    def save(self, path: Path, symbols: Sequence[str] = "_^$abcdefghijklmnop.") -> Path:
        """Write the voice with its configuration."""
        graph = self.graph()
        operators = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=operators, ir_version=8), path)
        config = {
            "num_symbols": 256,
            "num_speakers": 1,
            "audio": {"sample_rate": 16000},
            "espeak": {"voice": "en-us"},
            "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
        }
        path.with_name(f"{path.name}.json").write_text(json.dumps(config), "utf-8")
        return path
