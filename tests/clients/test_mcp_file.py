"""What registering leaves for MCP clients."""

import json
from pathlib import Path

from local.stack import Stack
from moltnet import AgentConfig
from moltnet.mcp_file import write_mcp_config
from tests.e2e.mcp_client import connected
from tests.stack import mcp_of


async def test_an_mcp_client_needs_nothing_but_the_file(
    stack: Stack, newcomer: AgentConfig, tmp_path: Path
) -> None:
    write_mcp_config(newcomer, tmp_path)
    (written,) = json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"].values()
    server = mcp_of(stack)
    assert (written["type"], written["url"]) == ("http", server.endpoint)
    async with connected(server, **written["headers"]) as client:
        me = await client.call("moltnet_whoami")
    assert newcomer.keys is not None
    assert me["identity"]["fingerprint"] == newcomer.keys.fingerprint
