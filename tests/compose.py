"""docker-compose.yml as it is read by Compose: which service runs what, told what."""

import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from local.environment import Environment
from local.ports import LOOPBACK
from local.settings import ROOT, SERVICES

REFERENCE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
PLUMBING = ("PATH", "HOME", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
"""What a process on this machine needs and an image has."""


class MissingVariableError(Exception):
    """A `${NAME:?}` without a value."""


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return read


def declared(service: str) -> dict[str, Any]:
    """A service as it stands in the file."""
    found: dict[str, Any] = document()["services"][service]
    return found


def references(text: str) -> set[str]:
    """The variables that a text interpolates."""
    return {match["name"] for match in REFERENCE.finditer(text)}


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """As Compose does it: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match["name"], "")
        if not found and match["kind"] == "?":
            raise MissingVariableError(match["name"])
        return found or (match["rest"] if match["kind"] == "-" else "")

    return REFERENCE.sub(value, text)


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What the service is told, with `variables` for those of `.env`."""
    return {
        name: interpolated(text, variables) for name, text in declared(service).get("environment", {}).items()
    }


def declared_commands() -> dict[str, tuple[str, ...]]:
    """The declared command of each service and job of ours, with this Python for the image's."""
    jobs = {"migrations": "migrate", "streams": "nats-setup", "voucher": "voucher"}
    names = {**{service: service for service in SERVICES}, **jobs}
    return {ours: _here(declared(theirs)["command"]) for ours, theirs in names.items()}


def _here(command: list[str]) -> tuple[str, ...]:
    assert command[0] == "python"
    return (sys.executable, *command[1:])


class ComposeEnvironment(Environment):
    """Tells each part exactly what docker-compose.yml declares, with the addresses of this machine."""

    def complete(self, own: Mapping[str, str]) -> dict[str, str]:
        plumbing = {name: os.environ[name] for name in PLUMBING if name in os.environ}
        return {**plumbing, **own}

    def service(self, name: str, replica: int = 0) -> dict[str, str]:
        told = self._declared(name)
        here = {"EXECUTOR_ID": f"{name}-{replica}"}
        if name == "gateway":
            here |= {"HOST": LOOPBACK, "PORT": str(self._ports.of_gateway(replica))}
        if name == "mcp":
            here |= {"HOST": LOOPBACK, "PORT": str(self._ports.mcp)}
        if name == "embedder":
            here |= {"EMBEDDING_CACHE_DIR": str(self._config.data_dir / "models")}
        if "HEARTBEAT_FILE" in told:
            here |= {"HEARTBEAT_FILE": str(self._config.data_dir / f"alive-{name}-{replica}")}
        return told | here

    def migrations(self) -> dict[str, str]:
        return self._declared("migrate")

    def streams(self) -> dict[str, str]:
        return self._declared("nats-setup")

    def _declared(self, service: str) -> dict[str, str]:
        dotenv = {
            "API_BASE_URL": self.base_url,
            "MCP_URL": self.mcp_url,
            **self._caller,
            **self._secrets,
            "POSTGRES_PASSWORD": self.superuser_password,
        }
        return {name: self._at_home(text) for name, text in environment(service, dotenv).items()}

    def _at_home(self, text: str) -> str:
        text = text.replace("@postgres:5432/", f"@{LOOPBACK}:{self._ports.postgres}/")
        text = text.replace("nats://nats:4222", self.nats_url)
        text = text.replace("http://gateway:8080", self.base_url)
        return re.sub(r"^http://(kratos|hydra|keto):\d+$", self.ory_url, text)
