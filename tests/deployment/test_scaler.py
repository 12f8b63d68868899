"""What KEDA looks at to scale the embedder is there: the server of deploy/nats shows the passages that wait."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import nats
import pytest
import yaml
from nats.aio.client import Client

from local.nats import greets, server_binary
from local.ports import LOOPBACK, Ports
from local.secret_store import NATS_USERS, nats_password
from local.settings import ROOT
from shared.messaging.setup import declare
from shared.settings import inbox_prefix
from tests.waiting import eventually

WAITING = 3


@pytest.fixture
async def monitoring(tmp_path: Path) -> AsyncIterator[str]:
    """The monitoring address of a bus on which some passages wait for a vector."""
    passwords = {nats_password(user): secrets.token_hex(16) for user in NATS_USERS}
    ports = Ports.free()
    port, monitor = ports.nats, ports.gateway
    options = ("-a", LOOPBACK, "-p", str(port), "-m", str(monitor), "--store_dir", str(tmp_path))
    process = await asyncio.create_subprocess_exec(
        *(server_binary(), "-c", str(ROOT / "deploy/nats/nats.conf"), *options),
        env={**os.environ, **passwords},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: greets(port))
        await _fill(f"nats://{LOOPBACK}:{port}", passwords)
        yield f"http://{LOOPBACK}:{monitor}"
    finally:
        process.terminate()
        await process.wait()


async def _fill(url: str, passwords: dict[str, str]) -> None:
    async def connected(user: str) -> Client:
        return await nats.connect(
            url,
            user=user,
            password=passwords[nats_password(user)],
            inbox_prefix=inbox_prefix(user).encode(),
        )

    operator = await connected("operator")
    await declare(operator.jetstream())
    diary = await connected("diary")
    for _ in range(WAITING):
        await diary.jetstream().publish(f"cmd.embedder.embed_passage.{uuid4()}", b"{}")
    await operator.close()
    await diary.close()


async def test_the_bus_shows_the_scaler_how_many_passages_wait(monitoring: str) -> None:
    scaled = yaml.safe_load((ROOT / "deploy/k8s/components/keda/scaled-object.yaml").read_text())
    trigger = scaled["spec"]["triggers"][0]["metadata"]
    asked = {"acc": trigger["account"], "consumers": "true", "config": "true"}
    async with httpx.AsyncClient(base_url=monitoring, trust_env=False) as http:
        told = (await http.get("/jsz", params=asked)).json()
    (account,) = told["account_details"]
    streams = {each["name"]: each for each in account["stream_detail"]}
    consumers = {each["name"]: each for each in streams[trigger["stream"]]["consumer_detail"]}
    assert consumers[trigger["consumer"]]["num_pending"] == WAITING
    assert int(trigger["lagThreshold"]) > int(trigger["activationLagThreshold"])
