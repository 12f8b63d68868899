"""Client credentials become access tokens once, and are renewed in time."""

import asyncio
from dataclasses import dataclass

import pytest

from services.mcp.credentials import LOCKED_SECONDS, MAX_FAILURES, ClientPair, Recent, Tokens
from shared.problems import RateLimitExceeded, Unauthorized, UpstreamError
from tests.unit.mcp_stand_in import StandIn

PAIR = ClientPair("agent", "right")
HERE = "192.0.2.1"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_many_requests_at_once_share_one_exchange() -> None:
    api = StandIn()
    tokens = Tokens(api.client())
    told = await asyncio.gather(*(tokens.token(PAIR, HERE) for _ in range(20)))
    assert set(told) == {"token 1"}
    assert len(api.exchanges) == 1


async def test_a_caller_that_leaves_does_not_take_the_exchange_with_it() -> None:
    tokens = Tokens(StandIn().client())
    leaver = asyncio.create_task(tokens.token(PAIR, HERE))
    stayer = asyncio.create_task(tokens.token(PAIR, HERE))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await stayer == "token 1"


@pytest.mark.parametrize(("life", "kept"), [(3600, 3299), (3600, 0), (400, 199)])
async def test_a_token_is_kept_while_it_has_life_left(life: int, kept: int) -> None:
    api, clock = StandIn(life=life), Clock()
    tokens = Tokens(api.client(), clock)
    await tokens.token(PAIR, HERE)
    clock.now += kept
    assert await tokens.token(PAIR, HERE) == "token 1"


@pytest.mark.parametrize(("life", "passed"), [(3600, 3300), (400, 200)])
async def test_a_token_is_renewed_with_five_minutes_left_or_half_of_a_short_life(
    life: int, passed: int
) -> None:
    api, clock = StandIn(life=life), Clock()
    tokens = Tokens(api.client(), clock)
    await tokens.token(PAIR, HERE)
    clock.now += passed
    assert await tokens.token(PAIR, HERE) == "token 2"


async def test_while_the_api_is_away_a_living_token_goes_on() -> None:
    api, clock = StandIn(), Clock()
    tokens = Tokens(api.client(), clock)
    await tokens.token(PAIR, HERE)
    api.is_away = True
    clock.now += 3500
    assert await tokens.token(PAIR, HERE) == "token 1"
    clock.now += 100
    with pytest.raises(UpstreamError):
        await tokens.token(PAIR, HERE)


async def test_a_refused_token_is_replaced_once_however_many_ask() -> None:
    api = StandIn()
    tokens = Tokens(api.client())
    refused = await tokens.token(PAIR, HERE)
    told = await asyncio.gather(*(tokens.renewed(PAIR, HERE, refused) for _ in range(5)))
    assert set(told) == {"token 2"}
    assert await tokens.renewed(PAIR, HERE, refused) == "token 2"


async def test_another_secret_gets_no_token_of_the_first() -> None:
    tokens = Tokens(StandIn().client())
    await tokens.token(PAIR, HERE)
    with pytest.raises(Unauthorized):
        await tokens.token(ClientPair("agent", "wrong"), HERE)
    assert ClientPair("ab", "c").key != ClientPair("a", "bc").key


async def test_guessing_is_stopped_for_a_minute_where_it_comes_from() -> None:
    api, clock = StandIn(), Clock()
    tokens = Tokens(api.client(), clock)
    wrong = ClientPair("agent", "wrong")
    for _ in range(MAX_FAILURES):
        with pytest.raises(Unauthorized):
            await tokens.token(wrong, HERE)
    with pytest.raises(RateLimitExceeded) as stopped:
        await tokens.token(PAIR, HERE)
    assert 0 < (stopped.value.retry_after or 0) <= LOCKED_SECONDS + 1
    assert await tokens.token(PAIR, "192.0.2.2") == f"token {MAX_FAILURES + 1}"
    clock.now += LOCKED_SECONDS + 1
    assert await tokens.token(PAIR, HERE)


async def test_a_success_lets_the_count_of_failures_begin_again() -> None:
    tokens = Tokens(StandIn().client())
    for number in range(MAX_FAILURES * 2):
        with pytest.raises(Unauthorized):
            await tokens.token(ClientPair("agent", f"wrong {number}"), HERE)
        token = await tokens.token(PAIR, HERE)
        await tokens.renewed(PAIR, HERE, token)


def test_only_what_was_used_last_is_remembered() -> None:
    recent: Recent[int] = Recent(2)
    for value, key in enumerate("ab"):
        recent.put(key, value)
    recent.get("a")
    recent.put("c", 2)
    assert [recent.get(key) for key in "abc"] == [0, None, 2]


def test_a_secret_has_no_way_into_a_log_line() -> None:
    assert "right" not in repr(PAIR)
