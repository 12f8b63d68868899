"""What two parts of an installation must be told alike."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from operations.preflight.findings import Finding
from operations.preflight.installation import Installation

Place = tuple[str, str]
DURABLE = ("diary", "identity", "signing")
BUS_USERS = {**{name: name for name in ("gateway", *DURABLE, "embedder")}, "nats-setup": "operator"}
ORY = tuple(
    f"ORY_{kind}_URL"
    for kind in ("KRATOS_PUBLIC", "KRATOS_ADMIN", "HYDRA_PUBLIC", "HYDRA_ADMIN", "KETO_PUBLIC", "KETO_ADMIN")
)
PAIRS: tuple[tuple[Place, Place], ...] = (
    (("gateway", "OPERATION_SECRET_KEY"), ("identity", "OPERATION_SECRET_KEY")),
    (("gateway", "ORY_ACTION_API_KEY"), ("hydra", "OAUTH2_TOKEN_HOOK_AUTH_CONFIG_VALUE")),
    (("gateway", "MCP_URL"), ("mcp", "MCP_RESOURCE_URI")),
    (("gateway", "EMBEDDING_MODEL"), ("embedder", "EMBEDDING_MODEL")),
    *((("gateway", "NATS_URL"), (service, "NATS_URL")) for service in BUS_USERS),
    *((("gateway", name), (service, name)) for name in ORY for service in ("diary", "identity")),
    *(
        ((service, "NATS_PASSWORD"), ("nats", f"NATS_{user.upper()}_PASSWORD"))
        for service, user in BUS_USERS.items()
    ),
)
"""Compared where both are set."""


def check(installation: Installation) -> Iterator[Finding]:
    for (one, first), (other, second) in PAIRS:
        values = (installation.value(one, first), installation.value(other, second))
        if all(values) and values[0] != values[1]:
            yield Finding(one, f"{first} differs from {second} of {other}")
    for service, user in BUS_USERS.items():
        if installation.value(service, "NATS_USER") not in {"", user}:
            yield Finding(service, f"NATS_USER: must be {user}")
    for service in DURABLE:
        for variable in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL"):
            yield from _login(installation, service, variable)
    yield from _replicas(installation)


def _login(installation: Installation, service: str, variable: str) -> Iterator[Finding]:
    """A service has its own role, with the password that the migrations give it, in the database they prepare."""
    try:
        told = urlsplit(installation.value(service, variable))
        prepared = urlsplit(installation.value("migrate", "MIGRATIONS_DATABASE_URL"))
    except ValueError:
        return
    password = installation.value("migrate", f"{service.upper()}_DB_PASSWORD")
    if told.username and told.username != f"moltnet_{service}":
        yield Finding(service, f"{variable}: must log in as moltnet_{service}")
    if told.username and password and unquote(told.password or "") != password:
        yield Finding(
            service, f"{variable}: the password is not the {service.upper()}_DB_PASSWORD of migrate"
        )
    if told.path and prepared.path and told.path != prepared.path:
        yield Finding(service, f"{variable}: names another database than MIGRATIONS_DATABASE_URL of migrate")


def _replicas(installation: Installation) -> Iterator[Finding]:
    running = installation.replicas.get("gateway")
    told = installation.value("gateway", "GATEWAY_REPLICAS") or "1"
    if running is not None and told.isdecimal() and int(told) != running:
        yield Finding("gateway", f"GATEWAY_REPLICAS: is {told}, and {running} are declared")
