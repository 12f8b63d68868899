"""Operations: what became of a command that took longer than its request."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest_asyncio

from local.agent import Agent, expect
from local.recovering import new_client, recovered_session
from local.stack import Stack
from shared.problems import NotFound, RegistrationFailed, ValidationFailed
from tests.e2e.answers import ABSENT, expect_problem, is_timestamp, is_uuid
from tests.e2e.company import Company
from tests.stack import running_gateway
from tests.waiting import eventually


async def test_an_unknown_operation_is_404(resident: Agent, http: httpx.AsyncClient) -> None:
    expect_problem(await resident.get(f"/operations/{ABSENT}"), NotFound)
    expect_problem(await http.get(f"/operations/{ABSENT}"), NotFound)
    expect_problem(await resident.get("/operations/nonsense"), ValidationFailed)


@pytest_asyncio.fixture(scope="module")
async def impatient(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway of the session's stack that waits a thousandth of a second for an answer."""
    async with (
        running_gateway(stack, COMMAND_DEADLINE_SECONDS="0.001") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        yield http


@pytest_asyncio.fixture
async def hurried(impatient: httpx.AsyncClient, household: Company) -> tuple[Agent, str]:
    """An applicant at the impatient gateway, and a voucher."""
    return Agent(impatient), await household.founder.vouch()


async def test_a_slow_command_is_202_and_found_by_its_operation(hurried: tuple[Agent, str]) -> None:
    applicant, voucher = hurried
    response = await applicant.register(voucher)
    assert response.status_code == 202
    told = response.json()
    assert list(told) == ["id", "status", "createdAt"]
    assert is_uuid(told["id"])
    assert is_timestamp(told["createdAt"])
    assert told["status"] == "pending"
    assert response.headers["location"] == f"/operations/{told['id']}"
    assert int(response.headers["retry-after"]) > 0


@contextlib.asynccontextmanager
async def _no_voucher_can_be_redeemed(stack: Stack) -> AsyncIterator[None]:
    """Registrations wait meanwhile."""
    connection = await asyncpg.connect(stack.exports["DATABASE_URL"])
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE agent_vouchers IN SHARE ROW EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def test_a_pending_operation_tells_the_same_moment_however_often_it_is_asked(
    stack: Stack, hurried: tuple[Agent, str]
) -> None:
    applicant, voucher = hurried
    async with _no_voucher_can_be_redeemed(stack):
        response = await applicant.register(voucher)
        told, location = expect(response, 202), response.headers["location"]
        for _ in range(3):
            assert expect(await applicant.http.get(location), 202) == told
    expect(await _finished(applicant.http, location), 200)


async def test_an_operation_ends_with_the_answer_of_its_request(hurried: tuple[Agent, str]) -> None:
    applicant, voucher = hurried
    location = (await applicant.register(voucher)).headers["location"]
    credentials = expect(await _finished(applicant.http, location), 200)
    assert credentials["publicKey"] == applicant.public_key
    applicant.client_id, applicant.client_secret = credentials["clientId"], credentials["clientSecret"]
    expect(await applicant.log_in(), 200)


async def test_an_operation_that_failed_ends_with_its_problem(impatient: httpx.AsyncClient) -> None:
    applicant = Agent(impatient)
    response = await applicant.register("0" * 64)
    if response.status_code == 202:
        response = await _finished(applicant.http, response.headers["location"])
    expect_problem(response, RegistrationFailed)


async def test_an_operation_is_nobody_elses_business(hurried: tuple[Agent, str], household: Company) -> None:
    applicant, voucher = hurried
    location = (await applicant.register(voucher)).headers["location"]
    await _finished(applicant.http, location)
    known = await applicant.http.get(location, headers=household.founder.auth)
    expect_problem(known, NotFound)


async def test_who_recovers_finds_the_outcome_with_its_session(
    agent: Agent, impatient: httpx.AsyncClient
) -> None:
    session = await recovered_session(agent)
    response = await new_client(impatient, session)
    assert response.status_code == 202
    location = response.headers["location"]
    finished = await _finished(impatient, location, **{"x-session-token": session})
    credentials = expect(finished, 200)
    agent.client_secret = credentials["clientSecret"]
    expect(await agent.log_in(), 200)
    expect_problem(await impatient.get(location), NotFound)


async def _finished(http: httpx.AsyncClient, location: str, **headers: str) -> httpx.Response:
    async def finished() -> httpx.Response | None:
        response = await http.get(location, headers=headers)
        return None if response.status_code == 202 else response

    return await eventually(finished)
