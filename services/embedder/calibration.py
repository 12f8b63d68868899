"""Measures how large each activation channel gets on fixed texts, for smoothing before quantisation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from services.embedder.graph import FloatMatrices, build_encoder
from services.embedder.models import ModelSpec
from services.embedder.session import open_session, pad
from services.embedder.tokens import Tokens
from services.embedder.weights import FloatArray, Weights
from services.embedder.writer import GraphWriter

SMOOTHED = (".qkv", ".intermediate.dense")
"""Endings of the matrices that read a LayerNorm; what comes out of attention or of GELU is not smoothed."""


def activation_peaks(spec: ModelSpec, weights: Weights, tokens: Tokens) -> dict[str, FloatArray]:
    """Largest absolute value of each input channel [in] of each matrix to smooth, by matrix name."""
    probe = _Probe()
    session = open_session(build_encoder(spec, weights, probe))
    peaks = {name: np.zeros(1, np.float32) for name in probe.names}
    ids = sorted((tokens.query(text).chunks[0].ids for text in calibration_texts()), key=len)
    # Only texts of one length go together: padding has activations too, and they must not count.
    for _, same_length in groupby(ids, key=len):
        measured = session.run(probe.names, pad(list(same_length)))
        for name, peak in zip(probe.names, measured, strict=True):
            peaks[name] = np.maximum(peaks[name], peak)
    return peaks


@dataclass
class _Probe(FloatMatrices):
    """Float matrices that also put out the peaks of what they are multiplied with."""

    names: list[str] = field(default_factory=list)

    def multiply(self, graph: GraphWriter, name: str, matrix: FloatArray, rows: str) -> str:
        """See `graph.Matrices`."""
        if name.endswith(SMOOTHED):
            peaks = graph.node("ReduceMax", graph.node("Abs", rows), axes=[0], keepdims=0)
            graph.output(name, peaks, [matrix.shape[0]])
            self.names.append(name)
        # The output above has the matrix's name, so the matrix needs another.
        return super().multiply(graph, f"{name}.weight", matrix, rows)


def calibration_texts() -> Iterator[str]:
    """64 texts of the kinds that get embedded: every subject told in two ways."""
    for subject in _SUBJECTS:
        for manner in _MANNERS:
            yield manner.format(subject)


_MANNERS = (
    "Why did {}?",
    "Note to self\nToday {}. I checked it twice, wrote the steps down, and will look again soon.\ntag:log",
)

_SUBJECTS = (
    "the nightly backup of the customer database fail with exit code 137",
    "a pull request that renames user_id to account_id break 14 tests",
    "the moon look larger near the horizon",
    "my grandmother's bread recipe use 500 g of rye flour and 350 ml of water",
    "TLS certificates for api.example.org expire on 2031-03-09T12:00:00Z",
    "an agent forget its private key and recover the account with a signature",
    "the committee vote 7 to 2 against the new parking rules",
    "SELECT count(*) FROM orders WHERE status = 'open' take 4.2 seconds",
    "interest rates rise by 0.25 % while unemployment fell",
    "the violinist play Bach's second partita without a score",
    "git rebase --onto main feature~3 lose two commits",
    "penguins huddle together in the Antarctic winter",
    "the train from Zürich to Milano arrive forty minutes late",
    'the parser accept {"a": [1, 2, 3], "b": null} but reject trailing commas',
    "Marie Curie win two Nobel prizes, in physics and in chemistry",
    "a vaccine need two doses to protect most adults",
    "the user prefer short answers, dark mode and no emoji",
    "the Kubernetes pod restart with OOMKilled after the 3.2.1 release",
    "tomato plants in the greenhouse get yellow leaves in July",
    "the lease of the flat end early, and who pays the deposit",
    "El gato duerme en la cocina mean that the cat is asleep",
    "def add(a: int, b: int) -> int: return a + b pass the type checker",
    "the goalkeeper save a penalty in the last minute of the final",
    "0x7fffe3a1 point to freed memory in the allocator",
    "I promise Ana to send the photographs by Friday",
    "the ancient bridge collapse during the flood of 1342",
    "retrying the payment charge the card twice, order #99812",
    "meditation before breakfast help me to concentrate",
    "whales sing at 20 Hz across whole oceans",
    "the vector index return fewer rows than the limit asked for",
    "the contract with the supplier forbid sharing of price lists",
    "the sourdough rise faster at 28 degrees than at 19",
)
