"""Text to vector. Queries overtake passages; a passage is a whole entry."""

from shared.contracts.base import Command, Query, Record


class EmbeddedText(Record):
    """`vector` is base64 of 384 little-endian float32, unit length. Vectors of different `model`s never meet.

    chunks: the same of each piece of a long passage, one after the other; empty if it was embedded in one.
    min_similarity: the cosine at and above which a query and a passage may be related, in this model's space.
    """

    model: str
    vector: str
    tokens: int
    truncated: bool
    min_similarity: float
    chunks: str = ""


class EmbedQuery(Query[EmbeddedText]):
    text: str


class EmbedPassage(Command[EmbeddedText]):
    """`context` (title and tags) is put in front of each piece of a long `text`."""

    text: str
    context: str = ""
