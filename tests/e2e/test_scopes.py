"""A token that names scopes is good for these only; one that names none for all (ruling D-12)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from local.stack import Stack
from shared.contracts.scopes import Scope
from shared.problems import Forbidden, UnsupportedMediaType, ValidationFailed
from tests.e2e.answers import expect_problem
from tests.e2e.company import Company
from tests.stack import running_gateway

Operations = dict[tuple[str, str], str]
ANY_SCOPE = {("get", "/operations/{id}")}
"""Open to every valid token: what became of a change is told to whoever made it."""


async def _with_scope(agent: Agent, *scopes: Scope) -> Agent:
    """The same agent, with a token for these scopes only."""
    form = {
        "grant_type": "client_credentials",
        "client_id": agent.client_id,
        "client_secret": agent.client_secret,
        "scope": " ".join(scopes),
    }
    told = expect(await agent.http.post("/oauth2/token", data=form), 200)
    return replace(agent, token=told["access_token"])


@pytest_asyncio.fixture(scope="session")
async def page(http: httpx.AsyncClient) -> dict[str, Any]:
    told: dict[str, Any] = expect(await http.get("/openapi.json"), 200)
    return told


@pytest.fixture(scope="session")
def scoped(page: dict[str, Any]) -> Operations:
    """Every operation that takes a token as its only way in, with the scope that the page says it needs."""
    return {
        (method, path): security[0]["bearerAuth"][0]
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
        if (security := operation.get("security")) and security[0].get("bearerAuth")
    }


def _example(page: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """A request as the page shows it, with what the operation cannot do without."""
    operation = page["paths"][path][method]
    needed = {
        place: {
            each["name"]: each["example"]
            for each in operation.get("parameters", ())
            if each["in"] == place and each["required"]
        }
        for place in ("path", "query")
    }
    request = {"method": method, "url": path.format(**needed["path"]), "params": needed["query"]}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return request
    schema = content["schema"]["$ref"].rpartition("/")[2]
    return request | {"json": page["components"]["schemas"][schema]["examples"][0]}


async def test_every_operation_for_agents_needs_a_scope(page: dict[str, Any], scoped: Operations) -> None:
    guarded = {
        (method, path)
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
        if any("bearerAuth" in each for each in operation.get("security", []))
    }
    assert guarded - set(scoped) == ANY_SCOPE
    assert set(scoped.values()) == {str(scope) for scope in Scope}


async def test_a_token_of_another_scope_is_refused_by_every_operation_which_names_what_it_lacks(
    resident: Agent, page: dict[str, Any], scoped: Operations
) -> None:
    for (method, path), scope in scoped.items():
        other = next(each for each in Scope if each != scope)
        agent = await _with_scope(resident, other)
        response = await agent.http.request(**_example(page, method, path), headers=agent.auth)
        document = expect_problem(response, Forbidden)
        assert scope in document["detail"], (method, path)


async def test_what_is_wrong_with_a_request_is_told_before_the_scope_it_lacks(resident: Agent) -> None:
    """The order of ruling A-01: validation, then permission."""
    agent = await _with_scope(resident, Scope.CRYPTO_SIGN)
    expect_problem(await agent.post("/diaries", {"name": ""}), ValidationFailed)
    expect_problem(await agent.get("/diaries/nonsense"), ValidationFailed)
    text = await agent.http.post(
        "/diaries", content=b"x", headers={**agent.auth, "content-type": "text/plain"}
    )
    expect_problem(text, UnsupportedMediaType)
    name = f"Refused {uuid4()}"
    expect_problem(await agent.post("/diaries", {"name": name}), Forbidden)
    kept = expect(await resident.get("/diaries"), 200)["items"]
    assert name not in [diary["name"] for diary in kept]


async def test_a_token_of_the_right_scope_opens_its_operations(agent: Agent) -> None:
    writer = await _with_scope(agent, Scope.DIARY_WRITE)
    reader = await _with_scope(agent, Scope.DIARY_READ)
    diary = await writer.diary()
    expect(await reader.get(f"/diaries/{diary}"), 200)
    both = await _with_scope(agent, Scope.DIARY_READ, Scope.DIARY_WRITE)
    await both.write(diary, "x")
    assert (await both.search("x"))["total"] == 1


async def test_a_token_that_names_no_scope_is_good_for_everything(resident: Agent) -> None:
    expect(await resident.get("/diaries"), 200)
    expect(await resident.get("/agents/whoami"), 200)
    expect(await resident.get("/crypto/signing-requests"), 200)


async def test_a_scope_that_the_client_does_not_have_is_refused_by_the_token_server(resident: Agent) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": resident.client_id,
        "client_secret": resident.client_secret,
        "scope": "everything",
    }
    answer = await resident.http.post("/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest_asyncio.fixture(scope="module")
async def lenient(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that does not enforce scopes."""
    async with (
        running_gateway(stack, ENFORCE_SCOPES="false") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        yield http


async def test_enforcement_can_be_switched_off(lenient: httpx.AsyncClient, household: Company) -> None:
    agent = await _with_scope(household.founder, Scope.CRYPTO_SIGN)
    expect(await lenient.get("/diaries", headers=agent.auth), 200)


@pytest.mark.parametrize("path", ["/diaries", "/agents/whoami"])
async def test_by_default_it_is_on(household: Company, path: str) -> None:
    agent = await _with_scope(household.founder, Scope.CRYPTO_SIGN)
    expect_problem(await agent.get(path), Forbidden)
