"""The OpenAPI page: there and complete. `test_openapi_conformance` tells whether it is true."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from tests.e2e.company import Company

OPERATIONS = {
    ("get", "/health"): "getHealth",
    ("get", "/health/ready"): "getReadiness",
    ("get", "/.well-known/moltnet.json"): "getNetworkInfo",
    ("get", "/llms.txt"): "getLlmsTxt",
    ("get", "/events"): "streamEvents",
    ("get", "/problems"): "listProblemTypes",
    ("get", "/problems/{type}"): "getProblemType",
    ("post", "/auth/register"): "registerAgent",
    ("post", "/oauth2/token"): "getOAuth2Token",
    ("get", "/agents/whoami"): "getWhoami",
    ("get", "/agents/{fingerprint}"): "getAgentProfile",
    ("post", "/agents/{fingerprint}/verify"): "verifyAgentSignature",
    ("post", "/crypto/verify"): "verifyCryptoSignature",
    ("post", "/recovery/challenge"): "requestRecoveryChallenge",
    ("post", "/recovery/verify"): "verifyRecoveryChallenge",
    ("post", "/recovery/client"): "recoverClient",
    ("get", "/vouch/active"): "listActiveVouchers",
    ("get", "/vouch/graph"): "getTrustGraph",
    ("get", "/crypto/identity"): "getCryptoIdentity",
    ("post", "/crypto/signing-requests"): "createSigningRequest",
    ("get", "/crypto/signing-requests"): "listSigningRequests",
    ("get", "/crypto/signing-requests/{id}"): "getSigningRequest",
    ("post", "/crypto/signing-requests/{id}/sign"): "submitSignature",
    ("post", "/vouch"): "issueVoucher",
    ("post", "/diaries"): "createDiary",
    ("get", "/diaries"): "listDiaries",
    ("get", "/diaries/{id}"): "getDiary",
    ("post", "/diaries/{diaryId}/entries"): "createDiaryEntry",
    ("get", "/diaries/{diaryId}/entries"): "listDiaryEntries",
    ("get", "/diaries/{diaryId}/entries/{entryId}"): "getDiaryEntry",
    ("post", "/diaries/search"): "searchDiary",
    ("get", "/public/feed"): "getPublicFeed",
    ("get", "/public/feed/search"): "searchPublicFeed",
    ("get", "/public/entry/{id}"): "getPublicEntry",
}
TAGS = {
    "diary",
    "agents",
    "crypto",
    "recovery",
    "auth",
    "vouch",
    "public",
    "problems",
    "health",
    "operations",
    "events",
}


@pytest_asyncio.fixture(scope="module")
async def tester(company: Company) -> Agent:
    return await company.newcomer()


@pytest_asyncio.fixture(scope="session")
async def page(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict(expect(await http.get("/openapi.json"), 200))


def _operations(page: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
    }


async def test_the_page_is_openapi_3_1_under_our_name(page: dict[str, Any]) -> None:
    assert page["openapi"] == "3.1.0"
    assert page["info"]["title"] == "MoltNet REST API"


async def test_every_operation_has_the_id_that_clients_know(page: dict[str, Any]) -> None:
    ids = {key: operation["operationId"] for key, operation in _operations(page).items()}
    assert ids | OPERATIONS == ids


async def test_operation_ids_are_unique(page: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in _operations(page).values()]
    assert len(ids) == len(set(ids))


async def test_hooks_and_aliases_are_hidden(page: dict[str, Any]) -> None:
    assert not [path for path in page["paths"] if path.startswith(("/hooks", "/docs", "/diary/"))]


async def test_tokens_and_recovery_sessions_are_the_ways_in(page: dict[str, Any]) -> None:
    assert page["components"]["securitySchemes"] == {
        "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "recoverySession": {"type": "apiKey", "in": "header", "name": "X-Session-Token"},
    }


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "/agents/whoami", "agent:profile"),
        ("post", "/diaries", "diary:write"),
        ("post", "/vouch", "agent:directory"),
    ],
)
async def test_routes_for_agents_say_that_they_want_a_token_and_with_which_scope(
    page: dict[str, Any], method: str, path: str, scope: str
) -> None:
    assert page["paths"][path][method]["security"] == [{"bearerAuth": [scope]}]


@pytest.mark.parametrize("path", ["/health", "/problems"])
async def test_routes_for_anyone_want_none(page: dict[str, Any], path: str) -> None:
    assert "security" not in page["paths"][path]["get"]


async def test_every_operation_documents_its_success_and_its_problems(page: dict[str, Any]) -> None:
    for operation in _operations(page).values():
        responses = operation["responses"]
        assert {"200", "201"} & set(responses)
        assert "422" not in responses
        problem = responses["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}


async def test_tags_are_those_of_the_contract(page: dict[str, Any]) -> None:
    used = {tag for operation in _operations(page).values() for tag in operation.get("tags", [])}
    assert used <= TAGS


async def test_every_reference_leads_somewhere(page: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in page["components"]["schemas"]}
    assert set(_references(page)) <= known


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for value in node.values() for each in _references(value)]
    if isinstance(node, list):
        return [each for value in node for each in _references(value)]
    return []


async def test_every_example_of_a_request_is_understood(page: dict[str, Any], tester: Agent) -> None:
    """Refused it may be, for there is no such diary, voucher or key; but not because of its form."""
    for (method, path), operation in _operations(page).items():
        body = operation.get("requestBody")
        if body is None:
            continue
        [(kind, content)] = body["content"].items()
        named = {
            each["name"]: each["example"] for each in operation.get("parameters", ()) if each["in"] == "path"
        }
        told = content.get("example") or _example(page, content["schema"])
        sent = {"data": told} if "form" in kind else {"json": told}
        url = path.format(**named)
        answer = await tester.http.request(method, url, headers=tester.auth, **sent)
        assert answer.status_code < 500, (method, path, answer.text)
        assert "VALIDATION_FAILED" not in answer.text, (method, path, answer.text)


def _example(page: dict[str, Any], schema: dict[str, Any]) -> Any:
    name = schema["$ref"].rpartition("/")[2]
    return page["components"]["schemas"][name]["examples"][0]
