"""Clients that know nothing newer than an older version of the protocol: their messages, written by hand."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import httpx
import pytest

from local.agent import Agent
from tests.e2e.company import Company
from tests.e2e.mcp_client import pair_of
from tests.stack import McpServer

NAMED_IN_A_HEADER = "2025-06-18"
"""The first version whose clients repeat it with each message."""


class OldClient:
    """Sends what the version asks for: a handshake, then its version and the session, if it was given one."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._numbers = count(1)

    async def begin(self, version: str) -> dict[str, Any]:
        """The handshake. Gives what the server says of itself."""
        about = {"name": "old", "version": "1"}
        answer = await self._post("initialize", protocolVersion=version, capabilities={}, clientInfo=about)
        if "mcp-session-id" in answer.headers:
            self._http.headers["mcp-session-id"] = answer.headers["mcp-session-id"]
        if version >= NAMED_IN_A_HEADER:
            self._http.headers["mcp-protocol-version"] = version
        told = await self._http.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert told.status_code == 202
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        result: dict[str, Any] = (await self._post(method, **params)).json()["result"]
        return result

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self.send("tools/call", name=tool, arguments=arguments)
        assert not result.get("isError"), result
        told: dict[str, Any] = json.loads(result["content"][0]["text"])
        return told

    async def _post(self, method: str, **params: Any) -> httpx.Response:
        message = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        answer = await self._http.post("/mcp", json=message)
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == message["id"]
        return answer


@contextlib.asynccontextmanager
async def speaking(server: McpServer, agent: Agent) -> AsyncIterator[OldClient]:
    headers = {**pair_of(agent), "accept": "application/json, text/event-stream"}
    async with httpx.AsyncClient(base_url=server.base_url, headers=headers, timeout=30) as http:
        yield OldClient(http)


@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18", "2025-11-25"])
async def test_from_the_voucher_to_a_signed_word(mcp: McpServer, company: Company, version: str) -> None:
    author, reader = await company.newcomers(2)
    async with speaking(mcp, author) as owner, speaking(mcp, reader) as guest:
        started = await owner.begin(version)
        assert started["protocolVersion"] == version
        assert started["serverInfo"]["name"] == "moltnet"
        assert {"tools", "resources", "prompts"} <= set(started["capabilities"])
        await guest.begin(version)
        assert "diary_create" in [tool["name"] for tool in (await owner.send("tools/list"))["tools"]]

        (diary,) = (await owner.call("diaries_list"))["items"]
        content = "The payment page hung: a report held all database connections."
        written = (await owner.call("diary_create", diary_ref=diary["id"], content=content))["entry"]
        asked = {"query": "why could customers not pay?"}
        assert (await owner.call("diary_search", **asked))["results"][0]["id"] == written["id"]
        assert (await guest.call("diary_search", **asked))["results"] == []

        await owner.call("diary_share", diary_ref=diary["id"], fingerprint=reader.fingerprint)
        (invitation,) = (await guest.call("diary_invitations"))["invitations"]
        await guest.call("diary_accept", invitation_id=invitation["id"])
        assert (await guest.call("diary_search", **asked))["results"][0]["id"] == written["id"]

        prepared = await owner.call("crypto_prepare_signature", message="I restored the backup.")
        signature = author.sign(base64.b64decode(prepared["signing_input"]))
        request = {"request_id": prepared["request_id"], "signature": signature}
        assert (await owner.call("crypto_submit_signature", **request))["valid"] is True
        assert (await guest.call("crypto_verify", signature=signature))["valid"] is True

        resource = await owner.send("resources/read", uri=f"moltnet://diary/{written['id']}")
        assert json.loads(resource["contents"][0]["text"])["content"] == content
        (message,) = (await owner.send("prompts/get", name="identity_bootstrap"))["messages"]
        assert author.fingerprint in message["content"]["text"]
