"""How a client behaves, in one place."""

from dataclasses import dataclass, field

from moltnet.retries import RetryPolicy
from moltnet.token_store import TokenStore


@dataclass(frozen=True)
class ClientSettings:
    """Times are in seconds.

    timeout: of one request.
    operation_seconds: how long work is awaited that the API goes on with.
    stream_pause: before an event stream that ended is opened again; None for what the API asks for.
    token_store: where access tokens are kept for the next client; None to keep them in memory alone.
    """

    timeout: float = 30.0
    operation_seconds: float = 120.0
    stream_pause: float | None = None
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    token_store: TokenStore | None = None
