"""Wrong credentials cost the one who guesses: after some, nobody is asked about another."""

import pytest
from starlette.requests import Request

from services.gateway.rate_limits import RateLimits
from services.gateway.settings import RateLimitSettings
from shared.problems import RateLimitExceeded, Unauthorized

GUESSES = 3


@pytest.fixture
def limits() -> RateLimits:
    return RateLimits(RateLimitSettings.model_validate({"RATE_LIMIT_GLOBAL_ANON": GUESSES}))


def _from(address: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (address, 1)})


async def _guess(limits: RateLimits, address: str) -> None:
    with pytest.raises(Unauthorized):
        async with limits.asking(_from(address)):
            raise Unauthorized("no")


async def test_an_address_that_guessed_enough_is_not_asked_for(limits: RateLimits) -> None:
    for _ in range(GUESSES):
        await _guess(limits, "10.0.0.1")
    asked = False
    with pytest.raises(RateLimitExceeded) as refused:
        async with limits.asking(_from("10.0.0.1")):
            asked = True
    assert not asked
    assert refused.value.retry_after


async def test_another_address_may_go_on(limits: RateLimits) -> None:
    for _ in range(GUESSES):
        await _guess(limits, "10.0.0.1")
    async with limits.asking(_from("10.0.0.2")):
        pass


async def test_credentials_that_hold_are_no_guesses(limits: RateLimits) -> None:
    for _ in range(2 * GUESSES):
        async with limits.asking(_from("10.0.0.1")):
            pass
