"""Reads safetensors: eight bytes of header length, a JSON header, then the raw tensors.

Source: https://github.com/huggingface/safetensors#format
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from services.embedder.errors import ModelFilesError

FloatArray = npt.NDArray[np.float32]

_LENGTH_BYTES = 8
_DTYPES: Mapping[str, npt.DTypeLike] = {"F32": "<f4", "F16": "<f2"}
_MARKER = "embeddings.word_embeddings.weight"


class Weights:
    """The tensors of one BERT checkpoint by name, read from disk when asked for.

    Names are those of the bare encoder: a checkpoint saved from a larger model, whose names all begin with
    `bert.`, answers to the same ones.
    """

    def __init__(self, header: Mapping[str, Any], data: npt.NDArray[np.uint8]) -> None:
        self._header = header
        self._data = data
        self._prefix = next((name.removesuffix(_MARKER) for name in header if name.endswith(_MARKER)), "")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Maps the file into memory. Raises ModelFilesError if it is not a safetensors file."""
        try:
            raw = np.memmap(path, dtype=np.uint8, mode="r")
            start = _LENGTH_BYTES + int.from_bytes(raw[:_LENGTH_BYTES].tobytes(), "little")
            header = json.loads(raw[_LENGTH_BYTES:start].tobytes())
        except (OSError, ValueError) as error:
            raise ModelFilesError(f"{path} is not a safetensors file") from error
        return cls(header, raw[start:])

    def __getitem__(self, name: str) -> FloatArray:
        """The tensor as float32, in its shape. Raises ModelFilesError if it is absent or of another type."""
        entry = self._header.get(self._prefix + name)
        if entry is None:
            raise ModelFilesError(f"the weights hold no tensor {name}")
        dtype = _DTYPES.get(entry["dtype"])
        if dtype is None:
            raise ModelFilesError(
                f"tensor {name} is stored as {entry['dtype']}, not as one of {', '.join(_DTYPES)}"
            )
        start, end = entry["data_offsets"]
        return self._data[start:end].view(dtype).reshape(entry["shape"]).astype(np.float32, copy=False)

    def linear(self, name: str) -> FloatArray:
        """The matrix of a linear layer as [in, out]; checkpoints store [out, in]."""
        return np.ascontiguousarray(self[f"{name}.weight"].T)
