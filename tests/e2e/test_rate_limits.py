"""Rate limits, at a gateway that allows little."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from local.agent import Agent, expect
from local.stack import Stack
from shared.problems import RateLimitExceeded
from tests.e2e.answers import ABSENT, expect_problem
from tests.e2e.company import Company
from tests.stack import running_gateway

LIMITS = {
    "RATE_LIMIT_GLOBAL_AUTH": "3",
    "RATE_LIMIT_GLOBAL_ANON": "2",
    "RATE_LIMIT_EMBEDDING": "4",
    "RATE_LIMIT_VOUCH": "1",
    "RATE_LIMIT_SIGNING": "2",
    "RATE_LIMIT_RECOVERY": "2",
    "RATE_LIMIT_PUBLIC_VERIFY": "2",
}
ROUTE = "/problems/conflict"


ADDRESSES = (f"127.0.0.{number}" for number in range(2, 255))


@pytest_asyncio.fixture(scope="module")
async def strict_url(stack: Stack) -> AsyncIterator[str]:
    async with running_gateway(stack, **LIMITS) as url:
        yield url


@pytest_asyncio.fixture
async def strict(strict_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The strict gateway, asked from an address that has not asked before."""
    transport = httpx.AsyncHTTPTransport(local_address=next(ADDRESSES))
    async with httpx.AsyncClient(base_url=strict_url, timeout=30, transport=transport) as http:
        yield http


@pytest_asyncio.fixture
async def limited(strict: httpx.AsyncClient, household: Company) -> Agent:
    """A fresh agent at the strict gateway."""
    agent = await household.newcomer()
    agent.http = strict
    return agent


async def test_each_caller_has_its_own_count(
    strict: httpx.AsyncClient, limited: Agent, household: Company
) -> None:
    anonymous = [(await strict.get(ROUTE)).status_code for _ in range(3)]
    first = [(await limited.get("/diaries")).status_code for _ in range(4)]
    second = (await strict.get("/diaries", headers=household.founder.auth)).status_code
    assert (anonymous, first, second) == ([200, 200, 429], [200, 200, 200, 429], 200)


async def test_a_counted_response_tells_what_is_left(limited: Agent) -> None:
    headers = [(await limited.get("/diaries")).headers for _ in range(2)]
    assert [each["x-ratelimit-limit"] for each in headers] == ["3", "3"]
    assert [each["x-ratelimit-remaining"] for each in headers] == ["2", "1"]
    assert all(0 < int(each["x-ratelimit-reset"]) <= 60 for each in headers)


async def test_a_refusal_says_when_to_come_again(strict: httpx.AsyncClient) -> None:
    for _ in range(2):
        await strict.get(ROUTE)
    response = await strict.get(ROUTE)
    document = expect_problem(response, RateLimitExceeded)
    assert 0 < document["retryAfter"] <= 60
    assert int(response.headers["retry-after"]) == document["retryAfter"]
    assert response.headers["x-ratelimit-remaining"] == "0"


async def test_a_route_with_its_own_limit_leaves_the_global_one_alone(limited: Agent) -> None:
    searches = [(await limited.post("/diaries/search", {})).status_code for _ in range(5)]
    assert searches == [200, 200, 200, 200, 429]
    expect(await limited.get("/diaries"), 200)


async def test_both_addresses_of_search_share_one_count(limited: Agent) -> None:
    addresses = ("/diaries/search", "/diary/search")
    searches = [(await limited.post(addresses[turn % 2], {})).status_code for turn in range(5)]
    assert searches == [200, 200, 200, 200, 429]


async def test_both_ways_to_a_signing_request_share_one_count(limited: Agent) -> None:
    body = {"message": "x"}
    assert [(await limited.post("/crypto/signing-requests", body)).status_code for _ in range(2)] == [
        201,
        201,
    ]
    path = f"/diaries/{ABSENT}/entries/{ABSENT}/signing-request"
    assert (await limited.post(path)).status_code == 429


async def test_vouchers_and_signing_requests_have_their_own_limits(limited: Agent) -> None:
    assert [(await limited.post("/vouch")).status_code for _ in range(2)] == [201, 429]
    body = {"message": "x"}
    asked = [(await limited.post("/crypto/signing-requests", body)).status_code for _ in range(3)]
    assert asked == [201, 201, 429]


async def test_a_limit_comes_before_validation(limited: Agent) -> None:
    refused = [(await limited.post("/diaries", {})).status_code for _ in range(4)]
    assert refused == [400, 400, 400, 429]


async def test_what_is_exempt_or_unknown_is_not_counted(strict: httpx.AsyncClient) -> None:
    for path in ("/health", "/health?x=1", "/problems", "/openapi.json", "/nothing"):
        for _ in range(3):
            response = await strict.get(path)
            assert response.status_code != 429
            assert "x-ratelimit-limit" not in response.headers
    expect(await strict.get(ROUTE), 200)


async def test_the_standard_headers_tell_policy_and_rest(limited: Agent) -> None:
    headers = (await limited.get("/diaries")).headers
    assert headers["ratelimit-policy"] == '"global";q=3;w=60'
    assert re.fullmatch(r'"global";r=2;t=\d+', headers["ratelimit"])


async def test_guesses_of_a_token_are_counted_by_address(strict: httpx.AsyncClient) -> None:
    guess = {"authorization": "Bearer guess"}
    assert [(await strict.get("/diaries", headers=guess)).status_code for _ in range(3)] == [401, 401, 429]


async def test_each_recovery_route_has_a_count_of_its_own(strict: httpx.AsyncClient) -> None:
    key = {"publicKey": Agent(strict).public_key}
    asked = [(await strict.post("/recovery/challenge", json=key)).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    assert (await strict.post("/recovery/verify", json={})).status_code == 400


async def test_each_verification_route_has_a_count_of_its_own(
    strict: httpx.AsyncClient, household: Company
) -> None:
    body = {"signature": household.founder.sign(b"x")}
    asked = [(await strict.post("/crypto/verify", json=body)).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    path = f"/agents/{household.founder.fingerprint}/verify"
    assert (await strict.post(path, json=body)).status_code == 200


async def test_who_claims_another_address_is_not_believed(strict: httpx.AsyncClient) -> None:
    asked = [
        (await strict.get(ROUTE, headers={"x-forwarded-for": f"203.0.113.{number}"})).status_code
        for number in range(3)
    ]
    assert asked == [200, 200, 429]


async def test_behind_a_trusted_proxy_the_callers_own_address_counts(stack: Stack) -> None:
    async with (
        running_gateway(stack, **LIMITS, TRUSTED_PROXIES="127.0.0.0/8") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as proxy,
    ):

        async def asked(address: str) -> int:
            return (await proxy.get(ROUTE, headers={"x-forwarded-for": address})).status_code

        assert [await asked("203.0.113.1") for _ in range(3)] == [200, 200, 429]
        assert await asked("203.0.113.2") == 200
        spoofed = [await asked(f"198.51.100.{number}, 203.0.113.3") for number in range(3)]
        assert spoofed == [200, 200, 429]
        assert [await asked(f"2001:db8:1:2::{number}") for number in range(3)] == [200, 200, 429]


async def test_two_gateways_together_grant_the_limit_and_no_more_than_one_above_it(
    stack: Stack, household: Company
) -> None:
    """Each grants its share, rounded up: of 5 and two gateways that is 3 and 3."""
    limits = {**LIMITS, "RATE_LIMIT_GLOBAL_AUTH": "5", "GATEWAY_REPLICAS": "2"}
    agent = await household.newcomer()
    async with (
        running_gateway(stack, **limits) as first,
        running_gateway(stack, **limits) as second,
        httpx.AsyncClient(timeout=30) as http,
    ):
        statuses = [
            (await http.get(f"{(first, second)[turn % 2]}/diaries", headers=agent.auth)).status_code
            for turn in range(12)
        ]
        assert 5 <= statuses.count(200) <= 6
        assert statuses[6:] == [429] * 6
