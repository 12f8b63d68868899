"""What the embedder has done so far."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EmbedderStats:
    """A snapshot; all but the waiting counts only grow.

    batches, texts: runs of the model, and texts (queries and chunks of passages) in them.
    tokens, padded_tokens: tokens in these runs without and with padding.
    model_seconds: time spent in the model, summed over workers.
    failed: texts whose run failed; refused: texts turned away because too many waited.
    truncated: queries and passages of which a part was left out.
    waiting_queries, waiting_passages: texts that wait now.
    """

    batches: int = 0
    texts: int = 0
    tokens: int = 0
    padded_tokens: int = 0
    model_seconds: float = 0.0
    failed: int = 0
    refused: int = 0
    truncated: int = 0
    waiting_queries: int = 0
    waiting_passages: int = 0
