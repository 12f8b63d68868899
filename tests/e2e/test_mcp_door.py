"""Who may speak to the MCP server, and how it answers those who may not."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent
from local.ports import LOOPBACK, Ports
from tests.e2e.mcp_client import connected, pair_of
from tests.stack import McpServer, running_mcp

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"accept": "application/json, text/event-stream"}
METADATA = "https://mcp.example.org/.well-known/oauth-protected-resource/mcp"


async def _post(server: McpServer, message: Any = LIST, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as http:
        return await http.post(server.endpoint, json=message, headers={**ACCEPT, **headers})


async def _get(server: McpServer, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.base_url) as http:
        return await http.get(path)


@pytest_asyncio.fixture(scope="module")
async def guarded(base_url: str) -> AsyncIterator[McpServer]:
    """One that lets nobody in without credentials, as it would run behind a public name."""
    variables = {
        "AUTH_ENABLED": "true",
        "MCP_RESOURCE_URI": "https://mcp.example.org/mcp",
        "ORY_HYDRA_PUBLIC_URL": "https://auth.example.org",
        "MCP_ALLOWED_ORIGINS": "https://chat.example.org",
    }
    async with running_mcp(base_url, **variables) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def lonely() -> AsyncIterator[McpServer]:
    """One whose API is away."""
    async with running_mcp(f"http://{LOOPBACK}:{Ports.free().gateway}") as running:
        yield running


@pytest.mark.parametrize("headers", [{}, {"X-Client-Id": "alone"}, {"X-Client-Secret": "alone"}])
async def test_a_guarded_server_asks_for_credentials_and_says_where_to_get_them(
    guarded: McpServer, headers: dict[str, str]
) -> None:
    answer = await _post(guarded, **headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "UNAUTHORIZED"
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert f'resource_metadata="{METADATA}"' in answer.headers["www-authenticate"]


async def test_the_metadata_names_the_resource_and_who_gives_out_tokens(guarded: McpServer) -> None:
    told = (await _get(guarded, "/.well-known/oauth-protected-resource/mcp")).json()
    assert told["resource"] == "https://mcp.example.org/mcp"
    assert [url.rstrip("/") for url in told["authorization_servers"]] == ["https://auth.example.org"]
    assert told["bearer_methods_supported"] == ["header"]
    assert "diary:read" in told["scopes_supported"]


async def test_the_metadata_is_where_clients_look_for_it(mcp: McpServer) -> None:
    for path in ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"):
        told = await _get(mcp, path)
        assert told.status_code == 200
        assert told.json()["resource"] == mcp.endpoint


async def test_credentials_open_a_guarded_server(guarded: McpServer, resident: Agent) -> None:
    async with connected(guarded, resident) as me:
        assert (await me.call("moltnet_whoami"))["authenticated"] is True
    assert (await _post(guarded, authorization=f"Bearer {resident.token}")).status_code == 200


async def test_a_wrong_secret_is_refused_then_slowed_down(
    mcp: McpServer, agent: Agent, resident: Agent
) -> None:
    wrong = {"X-Client-Id": agent.client_id, "X-Client-Secret": "a guess"}
    for _ in range(5):
        answer = await _post(mcp, **wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")
        assert "resource_metadata=" in answer.headers["www-authenticate"]
    stopped = await _post(mcp, **wrong)
    assert (stopped.status_code, stopped.json()["error"]) == (429, "RATE_LIMITED")
    assert 0 < int(stopped.headers["retry-after"]) <= 61
    assert (await _post(mcp, **pair_of(resident))).status_code == 200


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer", "Bearer a b", "Basic YTpi", ""])
async def test_a_token_that_does_not_hold_is_refused_whatever_else_is_sent(
    mcp: McpServer, resident: Agent, authorization: str
) -> None:
    answer = await _post(mcp, **pair_of(resident), authorization=authorization)
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_there_are_no_sessions_to_open_or_end(mcp: McpServer, method: str) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.request(method, mcp.endpoint, headers=ACCEPT)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_names_of_other_hosts_and_pages_of_other_sites_are_refused(
    mcp: McpServer, guarded: McpServer, resident: Agent
) -> None:
    assert (await _post(mcp, host="rebound.example.net")).status_code == 421
    assert (await _post(mcp, origin="https://evil.example.net")).status_code == 403
    assert (await _post(mcp, origin="http://localhost:6274")).status_code == 200
    public = {**pair_of(resident), "host": "mcp.example.org"}
    assert (await _post(guarded, **public)).status_code == 200
    assert (await _post(guarded, **public, origin="https://chat.example.org")).status_code == 200
    assert (await _post(guarded, **public, origin="https://evil.example.net")).status_code == 403


async def test_what_is_no_message_is_refused(mcp: McpServer) -> None:
    async with httpx.AsyncClient() as http:
        garbage = await http.post(
            mcp.endpoint, content=b"{", headers={**ACCEPT, "content-type": "application/json"}
        )
        large = await http.post(mcp.endpoint, json={"x": "x" * 1_100_000}, headers=ACCEPT)
        unread = await http.post(mcp.endpoint, json=LIST, headers={"accept": "text/html"})
    assert garbage.status_code == 400
    assert garbage.json()["error"]["code"] == -32700
    assert unread.status_code == 406
    assert large.status_code == 413
    nowhere = await _get(mcp, "/nowhere")
    assert (nowhere.status_code, nowhere.json()["error"]) == (404, "NOT_FOUND")


async def test_a_server_that_can_work_says_so(guarded: McpServer) -> None:
    alive, ready = await _get(guarded, "/healthz"), await _get(guarded, "/healthz/ready")
    assert (alive.status_code, alive.json()["status"]) == (200, "ok")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert ready.json()["components"]["api"]["status"] == "ok"


async def test_a_server_whose_api_is_away_lives_and_is_not_ready(lonely: McpServer) -> None:
    assert (await _get(lonely, "/healthz")).status_code == 200
    ready = await _get(lonely, "/healthz/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "degraded")
    assert ready.json()["components"]["api"]["error"] == "connection_failed"


async def test_without_its_api_a_server_tells_so(lonely: McpServer, resident: Agent) -> None:
    for credentials in (pair_of(resident), {"authorization": f"Bearer {resident.token}"}):
        answer = await _post(lonely, **credentials)
        assert (answer.status_code, answer.json()["error"]) == (502, "BAD_GATEWAY")
    async with connected(lonely) as anyone:
        refused = await anyone.refused("moltnet_trust_graph")
        assert (refused["code"], refused["status"]) == ("SERVICE_UNAVAILABLE", 503)
        assert refused["retry_after"] > 0


async def test_no_credentials_and_no_contents_get_into_the_log(guarded: McpServer, resident: Agent) -> None:
    diary = await resident.diary()
    async with connected(guarded, resident) as me:
        await me.call("diary_create", diary_ref=diary, content="a private thought")
        await me.refused("diaries_create", name="", visibility="a private thought")
    await _post(guarded, authorization=f"Bearer {resident.token}")
    await _post(guarded, **{"X-Client-Id": resident.client_id, "X-Client-Secret": "a wrong secret"})
    log = guarded.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"tool_refused", "request"} <= {line["event"] for line in lines}
    for secret in (resident.client_secret, resident.token, "a wrong secret", "a private thought"):
        assert secret not in log
