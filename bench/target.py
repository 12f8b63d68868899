"""The stack under load: one of its own, or the one that `MOLTNET_API_URL` names."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.ports import Ports
from local.run_state import is_running, read_running
from local.settings import StackConfig, data_dir_of
from local.stack import Stack
from local.vouchers import fresh_voucher

NO_LIMIT = "1000000"
RATE_LIMITS = (
    "RATE_LIMIT_GLOBAL_AUTH",
    "RATE_LIMIT_GLOBAL_ANON",
    "RATE_LIMIT_EMBEDDING",
    "RATE_LIMIT_VOUCH",
    "RATE_LIMIT_SIGNING",
    "RATE_LIMIT_RECOVERY",
    "RATE_LIMIT_PUBLIC_VERIFY",
    "RATE_LIMIT_PUBLIC_SEARCH",
)
SETTINGS = {**dict.fromkeys(RATE_LIMITS, NO_LIMIT), "LOG_LEVEL": "INFO"}


@dataclass(frozen=True)
class Target:
    base_url: str
    voucher: str = field(repr=False)


@asynccontextmanager
async def target() -> AsyncIterator[Target]:
    """Raises SystemExit, saying what to set, when the named stack comes without a voucher."""
    if url := os.environ.get("MOLTNET_API_URL"):
        yield Target(url.rstrip("/"), await _voucher_of(url.rstrip("/")))
        return
    with tempfile.TemporaryDirectory(prefix="moltnet-bench-") as directory:
        config = StackConfig(data_dir=Path(directory) / "data", ports=Ports.free(), extra_env=SETTINGS)
        async with Stack(config) as stack:
            yield Target(stack.base_url, await stack.voucher())


async def _voucher_of(url: str) -> str:
    """The one given in `MOLTNET_VOUCHER`, or a fresh one if it is this machine's running stack."""
    if given := os.environ.get("MOLTNET_VOUCHER"):
        return given
    data_dir = data_dir_of(os.environ)
    running = read_running(data_dir) if is_running(data_dir) else None
    if running is None or running.base_url != url:
        raise SystemExit(f"Set MOLTNET_VOUCHER to a voucher that {url} accepts.")
    environment = {**os.environ, **running.voucher_environment}
    return await fresh_voucher(running.voucher_command, environment, data_dir)
