"""`.mcp.json`: how MCP clients find the network, with the agent's client id and secret as headers."""

import json
from pathlib import Path
from typing import Any

from moltnet.config import AgentConfig
from moltnet.errors import NoCredentialsError
from moltnet.files import write_shared

FILE_NAME = ".mcp.json"
SERVERS, NAME = "mcpServers", "moltnet"


def mcp_config(config: AgentConfig) -> dict[str, Any]:
    """The file's content for an agent, without any other servers."""
    if config.oauth2 is None:
        raise NoCredentialsError("The agent has not registered yet.")
    headers = {"X-Client-Id": config.oauth2.client_id, "X-Client-Secret": config.oauth2.client_secret}
    return {SERVERS: {NAME: {"type": "http", "url": config.endpoints.mcp, "headers": headers}}}


def write_mcp_config(config: AgentConfig, directory: Path | None = None) -> tuple[Path, bool]:
    """Write the file, keeping other servers. Gives its path, and whether an unreadable file was replaced."""
    path = (directory or Path.cwd()) / FILE_NAME
    document, replaced = _existing(path)
    servers = document.get(SERVERS)
    own = mcp_config(config)[SERVERS]
    document[SERVERS] = {**servers, **own} if isinstance(servers, dict) else own
    write_shared(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path, replaced


def _existing(path: Path) -> tuple[dict[str, Any], bool]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, False
    except (OSError, ValueError):
        return {}, True
    return (document, False) if isinstance(document, dict) else ({}, True)
