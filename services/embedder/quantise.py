"""Eight-bit matrices with one activation scale per token.

A scale shared by a whole batch lets a text's vector change with its neighbours and with padding; a scale per
row does not. Before the products that read a LayerNorm, activations are smoothed as in SmoothQuant (Xiao et
al. 2022): channels with large values are divided by a factor that the weights are multiplied with, so that
both quantise well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from services.embedder.processor import FULL_RANGE
from services.embedder.weights import FloatArray
from services.embedder.writer import CONTRIB, GraphWriter

_ZERO_POINT = 128
_SMALLEST = 1e-12
_ACTIVATION_SHARE = 0.7

Int8Array = npt.NDArray[np.int8]


def quantise(matrix: FloatArray, axis: int, limit: int = FULL_RANGE) -> tuple[Int8Array, FloatArray]:
    """Symmetric int8 with one scale per column (axis 0) or per row (axis 1).

    The matrix is int8 * scale, to within half a scale.
    """
    scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), _SMALLEST) / limit
    return np.rint(matrix / scale).astype(np.int8), scale.squeeze(axis)


def smoothing_factors(peaks: FloatArray, matrix: FloatArray) -> FloatArray:
    """Factor per input channel, from its largest activation and the matrix [in, out] that it meets."""
    weight_peaks = np.maximum(np.abs(matrix).max(axis=1), _SMALLEST)
    activations = np.maximum(peaks, _SMALLEST) ** _ACTIVATION_SHARE
    factors: FloatArray = activations / weight_peaks ** (1 - _ACTIVATION_SHARE)
    return factors


@dataclass(frozen=True)
class Int8Matrices:
    """Matrices as int8.

    peaks: largest activation per input channel of the matrices to smooth, by matrix name.
    limit: largest absolute weight.
    """

    peaks: Mapping[str, FloatArray]
    limit: int = FULL_RANGE

    def lookup(self, graph: GraphWriter, name: str, table: FloatArray, ids: str) -> str:
        """See `graph.Matrices`; one scale per row of the table."""
        values, scales = quantise(table, axis=1)
        rows = graph.node("Gather", graph.constant(name, values), ids)
        scale = graph.node("Gather", graph.constant(f"{name}.scale", scales[:, None]), ids)
        return graph.node("Mul", graph.node("Cast", rows, to=TensorProto.FLOAT), scale)

    def multiply(self, graph: GraphWriter, name: str, matrix: FloatArray, rows: str) -> str:
        """See `graph.Matrices`; one scale per row of the activations and per column of the matrix."""
        if name in self.peaks:
            factors = smoothing_factors(self.peaks[name], matrix)
            rows = graph.node("Mul", rows, graph.constant(f"{name}.smoothing", 1 / factors))
            matrix = matrix * factors[:, None]
        values, scales = quantise(matrix, axis=0, limit=self.limit)
        quantised, row_scale = _quantise_rows(graph, rows)
        product = graph.node(
            "MatMulIntegerToFloat",
            quantised,
            graph.constant(name, values),
            graph.scalar("one", 1),
            graph.constant(f"{name}.scale", scales),
            _zero_point(graph),
            domain=CONTRIB,
        )
        return graph.node("Mul", product, row_scale)


def _quantise_rows(graph: GraphWriter, rows: str) -> tuple[str, str]:
    """Rows [n, in] as uint8 around the zero point, and their scales [n, 1]."""
    peak = graph.node("ReduceMax", graph.node("Abs", rows), axes=[1], keepdims=0)
    floor = graph.scalar("smallest", _SMALLEST)
    share = graph.scalar("share", 1 / FULL_RANGE)
    scale = graph.node("Mul", graph.node("Max", peak, floor), share)
    zero_points = graph.node("Expand", _zero_point(graph), graph.node("Shape", scale))
    quantised = graph.node("QuantizeLinear", rows, scale, zero_points, axis=0)
    return quantised, graph.node("Unsqueeze", scale, graph.shape(1))


def _zero_point(graph: GraphWriter) -> str:
    return graph.scalar("zero_point", _ZERO_POINT, np.uint8)
