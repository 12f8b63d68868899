"""Stacks for tests: a private one, and further gateways before it with settings of their own."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from local import secret_store
from local.environment import Environment
from local.ports import LOOPBACK, Ports
from local.settings import ROOT, StackConfig
from local.stack import Stack
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
    """A whole stack on free ports, without rate limits unless `variables` say so. Its data go with it."""
    directory = Path(tempfile.mkdtemp(prefix="moltnet-tests-"))
    config = StackConfig(data_dir=directory, ports=Ports.free(), extra_env={**UNLIMITED, **variables})
    try:
        async with Stack(config) as stack:
            yield stack
    finally:
        await asyncio.to_thread(shutil.rmtree, directory)


def environment_of(stack: Stack) -> Environment:
    """What the parts of the stack are told, to start one more of them or to log in as one of them."""
    return Environment(stack.config, secret_store.load(stack.config.data_dir, stack.config.caller))


@contextlib.asynccontextmanager
async def running_gateway(stack: Stack, **variables: str) -> AsyncIterator[str]:
    """One more gateway of the stack, with other settings. Gives its address."""
    environment = environment_of(stack)
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


async def _answering(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:

        async def answers() -> bool:
            try:
                return (await http.get("/health")).is_success
            except httpx.TransportError:
                return False

        await eventually(answers, seconds=30)
