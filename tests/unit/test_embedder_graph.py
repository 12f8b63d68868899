"""The graph is BERT as it is defined, whatever the number of layers and the checkpoint's naming."""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import erf, sqrt
from pathlib import Path

import numpy as np
import onnx
import pytest

from services.embedder.errors import ModelFilesError
from services.embedder.graph import FloatMatrices, build_encoder
from services.embedder.models import DIMENSIONS, E5_SMALL
from services.embedder.quantise import Int8Matrices
from services.embedder.session import Encoder, open_session
from services.embedder.weights import FloatArray, Weights

SPEC = replace(E5_SMALL, token_limit=64)
VOCABULARY, INNER = 200, 64

Tensors = dict[str, FloatArray]


def _random_checkpoint() -> Tensors:
    rng = np.random.default_rng(12)

    def normal(*shape: int) -> FloatArray:
        return rng.normal(scale=0.05, size=shape).astype(np.float32)

    def linear(name: str, inputs: int, outputs: int) -> Tensors:
        return {f"{name}.weight": normal(outputs, inputs), f"{name}.bias": normal(outputs)}

    def norm(name: str) -> Tensors:
        return {f"{name}.weight": 1 + normal(DIMENSIONS), f"{name}.bias": normal(DIMENSIONS)}

    tensors = norm("embeddings.LayerNorm")
    for table, rows in (("word", VOCABULARY), ("position", 512), ("token_type", 2)):
        tensors[f"embeddings.{table}_embeddings.weight"] = normal(rows, DIMENSIONS)
    for layer in range(SPEC.layers):
        name = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            tensors |= linear(f"{name}.attention.self.{part}", DIMENSIONS, DIMENSIONS)
        tensors |= linear(f"{name}.attention.output.dense", DIMENSIONS, DIMENSIONS)
        tensors |= norm(f"{name}.attention.output.LayerNorm")
        tensors |= linear(f"{name}.intermediate.dense", DIMENSIONS, INNER)
        tensors |= linear(f"{name}.output.dense", INNER, DIMENSIONS)
        tensors |= norm(f"{name}.output.LayerNorm")
    return tensors


def _write(path: Path, tensors: Tensors, prefix: str = "", dtype: str = "F32") -> Path:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, tensor in tensors.items():
        raw = tensor.astype("<f2" if dtype == "F16" else "<f4").tobytes()
        offsets = [len(body), len(body) + len(raw)]
        header[prefix + name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": offsets}
        body += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


def _reference(tensors: Tensors, ids: Sequence[int]) -> FloatArray:
    """BERT after Devlin et al. 2018, one text at a time, in double precision."""

    def dense(name: str, rows: FloatArray) -> FloatArray:
        product: FloatArray = rows @ tensors[f"{name}.weight"].T.astype(float) + tensors[f"{name}.bias"]
        return product

    def norm(name: str, rows: FloatArray) -> FloatArray:
        centred = rows - rows.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        result: FloatArray = scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]
        return result

    def heads(rows: FloatArray) -> FloatArray:
        return rows.reshape(len(ids), SPEC.heads, -1).swapaxes(0, 1)

    def attention(name: str, rows: FloatArray) -> FloatArray:
        query, key, value = (heads(dense(f"{name}.{part}", rows)) for part in ("query", "key", "value"))
        scores = np.exp(query @ key.swapaxes(1, 2) / sqrt(query.shape[-1]))
        mixed = scores / scores.sum(-1, keepdims=True) @ value
        joined: FloatArray = mixed.swapaxes(0, 1).reshape(len(ids), DIMENSIONS)
        return joined

    def table(name: str) -> FloatArray:
        return tensors[f"embeddings.{name}_embeddings.weight"]

    rows = table("word")[list(ids)] + table("position")[: len(ids)] + table("token_type")[0]
    rows = norm("embeddings.LayerNorm", rows)
    for layer in range(SPEC.layers):
        name = f"encoder.layer.{layer}"
        mixed = dense(f"{name}.attention.output.dense", attention(f"{name}.attention.self", rows))
        rows = norm(f"{name}.attention.output.LayerNorm", rows + mixed)
        inner = dense(f"{name}.intermediate.dense", rows)
        active = inner * (1 + np.vectorize(erf)(inner / sqrt(2))) / 2
        rows = norm(f"{name}.output.LayerNorm", rows + dense(f"{name}.output.dense", active))
    mean = rows.mean(0)
    vector: FloatArray = mean / np.linalg.norm(mean)
    return vector


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return _random_checkpoint()


@pytest.fixture(scope="module")
def checkpoint(tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("checkpoint") / "model.safetensors", tensors, prefix="bert.")


def _texts() -> list[list[int]]:
    rng = np.random.default_rng(3)
    return [rng.integers(1, VOCABULARY, length).tolist() for length in (1, 5, 17, 64)]


def test_twelve_layers_equal_the_definition(tensors: Tensors, checkpoint: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(build_encoder(SPEC, Weights.open(checkpoint), FloatMatrices()))
    onnx.checker.check_model(onnx.load(model))
    vectors = Encoder(model)(_texts())
    expected = np.stack([_reference(tensors, text) for text in _texts()])
    np.testing.assert_allclose(vectors, expected, atol=2e-6)


def test_eight_bits_stay_close_and_padding_changes_nothing(
    tensors: Tensors, checkpoint: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(build_encoder(SPEC, Weights.open(checkpoint), Int8Matrices(peaks={})))
    encoder = Encoder(model)
    together = encoder(_texts())
    alone = np.concatenate([encoder([text]) for text in _texts()])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    expected = np.stack([_reference(tensors, text) for text in _texts()])
    assert (together * expected).sum(-1).min() > 0.99


def test_the_same_checkpoint_gives_the_same_bytes(checkpoint: Path) -> None:
    first, second = (build_encoder(SPEC, Weights.open(checkpoint), Int8Matrices({})) for _ in range(2))
    assert first == second


def test_more_tokens_than_the_limit_are_an_error(checkpoint: Path) -> None:
    session = open_session(build_encoder(SPEC, Weights.open(checkpoint), FloatMatrices()))
    ids = np.ones((1, SPEC.token_limit + 1), np.int64)
    with pytest.raises(Exception, match="Add"):
        session.run(None, {"input_ids": ids, "attention_mask": ids.astype(np.int32)})


def test_a_missing_layer_is_a_clear_error(checkpoint: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"encoder\.layer\.12"):
        build_encoder(replace(SPEC, layers=13), Weights.open(checkpoint), FloatMatrices())


@pytest.mark.parametrize("prefix", ["", "bert.", "model.encoder."])
def test_tensors_are_found_under_any_prefix(tmp_path: Path, prefix: str) -> None:
    name = "embeddings.word_embeddings.weight"
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    weights = Weights.open(_write(tmp_path / "w", {name: table, "dense.weight": table}, prefix))
    np.testing.assert_array_equal(weights[name], table)
    np.testing.assert_array_equal(weights.linear("dense"), table.T)


def test_half_precision_is_read_as_single(tmp_path: Path) -> None:
    weights = Weights.open(_write(tmp_path / "w", {"x": np.array([0.5, -2], np.float32)}, dtype="F16"))
    assert weights["x"].dtype == np.float32
    assert weights["x"].tolist() == [0.5, -2]


@pytest.mark.parametrize("content", [b"", b"too short", (9).to_bytes(8, "little") + b"not json!"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFilesError, match="not a safetensors file"):
        Weights.open(path)


def test_other_number_types_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "w", {"x": np.zeros(2, np.float32)}, dtype="I64")
    with pytest.raises(ModelFilesError, match="I64"):
        Weights.open(path)["x"]
