"""The SDK's own client, speaking over HTTP as one agent, or as nobody."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent, TextResourceContents

from local.agent import Agent
from tests.stack import McpServer

NOW = "auto"
"""The client asks which versions there are, and takes the newest."""
BEFORE = "legacy"
"""The handshake of the protocol's versions up to 2025-11-25."""


class McpAgent:
    """What a tool answered, as an object; a failure of a tool fails the test unless it is asked for."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        (item,) = result.content
        assert isinstance(item, TextContent)
        assert not result.is_error, f"{tool}: {item.text}"
        assert json.loads(item.text) == result.structured_content
        told: dict[str, Any] = result.structured_content
        return told

    async def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What is told of a call that must fail."""
        result = await self.client.call_tool(tool, arguments)
        (item,) = result.content
        assert isinstance(item, TextContent)
        assert result.is_error, f"{tool} went well: {item.text}"
        told: dict[str, Any] = json.loads(item.text)
        assert told["error"]
        return told

    async def read(self, uri: str) -> dict[str, Any]:
        (content,) = (await self.client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        assert content.mime_type == "application/json"
        told: dict[str, Any] = json.loads(content.text)
        return told

    async def prompt(self, name: str, **arguments: str) -> str:
        (message,) = (await self.client.get_prompt(name, arguments)).messages
        assert message.role == "user"
        assert isinstance(message.content, TextContent)
        return message.content.text


def pair_of(agent: Agent) -> dict[str, str]:
    """The headers of the contract's .mcp.json."""
    return {"X-Client-Id": agent.client_id, "X-Client-Secret": agent.client_secret}


@contextlib.asynccontextmanager
async def connected(
    server: McpServer, agent: Agent | None = None, *, mode: str = NOW, **headers: str
) -> AsyncIterator[McpAgent]:
    """A client with the agent's credentials in its headers, or with these headers."""
    sent = {**(pair_of(agent) if agent else {}), **headers}
    async with (
        httpx2.AsyncClient(headers=sent, timeout=30) as http,
        Client(streamable_http_client(server.endpoint, http_client=http), mode=mode) as client,
    ):
        yield McpAgent(client)
