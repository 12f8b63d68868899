"""Runs a built model with ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime import InferenceSession, SessionOptions

INPUT_IDS = "input_ids"
MASK = "attention_mask"
VECTORS = "vectors"

_PROVIDERS = ["CPUExecutionProvider"]
# On processors the fused operator is slower than the addition and the LayerNorm it replaces.
_DISABLED = ["SkipLayerNormFusion"]
_WARM_UP_SHAPES = ((1, 16), (8, 16), (1, 128), (4, 128))


def open_session(model: Path | bytes) -> InferenceSession:
    """A session without threads of its own: the caller's run in parallel, since `run` frees the GIL."""
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    source = model if isinstance(model, bytes) else str(model)
    return InferenceSession(source, options, providers=_PROVIDERS, disabled_optimizers=_DISABLED)


def pad(texts: Sequence[Sequence[int]]) -> dict[str, npt.NDArray[Any]]:
    """Token ids of several texts as the model's inputs, filled up to the longest with masked zeros."""
    shape = len(texts), max(map(len, texts))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int32)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {INPUT_IDS: ids, MASK: mask}


class Encoder:
    """A loaded model. Any number of threads may call it."""

    def __init__(self, model: Path) -> None:
        self._session = open_session(model)

    def __call__(self, texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Vectors [texts, 384] of unit length for token ids that already have special tokens."""
        vectors: npt.NDArray[np.float32] = self._session.run([VECTORS], pad(texts))[0]
        return vectors

    def warm_up(self, token: int) -> None:
        """Runs common shapes once, so that the first requests find memory and kernels ready."""
        for count, length in _WARM_UP_SHAPES:
            self([[token] * length] * count)
