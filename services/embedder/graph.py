"""The encoder as an ONNX graph: BERT (Devlin et al. 2018), masked mean pooling, L2 normalisation.

The tokens of all texts stand below one another as rows [batch * length, 384]; only attention needs them
apart. How a matrix is stored and multiplied is the business of a `Matrices`, so that one description serves
every precision.
"""

from typing import Protocol

import numpy as np
from onnx import TensorProto

from services.embedder.models import DIMENSIONS, ModelSpec
from services.embedder.session import INPUT_IDS, MASK, VECTORS
from services.embedder.weights import FloatArray, Weights
from services.embedder.writer import CONTRIB, GraphWriter

_EPSILON = 1e-12


class Matrices(Protocol):
    """How the large matrices are stored in the graph and used there."""

    def lookup(self, graph: GraphWriter, name: str, table: FloatArray, ids: str) -> str:
        """Rows of an embedding table: ids [...] -> float [..., 384]."""

    def multiply(self, graph: GraphWriter, name: str, matrix: FloatArray, rows: str) -> str:
        """rows [n, in] times matrix [in, out] -> float [n, out]."""


class FloatMatrices:
    """Matrices as they are."""

    def lookup(self, graph: GraphWriter, name: str, table: FloatArray, ids: str) -> str:
        """See Matrices."""
        return graph.node("Gather", graph.constant(name, table), ids)

    def multiply(self, graph: GraphWriter, name: str, matrix: FloatArray, rows: str) -> str:
        """See Matrices."""
        return graph.node("MatMul", rows, graph.constant(name, matrix))


def build_encoder(spec: ModelSpec, weights: Weights, matrices: Matrices) -> bytes:
    """The serialised model, from ids and mask [batch, length] to vectors [batch, 384] of unit length.

    Ids are int64; the int32 mask is 1 for a token and 0 for padding. Raises ModelFilesError if the weights
    lack a tensor.
    """
    graph = GraphWriter(spec.name)
    _Encoder(spec, weights, matrices, graph).write()
    return graph.serialise()


class _Encoder:
    def __init__(self, spec: ModelSpec, weights: Weights, matrices: Matrices, graph: GraphWriter) -> None:
        self._spec = spec
        self._weights = weights
        self._matrices = matrices
        self._graph = graph
        self._ids = graph.input(INPUT_IDS, TensorProto.INT64, ["batch", "length"])
        self._mask = graph.input(MASK, TensorProto.INT32, ["batch", "length"])
        self._batch_shape = graph.node("Shape", self._ids)

    def write(self) -> None:
        rows = self._embed()
        for layer in range(self._spec.layers):
            name = f"encoder.layer.{layer}"
            rows = self._feed_forward(name, self._attend(f"{name}.attention", rows))
        self._graph.output(VECTORS, self._pool(rows), ["batch", DIMENSIONS])

    def _embed(self) -> str:
        graph = self._graph
        words = self._matrices.lookup(
            graph, "words", self._weights["embeddings.word_embeddings.weight"], self._ids
        )
        length = graph.node("Slice", self._batch_shape, graph.shape(1), graph.shape(2))
        positions = graph.node("Slice", self._positions(), graph.shape(0), length, graph.shape(0))
        rows = graph.node("Reshape", graph.node("Add", words, positions), graph.shape(-1, DIMENSIONS))
        return self._normalise("embeddings.LayerNorm", rows)

    def _positions(self) -> str:
        """Position table with token type 0 added in, since every token of a single text has that type."""
        table = self._weights["embeddings.position_embeddings.weight"][: self._spec.token_limit]
        first_type = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._graph.constant("positions", table + first_type)

    def _attend(self, name: str, rows: str) -> str:
        graph, weights = self._graph, self._weights
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([weights.linear(part) for part in parts], axis=1)
        bias = graph.constant(f"{name}.qkv.bias", np.concatenate([weights[f"{part}.bias"] for part in parts]))
        product = self._matrices.multiply(graph, f"{name}.qkv", matrix, rows)
        packed = self._unroll(product, 3 * DIMENSIONS)
        query, key, value = graph.nodes("Split", packed, outputs=3, axis=2)
        heads = graph.node(
            "MultiHeadAttention",
            *(query, key, value, bias, self._mask),
            domain=CONTRIB,
            num_heads=self._spec.heads,
        )
        context = graph.node("Reshape", heads, graph.shape(-1, DIMENSIONS))
        return self._add_and_normalise(f"{name}.output", context, rows)

    def _feed_forward(self, name: str, rows: str) -> str:
        graph, inner = self._graph, f"{name}.intermediate.dense"
        product = self._matrices.multiply(graph, inner, self._weights.linear(inner), rows)
        active = graph.node("BiasGelu", product, self._tensor(f"{inner}.bias"), domain=CONTRIB)
        return self._add_and_normalise(f"{name}.output", active, rows)

    def _add_and_normalise(self, name: str, inner: str, residual: str) -> str:
        graph, dense = self._graph, f"{name}.dense"
        product = self._matrices.multiply(graph, dense, self._weights.linear(dense), inner)
        outer = graph.node("Add", product, self._tensor(f"{dense}.bias"))
        return self._normalise(f"{name}.LayerNorm", graph.node("Add", outer, residual))

    def _normalise(self, name: str, rows: str) -> str:
        scale, bias = self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias")
        return self._graph.node("LayerNormalization", rows, scale, bias, axis=-1, epsilon=_EPSILON)

    def _pool(self, rows: str) -> str:
        graph = self._graph
        mask = graph.node("Cast", self._mask, to=TensorProto.FLOAT)
        # A matrix product sums over the tokens many times faster than multiplying and reducing does.
        picker = graph.node("Unsqueeze", mask, graph.shape(1))
        total = graph.node("MatMul", picker, self._unroll(rows, DIMENSIONS))
        count = graph.node("ReduceSum", mask, graph.shape(1), keepdims=1)
        mean = graph.node("Div", graph.node("Squeeze", total, graph.shape(1)), count)
        return graph.node("LpNormalization", mean, axis=-1, p=2)

    def _unroll(self, rows: str, width: int) -> str:
        """Rows [batch * length, width] -> [batch, length, width]."""
        shape = self._graph.node("Concat", self._batch_shape, self._graph.shape(width), axis=0)
        return self._graph.node("Reshape", rows, shape)

    def _tensor(self, name: str) -> str:
        return self._graph.constant(name, self._weights[name])
