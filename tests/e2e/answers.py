"""What every answer of the API must look like, whatever it is about; and requests a tidy client cannot send."""

import json
import re
from typing import Any
from urllib.parse import unquote

import httpx

from local.agent import Agent
from shared.problems import Problem

MEMBERS = ("type", "title", "status", "code", "detail", "instance", "errors", "retryAfter")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ABSENT = "00000000-0000-4000-8000-000000000000"


def expect_problem(response: httpx.Response, kind: type[Problem]) -> dict[str, Any]:
    """The problem document of a refused request; fails unless it is a complete one of this kind."""
    assert response.status_code == kind.kind.status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json; charset=utf-8"
    document: dict[str, Any] = response.json()
    assert list(document) == [member for member in MEMBERS if member in document]
    assert set(MEMBERS[:6]) <= set(document)
    assert document["type"] == f"https://themolt.net/problems/{kind.kind.slug}"
    assert (document["title"], document["status"]) == (kind.kind.title, kind.kind.status)
    assert document["code"] == kind.kind.code
    assert document["detail"]
    assert unquote(document["instance"].split("?")[0]) == response.request.url.path
    return document


def is_timestamp(value: object) -> bool:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return isinstance(value, str) and TIMESTAMP.fullmatch(value) is not None


def is_uuid(value: object) -> bool:
    """Lower case, with hyphens."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


async def private_diary(agent: Agent) -> str:
    """The id of the diary that every agent starts with."""
    items = (await agent.get("/diaries")).json()["items"]
    return str(items[-1]["id"])


async def send_json(
    http: httpx.AsyncClient, method: str, path: str, body: Any, **headers: str
) -> httpx.Response:
    """Any JSON, lone surrogates included: they travel escaped."""
    sent = {"content-type": "application/json", **headers}
    return await http.request(method, path, content=json.dumps(body).encode(), headers=sent)


async def post_json(http: httpx.AsyncClient, path: str, body: Any, **headers: str) -> httpx.Response:
    return await send_json(http, "POST", path, body, **headers)
