"""When a request is sent again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from moltnet import RetryPolicy
from moltnet.retries import seconds_asked


def test_waits_grow_and_then_end() -> None:
    policy = RetryPolicy(attempts=3, first_wait=1.0)
    first, second = policy.wait_after(1), policy.wait_after(2)
    assert first is not None
    assert second is not None
    assert 0.5 <= first <= 1.5
    assert 1.0 <= second <= 3.0
    assert policy.wait_after(3) is None


def test_what_the_api_asks_for_is_waited_at_least() -> None:
    assert RetryPolicy(first_wait=0.0).wait_after(1, 7.0) == 7.0


def test_nobody_waits_longer_than_the_policy_allows() -> None:
    assert RetryPolicy(longest_wait=5.0).wait_after(1, 6.0) is None


@pytest.mark.parametrize("text", [None, "", "soon", "-1"])
def test_no_retry_after_is_no_wish(text: str | None) -> None:
    assert seconds_asked(text) is None


def test_retry_after_may_be_seconds_or_a_date() -> None:
    assert seconds_asked("7") == 7.0
    past = datetime.now(UTC) - timedelta(hours=1)
    assert seconds_asked(format_datetime(past, usegmt=True)) == 0.0
    later = seconds_asked(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert later is not None
    assert 3000 < later <= 3600
