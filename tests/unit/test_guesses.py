"""Wrong credentials cost the one who guesses: after some, nobody is asked about another."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from services.gateway.app import create_app
from services.gateway.authentication import Authenticator, Trust
from services.gateway.key_ring import KeyRing
from services.gateway.rate_limits import QUESTIONS_AT_A_TIME, RateLimits
from services.gateway.recovery_sessions import METHOD, RecoverySessions
from services.gateway.settings import RateLimitSettings
from shared.contracts.identity import Agent
from shared.ory.hydra import Clients, SigningKeys
from shared.ory.kratos import Session, Sessions
from shared.problems import NotFound, RateLimitExceeded
from tests.e2e.answers import expect_problem
from tests.unit.vectors import A

GUESSES = 3
GOOD = "good"
AGENT = Agent(identity_id=uuid4(), public_key=A.public_key, fingerprint=A.fingerprint)
LIMITS = RateLimitSettings.model_validate({"RATE_LIMIT_GLOBAL_ANON": GUESSES, "RATE_LIMIT_RECOVERY": 1000})


class OryServers:
    """What they are asked about credentials, counted. One token and one session are good."""

    def __init__(self) -> None:
        self.asked = 0

    async def introspect(self, token: str) -> dict[str, Any]:
        await self._count()
        claims = {f"moltnet:{name}": str(value) for name, value in dict(AGENT).items()}
        return {"active": token == GOOD, "client_id": "client", "ext": claims}

    async def find(self, token: str) -> Session | None:
        await self._count()
        good = Session(AGENT.identity_id, datetime.now(UTC), frozenset({METHOD}))
        return good if token == GOOD else None

    async def _count(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)


class Bus:
    async def queued_since(self, *_: Any) -> None:
        return None

    async def request(self, *_: Any) -> None:
        raise NotFound("There is no such operation.")


@pytest.fixture
def ory() -> OryServers:
    return OryServers()


@pytest.fixture
def app(ory: OryServers) -> FastAPI:
    """A gateway that has just started."""

    async def agents(identity_id: UUID) -> Agent | None:
        return AGENT

    app = create_app()
    app.state.parts = SimpleNamespace(
        authenticator=Authenticator(
            KeyRing(cast("SigningKeys", ory)), cast("Clients", ory), agents, Trust(frozenset())
        ),
        recovery_sessions=RecoverySessions(cast("Sessions", ory), agents),
        rate_limits=RateLimits(LIMITS),
        bus=Bus(),
        enforce_scopes=True,
    )
    return app


def _client(app: FastAPI, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(base_url="http://gateway", transport=transport)


@pytest_asyncio.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(app, "10.0.0.1") as client:
        yield client


OPERATION = f"/operations/{uuid4()}"
Door = tuple[str, str, str, str]
DOORS: dict[str, Door] = {
    "a token where one is needed": ("GET", "/diaries", "authorization", "Bearer {}"),
    "a token where none is needed": ("GET", OPERATION, "authorization", "Bearer {}"),
    "a session": ("POST", "/recovery/client", "x-session-token", "{}"),
    "a session where none is needed": ("GET", OPERATION, "x-session-token", "{}"),
}
OPEN = DOORS["a token where none is needed"]
"""Known callers are told here that there is nothing."""


@pytest.fixture(params=list(DOORS.values()), ids=list(DOORS))
def door(request: pytest.FixtureRequest) -> Door:
    return cast("Door", request.param)


async def _knock(http: httpx.AsyncClient, door: Door, credential: str) -> httpx.Response:
    method, path, header, form = door
    return await http.request(method, path, headers={header: form.format(credential)})


async def test_an_address_that_guessed_enough_is_not_asked_for(
    http: httpx.AsyncClient, ory: OryServers, door: Door
) -> None:
    answers = [await _knock(http, door, f"guess-{number}") for number in range(3 * GUESSES)]
    refused = expect_problem(answers[-1], RateLimitExceeded)
    assert refused["retryAfter"] > 0
    assert ory.asked == GUESSES


async def test_many_guesses_at_one_moment_do_not_outrun_the_count(
    http: httpx.AsyncClient, ory: OryServers, door: Door
) -> None:
    await asyncio.gather(*(_knock(http, door, f"guess-{number}") for number in range(100)))
    assert ory.asked <= GUESSES + QUESTIONS_AT_A_TIME


async def test_another_address_may_go_on(http: httpx.AsyncClient, app: FastAPI) -> None:
    for number in range(2 * GUESSES):
        await _knock(http, OPEN, f"guess-{number}")
    expect_problem(await _knock(http, OPEN, GOOD), RateLimitExceeded)
    async with _client(app, "10.0.0.2") as other:
        expect_problem(await _knock(other, OPEN, GOOD), NotFound)


async def test_credentials_that_hold_are_no_guesses(http: httpx.AsyncClient) -> None:
    for _ in range(5 * GUESSES):
        expect_problem(await _knock(http, OPEN, GOOD), NotFound)


async def test_a_crowd_with_good_credentials_gets_in_at_one_moment(http: httpx.AsyncClient) -> None:
    crowd = (_knock(http, OPEN, GOOD) for _ in range(QUESTIONS_AT_A_TIME))
    assert {answer.status_code for answer in await asyncio.gather(*crowd)} == {404}
