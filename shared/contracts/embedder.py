"""Text to vector. Queries overtake passages; a passage is a whole entry."""

from shared.contracts.base import Command, Query, Record


class EmbeddedText(Record):
    """`vector` is base64 of 384 little-endian float32, unit length. Vectors of different `model`s never meet."""

    model: str
    vector: str
    tokens: int
    truncated: bool
    min_similarity: float


class EmbedQuery(Query[EmbeddedText]):
    text: str


class EmbedPassage(Command[EmbeddedText]):
    """`context` (title and tags) is put in front of each piece of a long `text`."""

    text: str
    context: str = ""
