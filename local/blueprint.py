"""What runs, with which environment, and in which order: the composition of one stack."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx

from local import nats, secret_store
from local.environment import Environment
from local.ports import LOOPBACK
from local.postgres import Cluster
from local.processes import Part, alive_is_enough
from local.reporting import Reporter
from local.settings import SERVICES, StackConfig
from local.spawn import Program, run

STOP_ORDER = (
    ("mcp",),
    ("gateway",),
    ("diary", "identity", "signing"),
    ("embedder",),
    ("ory",),
    ("nats",),
    ("postgres",),
)
"""Kinds of parts, first to last; those in one group stop together."""


def kind_of(name: str) -> str:
    """The part a process belongs to: `diary` for `diary-1`."""
    return name.split("-", 1)[0]


class Blueprint:
    """Every part and every one-shot program of one stack, ready to be run."""

    def __init__(
        self, config: StackConfig, reporter: Reporter, environment: type[Environment] = Environment
    ) -> None:
        self._config = config
        self._reporter = reporter
        self.environment = environment(config, secret_store.load(config.data_dir, config.caller))

    def log(self, name: str) -> Path:
        return self._config.data_dir / "log" / f"{name}.log"

    def postgres(self) -> Part:
        return Cluster(self._config, self.environment, self._reporter).part()

    def nats(self) -> Part:
        environment = self.environment.complete(self.environment.nats())
        return nats.part(self._config, environment, self.declare_streams)

    def ory(self) -> Part:
        ready = _answers(f"{self.environment.ory_url}/health/ready")
        return Part(name="ory", program=self._program("ory", self.environment.ory()), is_ready=ready)

    def services(self) -> list[Part]:
        """The replicas of every service, in the order they start."""
        return [
            self._service(service, replica, name)
            for service in SERVICES
            for replica, name in enumerate(self._config.replicas(service))
        ]

    async def migrate(self) -> None:
        program = self._program("migrations", self.environment.migrations())
        await run(program, self.log("migrations"), what="The migration of the database")

    async def declare_streams(self) -> None:
        program = self._program("streams", self.environment.streams())
        await run(program, self.log("streams"), what="The declaration of the NATS streams")

    def voucher_environment(self) -> dict[str, str]:
        return self.environment.service("identity")

    def _service(self, service: str, replica: int, name: str) -> Part:
        program = self._program(service, self.environment.service(service, replica))
        alive = self._alive(service, replica)
        return Part(name=name, program=program, is_ready=_answers(alive) if alive else alive_is_enough)

    def _alive(self, service: str, replica: int) -> str | None:
        """Where a service that speaks HTTP says that it lives."""
        ports = self._config.ports
        addresses = {"gateway": f"{ports.of_gateway(replica)}/health", "mcp": f"{ports.mcp}/healthz"}
        return f"http://{LOOPBACK}:{addresses[service]}" if service in addresses else None

    def _program(self, command: str, own: Mapping[str, str]) -> Program:
        return Program(command=self._config.command(command), environment=self.environment.complete(own))


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    """A probe: does this address answer 200?"""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return probe
