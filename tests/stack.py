"""Stacks for tests: a private one, and further gateways before it with settings of their own."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.ports import LOOPBACK, Ports
from local.settings import ROOT, StackConfig
from local.stack import Stack
from tests.compose import ComposeEnvironment, declared_commands
from tests.waiting import eventually

UNLIMITED = {
    f"RATE_LIMIT_{bucket}": "100000"
    for bucket in (
        "GLOBAL_AUTH",
        "GLOBAL_ANON",
        "EMBEDDING",
        "VOUCH",
        "SIGNING",
        "RECOVERY",
        "PUBLIC_VERIFY",
        "PUBLIC_SEARCH",
    )
}


@contextlib.asynccontextmanager
async def running_stack(**variables: str) -> AsyncIterator[Stack]:
    """A whole stack on free ports, as docker-compose.yml declares it, with two diary services and two embedders.

    Without rate limits unless `variables` say so. Its data go with it.
    """
    directory = Path(tempfile.mkdtemp(prefix="moltnet-tests-"))
    config = StackConfig(
        data_dir=directory,
        ports=Ports.free(),
        extra_env={**UNLIMITED, **variables},
        services={"diary": 2, "embedder": 2},
        commands=declared_commands(),
    )
    try:
        async with Stack(config, environment=ComposeEnvironment) as stack:
            yield stack
    finally:
        await asyncio.to_thread(shutil.rmtree, directory)


@contextlib.asynccontextmanager
async def running_gateway(stack: Stack, **variables: str) -> AsyncIterator[str]:
    """One more gateway of the stack, with other settings. Gives its address."""
    environment = stack.environment
    port = Ports.free().gateway
    own = {**environment.service("gateway"), **variables, "PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway",
        env={**os.environ, **environment.complete(own)},
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://{LOOPBACK}:{port}"
    try:
        await _answering(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


@dataclass(frozen=True)
class McpServer:
    """A running MCP server: the protocol's endpoint, the address of the rest, and what it logs."""

    base_url: str
    log: Path

    @property
    def endpoint(self) -> str:
        return f"{self.base_url}/mcp"


def mcp_of(stack: Stack) -> McpServer:
    """The one that runs as part of the stack."""
    base_url = stack.environment.mcp_url.removesuffix("/mcp")
    return McpServer(base_url, stack.config.data_dir / "log" / "mcp.log")


@contextlib.asynccontextmanager
async def running_mcp(api: str, **variables: str) -> AsyncIterator[McpServer]:
    """An MCP server for the API at this address, with other settings as `variables` say."""
    port = Ports.free().gateway
    own = {"REST_API_URL": api, "MOLTNET_ENV": "test", "LOG_LEVEL": "DEBUG", **variables, "PORT": str(port)}
    with tempfile.NamedTemporaryFile(prefix="moltnet-mcp-", suffix=".log") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.mcp", env={**os.environ, **own}, cwd=ROOT, stderr=log
        )
        server = McpServer(f"http://{LOOPBACK}:{port}", Path(log.name))
        try:
            await _answering(server.base_url, "/healthz")
            yield server
        finally:
            process.terminate()
            await process.wait()


async def _answering(url: str, path: str = "/health") -> None:
    async with httpx.AsyncClient(base_url=url) as http:

        async def answers() -> bool:
            try:
                return (await http.get(path)).is_success
            except httpx.TransportError:
                return False

        await eventually(answers, seconds=30)
