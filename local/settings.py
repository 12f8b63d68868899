"""What the caller decides about a stack: where its data live, its ports, its replicas, its environment."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.ports import Ports

ROOT = Path(__file__).resolve().parent.parent
ON_THE_BUS = ("embedder", "identity", "signing", "diary", "gateway")
SERVICES = (*ON_THE_BUS, "mcp")

COMMANDS: Mapping[str, Sequence[str]] = {
    "migrations": (sys.executable, "-m", "migrations"),
    "streams": (sys.executable, "-m", "shared.messaging.setup"),
    "ory": (sys.executable, "-m", "local.ory"),
    **{service: (sys.executable, "-m", f"services.{service}") for service in SERVICES},
    "voucher": (sys.executable, "-m", "services.identity.genesis", "voucher"),
}


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """One stack. Two stacks can run side by side when their data directories and ports differ.

    `services` gives the number of replicas where it is not one; `commands` replaces entries of `COMMANDS`;
    `extra_env` is read as if the caller had exported it. Times are in seconds.
    """

    data_dir: Path
    ports: Ports = field(default_factory=Ports)
    extra_env: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    nats_config: Path = ROOT / "deploy" / "nats" / "nats.conf"
    start_timeout: float = 180.0
    stop_grace: float = 20.0

    @classmethod
    def from_environment(cls) -> "StackConfig":
        """The configuration of `make up`, from the caller's variables."""
        return cls(data_dir=data_dir_of(os.environ), ports=Ports.from_environment(os.environ))

    @property
    def caller(self) -> dict[str, str]:
        """The caller's environment; empty strings count as unset."""
        return {name: value for name, value in {**os.environ, **self.extra_env}.items() if value}

    def command(self, name: str) -> tuple[str, ...]:
        return tuple(self.commands.get(name) or COMMANDS[name])

    def count(self, service: str) -> int:
        return self.services.get(service, 1)

    def replicas(self, service: str) -> list[str]:
        """The names of a service's processes: its own when there is one, else `diary-0`, `diary-1`, ..."""
        if self.count(service) == 1:
            return [service]
        return [f"{service}-{replica}" for replica in range(self.count(service))]


def data_dir_of(environment: Mapping[str, str]) -> Path:
    """`MOLTNET_DATA_DIR`, relative to the current directory; `.moltnet` in the repository by default."""
    chosen = environment.get("MOLTNET_DATA_DIR")
    return Path(chosen).absolute() if chosen else ROOT / ".moltnet"
