"""Makes the model ONNX Runtime loads out of a checkpoint. Needed once per model: the result is cached."""

from pathlib import Path

from services.embedder.calibration import activation_peaks
from services.embedder.config import Precision
from services.embedder.graph import FloatMatrices, build_encoder
from services.embedder.models import WEIGHTS_FILE, ModelSpec
from services.embedder.quantise import Int8Matrices
from services.embedder.tokens import Tokens
from services.embedder.weights import Weights


def build_model(
    spec: ModelSpec, files: dict[str, Path], tokens: Tokens, precision: Precision, largest_weight: int
) -> bytes:
    """The serialised model. Raises ModelFilesError if the checkpoint does not fit the spec."""
    weights = Weights.open(files[WEIGHTS_FILE])
    if precision == "fp32":
        return build_encoder(spec, weights, FloatMatrices())
    peaks = activation_peaks(spec, weights, tokens)
    return build_encoder(spec, weights, Int8Matrices(peaks, largest_weight))
