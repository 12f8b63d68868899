"""Collects ONNX nodes and constants, and writes them out as one model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper

ONNX_OPSET = 17
CONTRIB = "com.microsoft"
"""Domain of the operators that only ONNX Runtime has."""

_IR_VERSION = 8  # the one that came with opset 17

Shape = Sequence[str | int]


class GraphWriter:
    """A graph in the making. Methods that add something return the name its value goes by."""

    def __init__(self, name: str) -> None:
        # All is put in place at once: handing finished parts over would copy the weights time and again.
        self._model = ModelProto(ir_version=_IR_VERSION, producer_name="moltnet")
        self._model.opset_import.extend(
            [helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid(CONTRIB, 1)]
        )
        self._graph = self._model.graph
        self._graph.name = name
        self._known: set[str] = set()

    def input(self, name: str, dtype: int, shape: Shape) -> str:
        """Declares an input of the graph."""
        self._graph.input.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, value: str, shape: Shape) -> None:
        """Declares a float output of the graph, called `name`, with that value."""
        self._graph.node.append(helper.make_node("Identity", [value], [name]))
        self._graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """Stores a constant; a name that is known already keeps its first value."""
        if name not in self._known:
            self._known.add(name)
            self._graph.initializer.add(
                name=name,
                dims=value.shape,
                data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
                raw_data=value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes(),
            )
        return name

    def scalar(self, name: str, value: float, dtype: npt.DTypeLike = np.float32) -> str:
        """Stores a constant without dimensions."""
        return self.constant(name, np.array(value, dtype))

    def shape(self, *dimensions: int) -> str:
        """A constant shape, or list of axes or positions."""
        return self.constant("shape_" + "_".join(map(str, dimensions)), np.array(dimensions, np.int64))

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Adds an operator with one output. An input of "" is left out."""
        return self.nodes(operator, *inputs, outputs=1, domain=domain, **attributes)[0]

    def nodes(
        self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Adds an operator with several outputs."""
        stem = f"{operator}_{len(self._graph.node)}"
        names = [f"{stem}_{index}" for index in range(outputs)]
        node = helper.make_node(operator, inputs, names, name=stem, domain=domain, **attributes)
        self._graph.node.append(node)
        return names

    def serialise(self) -> bytes:
        """The finished model as bytes; the same graph gives the same bytes."""
        content: bytes = self._model.SerializeToString(deterministic=True)
        return content
