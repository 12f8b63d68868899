"""When a request is sent again, and after how long.

Changes carry an idempotency key, so every request may be repeated. A problem below 500 is kept with its key and would
only be told again; the exceptions are below.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PASSING = frozenset({408, 429, 502, 503, 504})
"""Statuses that may be different in a moment."""

UNDONE_CODES = frozenset({"SERIALIZATION_EXHAUSTED", "UPSTREAM_ERROR"})
"""Problems that leave nothing done, and stay with their idempotency key: only a new key gives a new attempt."""

FINAL_CODES = frozenset({"VOUCHER_LIMIT"})
"""Problems with such a status that waiting does not cure."""


@dataclass(frozen=True)
class RetryPolicy:
    """`attempts` in all; `longest_wait` between two of them, in seconds. Who is told to wait longer gives up."""

    attempts: int = 4
    first_wait: float = 0.25
    longest_wait: float = 60.0

    def wait_after(self, attempt: int, asked: float | None = None) -> float | None:
        """Seconds to wait after the attempt (from 1), at least what the API `asked` for; None to give up."""
        if attempt >= self.attempts or (asked or 0.0) > self.longest_wait:
            return None
        backoff: float = self.first_wait * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load
        return max(asked or 0.0, min(backoff, self.longest_wait))


def seconds_asked(retry_after: str | None) -> float | None:
    """The header's value (RFC 9110 section 10.2.3): seconds, or a date. None if it says neither."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def repeatable_key(*parts: str) -> str:
    """An idempotency key that follows from these, and so is the same in every process."""
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
