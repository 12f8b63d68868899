"""The command line asks for an access token once, and uses it in the commands that follow."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from local.stack import Stack
from moltnet import AgentConfig, AsyncMoltNet, ClientCredentials, ClientSettings, KeptToken, RetryPolicy
from moltnet.cli.exit_codes import ExitCode
from tests.clients.conftest import Run
from tests.clients.weak_line import WeakLine

WHOAMI, TOKEN = ("GET", "/agents/whoami"), ("POST", "/oauth2/token")


@pytest_asyncio.fixture
async def line(
    stack: Stack, newcomer: AgentConfig, home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WeakLine]:
    """From a machine where an agent is registered to the API."""
    newcomer.save()
    async with WeakLine(stack.base_url) as line:
        monkeypatch.setenv("MOLTNET_API_URL", line.url)
        yield line


@pytest.fixture
def cache(home: Path) -> Path:
    return home / ".cache" / "moltnet"


def files_in(cache: Path) -> list[Path]:
    return list(cache.iterdir()) if cache.exists() else []


def only_file(cache: Path) -> Path:
    (path,) = files_in(cache)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_two_commands_ask_for_one_token(run: Run, line: WeakLine, cache: Path) -> None:
    first = await run("whoami")
    assert first[0] == ExitCode.OK
    assert await run("whoami") == first
    assert (line.passed[WHOAMI], line.passed[TOKEN]) == (2, 1)
    assert mode_of(only_file(cache)) == 0o600
    assert mode_of(cache) == 0o700


async def test_the_file_holds_no_secret_of_the_client(
    run: Run, line: WeakLine, cache: Path, newcomer: AgentConfig
) -> None:
    await run("whoami")
    assert newcomer.oauth2 is not None
    assert newcomer.oauth2.client_secret not in only_file(cache).read_text()


async def test_nothing_is_kept_when_it_is_switched_off(
    run: Run, line: WeakLine, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLTNET_TOKEN_CACHE", "off")
    for _ in range(2):
        assert (await run("whoami"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == 2
    assert not files_in(cache)


async def test_a_kept_token_that_is_refused_is_replaced(run: Run, line: WeakLine) -> None:
    await run("whoami")
    line.spoiled[WHOAMI] = 1
    assert (await run("whoami"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == 2
    assert (await run("whoami"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == 2


async def test_a_token_that_is_refused_is_not_kept(run: Run, line: WeakLine, cache: Path) -> None:
    await run("whoami")
    path = only_file(cache)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"token": "nonsense"}))
    assert (await run("whoami"))[0] == ExitCode.OK
    assert json.loads(path.read_text())["token"] != "nonsense"
    assert line.passed[TOKEN] == 2


async def test_a_refused_token_is_gone_even_if_no_other_can_be_had(
    run: Run, line: WeakLine, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run("whoami")
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    line.spoiled[WHOAMI], line.failed[TOKEN] = 1, 1
    assert (await run("whoami"))[0] == ExitCode.UNAVAILABLE
    assert not files_in(cache)


async def test_a_token_near_its_end_is_not_used(run: Run, line: WeakLine, cache: Path) -> None:
    await run("whoami")
    path = only_file(cache)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"good_until": 1.0}))
    assert (await run("whoami"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == 2
    assert json.loads(path.read_text())["good_until"] > 1.0


async def test_a_file_that_makes_no_sense_is_passed_over(run: Run, line: WeakLine, cache: Path) -> None:
    await run("whoami")
    only_file(cache).write_text("{")
    assert (await run("whoami"))[::2] == (ExitCode.OK, "")
    assert line.passed[TOKEN] == 2


async def test_a_cache_that_can_not_be_written_stops_no_command(
    run: Run, line: WeakLine, cache: Path
) -> None:
    cache.parent.write_text("This is no directory.")
    assert (await run("whoami"))[::2] == (ExitCode.OK, "")
    assert line.passed[TOKEN] == 1


@pytest.mark.parametrize("command", ["rotate-secret", "recover"])
async def test_another_secret_ends_the_kept_token(
    run: Run, line: WeakLine, cache: Path, command: str
) -> None:
    await run("whoami")
    assert only_file(cache)
    assert (await run(command))[0] == ExitCode.OK
    assert not files_in(cache)
    before = line.passed[TOKEN]
    assert (await run("whoami"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == before + 1


async def test_login_tries_the_secret_itself(run: Run, line: WeakLine) -> None:
    await run("whoami")
    assert (await run("login"))[0] == ExitCode.OK
    assert line.passed[TOKEN] == 2


class Stubborn:
    """A store that neither takes a token nor lets one go."""

    def load(self, base_url: str, credentials: ClientCredentials) -> KeptToken | None:
        return KeptToken("nonsense", good_until=1e12)

    def save(self, base_url: str, credentials: ClientCredentials, kept: KeptToken) -> None: ...
    def forget(self, base_url: str, client_id: str) -> None: ...


async def test_a_refused_token_that_stays_in_the_store_is_not_used_again(
    line: WeakLine, newcomer: AgentConfig
) -> None:
    settings = ClientSettings(token_store=Stubborn())
    async with AsyncMoltNet(line.url, credentials=newcomer.credentials, settings=settings) as agent:
        assert str((await agent.agents.whoami()).identity_id) == newcomer.identity_id
    assert (line.passed[WHOAMI], line.passed[TOKEN]) == (2, 1)
