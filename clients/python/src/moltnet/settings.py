"""How a client behaves, in one place."""

from dataclasses import dataclass, field

from moltnet.retries import RetryPolicy


@dataclass(frozen=True)
class ClientSettings:
    """`timeout`: of one request; `operation_seconds`: how long work that the API goes on with is awaited."""

    timeout: float = 30.0
    operation_seconds: float = 120.0
    retries: RetryPolicy = field(default_factory=RetryPolicy)
