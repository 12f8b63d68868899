"""The webhooks are closed to whoever does not have their key, whatever is sent."""

from typing import Any

import httpx
import pytest

from shared.problems import Unauthorized
from tests.e2e.answers import expect_problem

HOOK = "/hooks/hydra/token-exchange"
BODIES: dict[str, dict[str, Any]] = {
    "a fitting body": {"json": {"session": {}, "request": {"client_id": "x", "grant_types": []}}},
    "another body": {"json": {}},
    "broken JSON": {"content": b"{", "headers": {"content-type": "application/json"}},
    "no body": {},
    "a form": {"data": {"a": "b"}},
}
KEYS = {"no key": None, "an empty key": b"", "a wrong key": b"guess", "a key that is not ASCII": b"\xe9"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
async def test_without_the_key_the_answer_is_401(
    http: httpx.AsyncClient, key: bytes | None, body: dict[str, Any]
) -> None:
    headers = {**body.get("headers", {}), **({} if key is None else {"x-ory-api-key": key})}
    expect_problem(await http.post(HOOK, **{**body, "headers": headers}), Unauthorized)


async def test_a_bearer_token_is_no_key(http: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer x"}
    expect_problem(await http.post(HOOK, json={}, headers=headers), Unauthorized)
