"""The preflight asks the real servers of a stack, and tells which of them would not serve."""

import asyncio
import json
from pathlib import Path

import pytest

from local.ports import LOOPBACK, Ports
from local.settings import SERVICES
from local.stack import Stack
from operations.preflight.__main__ import main

Told = dict[str, dict[str, str]]


@pytest.fixture
def told(stack: Stack) -> Told:
    """What the stack's services and jobs are told."""
    return {
        **{name: stack.environment.service(name) for name in SERVICES},
        "migrate": stack.environment.migrations(),
        "nats-setup": stack.environment.streams(),
    }


async def _judged(told: Told, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    file = folder / "declared.json"
    file.write_text(json.dumps({"services": {name: {"environment": each} for name, each in told.items()}}))
    code = await asyncio.to_thread(main, [str(file)])
    return code, capsys.readouterr().out.splitlines()


def _nowhere() -> str:
    """An address at which nobody listens."""
    return f"{LOOPBACK}:{Ports.free().gateway}"


async def test_a_stack_that_runs_is_fit(
    told: Told, stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = await _judged(told, tmp_path, capsys)
    assert code == 0, lines
    ory = stack.environment.ory_url.removeprefix("http://")
    for line in (
        "postgres: is fit for the migrations",
        "postgres: lets moltnet_diary in",
        "nats: lets operator in",
        f"{ory}: is alive",
        f"{ory}: has the agents' schema",
        f"{ory}: takes our key",
        f"{ory}: is an issuer that is trusted",
        f"{ory}: has the permission model",
    ):
        assert f"ok     {line}" in lines


async def test_a_password_that_a_server_does_not_take_is_told_and_not_shown(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = "mistyped_password"
    right = told["diary"]["NATS_PASSWORD"]
    told["diary"]["NATS_PASSWORD"] = wrong
    for variable in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL"):
        user, _, place = told["signing"][variable].rpartition("@")
        told["signing"][variable] = f"{user.rpartition(':')[0]}:{wrong}@{place}"
    code, lines = await _judged(told, tmp_path, capsys)
    assert code == 1
    assert any(line.startswith("wrong  nats: does not let diary in") for line in lines)
    assert any(line.startswith("wrong  postgres: refuses") and "moltnet_signing" in line for line in lines)
    assert "ok     nats: lets gateway in" in lines
    assert not any(secret in line for line in lines for secret in (wrong, right))


async def test_servers_that_are_away_are_told(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bus, keto, database, collector = _nowhere(), _nowhere(), _nowhere(), _nowhere()
    for variables in told.values():
        if "NATS_URL" in variables:
            variables["NATS_URL"] = f"nats://{bus}"
    for name in ("gateway", "diary", "identity"):
        told[name]["ORY_KETO_PUBLIC_URL"] = f"http://{keto}"
    told["gateway"]["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{collector}"
    login, _, place = told["migrate"]["MIGRATIONS_DATABASE_URL"].rpartition("@")
    told["migrate"]["MIGRATIONS_DATABASE_URL"] = f"{login}@{database}/{place.partition('/')[2]}"
    code, lines = await _judged(told, tmp_path, capsys)
    assert code == 1
    assert f"wrong  {keto}: cannot be reached (ConnectError)" in lines
    assert f"wrong  collector {collector}: cannot be reached (ConnectError)" in lines
    assert any(line.startswith("wrong  nats: does not let gateway in") for line in lines)
    assert any(line.startswith("wrong  postgres: refuses or cannot be reached") for line in lines)


async def test_an_issuer_that_nobody_trusts_is_told(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told["gateway"]["TOKEN_ISSUERS"] = "https://auth.moltnet.test"
    code, lines = await _judged(told, tmp_path, capsys)
    assert code == 1
    assert any("which TOKEN_ISSUERS does not name" in line for line in lines)
