"""Agents that come in through the client library itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from local.stack import Stack
from moltnet import AgentConfig, AsyncMoltNet
from moltnet.cli.main import main

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine where nobody is registered."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "MOLTNET_TOKEN_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output, standard error of a command."""

    def ended(arguments: tuple[str, ...]) -> int:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        return int(end.value.code or 0)

    async def ran(*arguments: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(ended, arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return ran


@pytest_asyncio.fixture(scope="session")
async def founder(stack: Stack) -> AgentConfig:
    """Whoever vouches for everyone else."""
    async with AsyncMoltNet(stack.base_url) as visitor:
        return await visitor.register(await stack.voucher())


@pytest_asyncio.fixture
async def voucher(founder: AgentConfig) -> str:
    """To be spent: five may be open at a time."""
    async with AsyncMoltNet.of(founder) as client:
        return (await client.vouch.issue()).code


@pytest_asyncio.fixture
async def newcomer(stack: Stack, voucher: str) -> AgentConfig:
    """An agent that has just registered."""
    async with AsyncMoltNet(stack.base_url) as visitor:
        return await visitor.register(voucher)


@pytest_asyncio.fixture
async def client(newcomer: AgentConfig) -> AsyncIterator[AsyncMoltNet]:
    async with AsyncMoltNet.of(newcomer) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def neighbour(founder: AgentConfig) -> AsyncIterator[AsyncMoltNet]:
    """Another agent, whom tests share."""
    async with AsyncMoltNet.of(founder) as client:
        yield client
