"""What the embedder has done so far."""

from collections.abc import Callable
from dataclasses import dataclass

from shared import metrics


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


def report(look: Callable[[], EmbedderStats]) -> None:
    """Tell these figures as metrics. Texts by batches is the mean size of a batch."""
    total = metrics.observe_total
    total("moltnet.embedder.batches", lambda: look().batches, text="Runs of the model")
    total("moltnet.embedder.texts", lambda: look().texts, text="Texts in these runs")
    total("moltnet.embedder.tokens", lambda: look().tokens, text="Tokens in these runs")
    total("moltnet.embedder.model_time", lambda: look().model_seconds, unit="s", text="Time in the model")
    total("moltnet.embedder.refused", lambda: look().refused, text="Texts turned away")
    total("moltnet.embedder.failed", lambda: look().failed, text="Texts whose run failed")
    total("moltnet.embedder.truncated", lambda: look().truncated, text="Texts of which a part was left out")
    metrics.observe(
        "moltnet.embedder.waiting",
        "lane",
        lambda: {"query": look().waiting_queries, "passage": look().waiting_passages},
        text="Texts that wait",
    )
