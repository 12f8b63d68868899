"""Problem documents: their members, and how a refused field is told."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from services.gateway import problems
from services.gateway.problems import document
from shared.contracts.fields import DiaryName, Tag
from shared.problems import Conflict, FieldError, RateLimitExceeded, ValidationFailed


class Body(BaseModel):
    name: DiaryName
    tags: Annotated[list[Tag], Field(max_length=2)] = []
    importance: Annotated[int, Field(ge=1, le=10)] = 5
    weight: float = 0
    flag: bool = False


app = FastAPI()
problems.install(app, [])


@app.post("/things/{number}")
async def make(number: int, body: Body, limit: Annotated[int, Query(ge=1)] = 1) -> None: ...


@app.get("/conflict")
async def conflict() -> None:
    raise Conflict("It is there already.")


@app.get("/wait")
async def wait() -> None:
    raise RateLimitExceeded("Slow down.", retry_after=7)


client = TestClient(app, raise_server_exceptions=False)


def _refusal(body: Any, path: str = "/things/1") -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 400
    return dict(response.json())


def test_members_come_in_order_and_absent_ones_are_left_out() -> None:
    problem = ValidationFailed("why", errors=[FieldError(field="/x", message="m")], retry_after=1)
    assert list(document(problem, "/here?a=1")) == [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "instance",
        "errors",
        "retryAfter",
    ]
    assert list(document(Conflict("why"), "/here"))[-1] == "instance"


def test_a_problem_is_answered_with_its_status_and_media_type() -> None:
    response = client.get("/conflict?x=1")
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert response.json() == {
        "type": "https://themolt.net/problems/conflict",
        "title": "Conflict",
        "status": 409,
        "code": "CONFLICT",
        "detail": "It is there already.",
        "instance": "/conflict?x=1",
    }


def test_the_time_to_wait_is_in_the_body_and_in_the_header() -> None:
    response = client.get("/wait")
    assert (response.json()["retryAfter"], response.headers["retry-after"]) == (7, "7")


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({}, "name", "body must have required property 'name'"),
        ({"name": ""}, "/name", "body/name must NOT have fewer than 1 characters"),
        ({"name": "x" * 256}, "/name", "body/name must NOT have more than 255 characters"),
        ({"name": 7}, "/name", "body/name must be string"),
        ({"name": " "}, "/name", "body/name must NOT be blank"),
        ({"name": "a\0"}, "/name", "body/name must NOT contain a NUL character"),
        ({"name": "x", "tags": ["a", ""]}, "/tags/1", "body/tags/1 must NOT have fewer than 1 characters"),
        ({"name": "x", "tags": ["a"] * 3}, "/tags", "body/tags must NOT have more than 2 items"),
        ({"name": "x", "tags": "a"}, "/tags", "body/tags must be array"),
        ({"name": "x", "importance": 11}, "/importance", "body/importance must be <= 10"),
        ({"name": "x", "importance": 2.5}, "/importance", "body/importance must be integer"),
        ({"name": "x", "weight": "much"}, "/weight", "body/weight must be number"),
        ({"name": "x", "flag": "maybe"}, "/flag", "body/flag must be boolean"),
        ([], "unknown", "body must be object"),
    ],
)
def test_a_refused_field_is_told_by_place_and_reason(body: Any, field: str, detail: str) -> None:
    told = _refusal(body)
    assert (told["errors"][0]["field"], told["detail"]) == (field, detail)


def test_a_refused_path_or_query_names_its_part() -> None:
    assert _refusal({"name": "x"}, "/things/many")["detail"] == "params/number must be integer"
    assert _refusal({"name": "x"}, "/things/1?limit=0")["detail"] == "querystring/limit must be >= 1"


def test_every_refused_field_is_listed() -> None:
    told = _refusal({"name": "", "importance": 0})
    assert [error["field"] for error in told["errors"]] == ["/name", "/importance"]


def test_a_body_that_is_no_json_is_refused_as_a_whole() -> None:
    told = client.post("/things/1", content=b"{", headers={"content-type": "application/json"}).json()
    assert told["errors"] == [{"field": "unknown", "message": "is not valid JSON"}]


def test_what_is_refused_is_not_repeated_in_the_answer() -> None:
    assert "hunter2" not in client.post("/things/1", json={"name": ["hunter2"]}).text
