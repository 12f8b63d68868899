"""Problems: the catalogue, and the failures of the door itself."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from local.agent import Agent, expect
from shared.problems import (
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
)
from tests.e2e.answers import expect_problem, post_json

MIB = 1_048_576
SLUGS = [
    "unauthorized",
    "forbidden",
    "not-found",
    "validation-failed",
    "invalid-challenge",
    "invalid-signature",
    "voucher-limit",
    "serialization-exhausted",
    "rate-limit-exceeded",
    "signing-request-expired",
    "signing-request-already-completed",
    "conflict",
    "registration-failed",
    "upstream-error",
    "internal-server-error",
]


async def test_the_catalogue_lists_every_kind_in_order(http: httpx.AsyncClient) -> None:
    kinds = expect(await http.get("/problems"), 200)
    assert [kind["type"].rpartition("/")[2] for kind in kinds][: len(SLUGS)] == SLUGS
    for kind in kinds:
        assert list(kind) == ["type", "title", "status", "code", "description", "commonCauses"]


async def test_each_kind_has_its_own_page(http: httpx.AsyncClient) -> None:
    for kind in expect(await http.get("/problems"), 200):
        slug = kind["type"].rpartition("/")[2]
        assert expect(await http.get(f"/problems/{slug}"), 200) == kind


@pytest.mark.parametrize("slug", ["nothing", "NOT-FOUND", "%00", "not-found%0a"])
async def test_an_unknown_kind_is_a_validation_problem(http: httpx.AsyncClient, slug: str) -> None:
    assert expect_problem(await http.get(f"/problems/{slug}"), ValidationFailed)["errors"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/diaries/", "/%ff", "/%00", "//diaries", "/DIARIES", "/nothing?x=1"]
)
async def test_an_unknown_path_is_a_404_document(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(http.base_url.copy_with(raw_path=path.encode()))
    expect_problem(response, NotFound)


async def test_the_instance_is_the_path_with_its_query(resident: Agent) -> None:
    response = await resident.get("/diaries/nonsense", a="1", b="ü")
    document = expect_problem(response, ValidationFailed)
    assert document["instance"] == "/diaries/nonsense?a=1&b=%C3%BC"


WRONG_METHODS = [
    ("DELETE", "/health", {"GET", "HEAD"}),
    ("PATCH", "/diaries", {"GET", "HEAD", "POST"}),
    ("PUT", "/crypto/signing-requests", {"GET", "HEAD", "POST"}),
    ("GET", "/vouch", {"POST"}),
    ("HEAD", "/vouch", {"POST"}),
    ("GET", "/oauth2/token", {"POST"}),
    ("GET", "/diaries/search", {"POST"}),
    ("POST", "/agents/whoami", {"GET", "HEAD"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), WRONG_METHODS)
async def test_a_wrong_method_is_a_405_that_lists_the_right_ones(
    resident: Agent, method: str, path: str, allowed: set[str]
) -> None:
    response = await resident.http.request(method, path, headers=resident.auth)
    if method != "HEAD":
        expect_problem(response, MethodNotAllowed)
    assert response.status_code == 405
    assert allowed <= {each.strip() for each in response.headers["allow"].split(",")}


GET_ROUTES = [
    "/health",
    "/health/ready",
    "/problems",
    "/problems/conflict",
    "/openapi.json",
    "/docs",
    "/agents/whoami",
    "/crypto/identity",
    "/crypto/signing-requests",
    "/diaries",
]


@pytest.mark.parametrize("path", GET_ROUTES)
async def test_head_answers_as_get_without_a_body(resident: Agent, path: str) -> None:
    got = await resident.http.get(path, headers=resident.auth)
    head = await resident.http.head(path, headers=resident.auth)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


async def test_head_of_what_is_absent_is_404_without_a_body(http: httpx.AsyncClient) -> None:
    response = await http.head("/nothing")
    assert (response.status_code, response.content) == (404, b"")


async def test_a_body_of_one_mebibyte_is_read(resident: Agent) -> None:
    body = b'{"name": "x", "padding": "' + b"x" * MIB
    body = body[: MIB - 2] + b'"}'
    headers = {**resident.auth, "content-type": "application/json"}
    assert (await resident.http.post("/diaries", content=body, headers=headers)).status_code == 201


@pytest.mark.parametrize("size", [MIB + 1, 8 * MIB])
async def test_a_larger_body_is_413(resident: Agent, size: int) -> None:
    headers = {**resident.auth, "content-type": "application/json"}
    response = await resident.http.post("/diaries", content=b"x" * size, headers=headers)
    expect_problem(response, PayloadTooLarge)


async def test_a_larger_body_in_pieces_is_413(resident: Agent) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(2 * MIB // 65_536):
            yield b"x" * 65_536

    headers = {**resident.auth, "content-type": "application/json"}
    response = await resident.http.post("/diaries", content=pieces(), headers=headers)
    expect_problem(response, PayloadTooLarge)


async def test_a_larger_body_is_413_before_a_token_is_asked_for(http: httpx.AsyncClient) -> None:
    expect_problem(await http.post("/diaries", content=b"x" * (MIB + 1)), PayloadTooLarge)


UNREADABLE = {
    "broken": b'{"name": ',
    "empty": b"",
    "not UTF-8": b'{"name": "\xff"}',
    "nested": b"[" * 100_000,
    "a very long number": b'{"name": ' + b"1" * 5_000 + b"}",
    "two documents": b'{"name": "x"}{"name": "y"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_an_unreadable_body_is_a_validation_problem_with_errors(resident: Agent, body: bytes) -> None:
    headers = {**resident.auth, "content-type": "application/json"}
    response = await resident.http.post("/diaries", content=body, headers=headers)
    assert expect_problem(response, ValidationFailed)["errors"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
async def test_a_body_of_another_media_type_is_415(resident: Agent, media_type: str) -> None:
    headers = {**resident.auth, "content-type": media_type}
    response = await resident.http.post("/diaries", content=b'{"name": "x"}', headers=headers)
    expect_problem(response, UnsupportedMediaType)


DETAILS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "name", "body must have required property 'name'"),
    ({"name": ""}, "/name", "body/name must NOT have fewer than 1 characters"),
    ({"name": "x" * 256}, "/name", "body/name must NOT have more than 255 characters"),
]


@pytest.mark.parametrize(("body", "field", "detail"), DETAILS)
async def test_a_validation_problem_says_where_and_why(
    resident: Agent, body: dict[str, Any], field: str, detail: str
) -> None:
    document = expect_problem(
        await post_json(resident.http, "/diaries", body, **resident.auth), ValidationFailed
    )
    assert document["detail"] == detail
    assert document["errors"][0]["field"] == field


async def test_a_refused_path_or_query_names_its_part(resident: Agent) -> None:
    path = expect_problem(await resident.get("/diaries/nonsense"), ValidationFailed)
    assert path["detail"] == 'params/id must match format "uuid"'
    query = expect_problem(await resident.get("/crypto/signing-requests", limit=0), ValidationFailed)
    assert query["detail"] == "querystring/limit must be >= 1"
    assert query["errors"] == [{"field": "/limit", "message": "must be >= 1"}]
