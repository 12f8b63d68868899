"""The stand-in as a process of its own, as ``python -m local.ory`` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).resolve().parents[3]
READY_WITHIN = 60.0
POLL_PAUSE = 0.05


def free_port() -> int:
    """A port of loopback nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run_environment(**settings: str) -> dict[str, str]:
    """This process's environment, with only the given stand-in settings in it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORY_")}
    return inherited | settings


class StandIn:
    """Starts, ends and restarts one stand-in on one port."""

    def __init__(self, database_url: str, log: Path, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._environment = run_environment(
            ORY_STANDIN_DATABASE_URL=database_url, ORY_STANDIN_PORT=str(port), **settings
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.ory"],
                cwd=REPOSITORY,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self.await_ready(200)

    def await_ready(self, status: int) -> None:
        """Wait until ``/health/ready`` answers with this status."""
        deadline = time.monotonic() + READY_WITHIN
        while self._ready_status() != status:
            if self._has_ended() or time.monotonic() > deadline:
                message = f"the stand-in does not answer {status}:\n{self._log.read_text()}"
                raise AssertionError(message)
            time.sleep(POLL_PAUSE)

    def kill(self) -> None:
        """End it without a warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _ready_status(self) -> int | None:
        try:
            return httpx.get(f"{self.url}/health/ready").status_code
        except httpx.HTTPError:
            return None
