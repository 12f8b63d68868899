"""A process that answers HTTP, from its start to its end."""

import signal
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from shared import telemetry

IDLE_SECONDS = 75  # longer than clients and load balancers keep a connection, so that they close it, not we


def serve(app: ASGIApp, *, host: str, port: int, drain_seconds: int) -> None:
    """Answer until told to stop. Requests under way are finished first, within `drain_seconds`; then exit code 0."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=drain_seconds,
            timeout_keep_alive=IDLE_SECONDS,
            proxy_headers=False,
        )
    finally:
        telemetry.flush()


def _leave(*_: Any) -> None:
    """Uvicorn raises the signal that stopped it once more at its end: the default would kill us before the flush."""
    sys.exit(0)
