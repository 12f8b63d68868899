"""What each service must be told, by its own settings classes."""

import contextlib
import os
from collections.abc import Iterator, Mapping

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo

from migrations.settings import MigrationSettings
from operations.preflight.findings import Finding
from operations.preflight.installation import OF_THE_POD, Installation
from services.embedder.settings import EmbedderSettings
from services.gateway.settings import (
    EdgeSettings,
    GatewaySettings,
    NetworkSettings,
    RateLimitSettings,
    StreamSettings,
)
from services.identity.settings import RecoverySettings
from services.mcp.settings import McpSettings
from services.signing.settings import SigningSettings
from shared.settings import (
    DatabaseSettings,
    HeartbeatSettings,
    NatsSettings,
    OperationSettings,
    OrySettings,
    RuntimeSettings,
    Settings,
)

Kinds = frozenset[type[Settings]]
WORKER: Kinds = frozenset({RuntimeSettings, HeartbeatSettings, NatsSettings})
DURABLE: Kinds = WORKER | {DatabaseSettings}
EDGE: Kinds = frozenset({GatewaySettings, EdgeSettings, NetworkSettings, RateLimitSettings, StreamSettings})
SETTINGS: dict[str, Kinds] = {
    "gateway": EDGE | {RuntimeSettings, NatsSettings, OrySettings, OperationSettings},
    "diary": DURABLE | {OrySettings},
    "identity": DURABLE | {OrySettings, OperationSettings, RecoverySettings},
    "signing": DURABLE | {SigningSettings},
    "embedder": WORKER | {EmbedderSettings},
    "mcp": frozenset({RuntimeSettings, McpSettings}),
    "migrate": frozenset({MigrationSettings}),
    "nats-setup": frozenset({NatsSettings}),
}
"""By the names that Compose and the manifests have for them."""
TELEMETRY = "OTEL_"


def check(installation: Installation) -> Iterator[Finding]:
    """Each service: is it there, is everything there that it needs, does it read all that it is told?"""
    for service, kinds in SETTINGS.items():
        environment = installation.environments.get(service)
        if environment is None:
            yield Finding(service, "is not declared")
            continue
        problems = [*_refused(kinds, environment), *_unread(kinds, environment)]
        yield from (Finding(service, problem) for problem in problems)
        if not problems:
            yield Finding(service, f"{len(environment)} variables", wrong=False)


def _refused(kinds: Kinds, environment: Mapping[str, str]) -> list[str]:
    """What the settings classes object to, once each, without the values."""
    found: dict[str, None] = {}
    with _environment(environment):
        for kind in kinds:
            try:
                kind()
            except ValidationError as failure:
                for error in failure.errors():
                    found[f"{'.'.join(map(str, error['loc']))}: {error['msg']}"] = None
    return sorted(found)


def _unread(kinds: Kinds, environment: Mapping[str, str]) -> list[str]:
    known = {name for kind in kinds for field in kind.model_fields.values() for name in _names(field)}
    unread = (name for name in environment if name not in known and not name.startswith(TELEMETRY))
    return [f"{name}: is read by nobody" for name in sorted(unread)]


def _names(field: FieldInfo) -> set[str]:
    alias = field.validation_alias or field.alias
    return set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias)}


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's environment is that of the service: the classes read it as they do there."""
    own = dict(os.environ)
    os.environ.clear()
    os.environ.update({name: value for name, value in variables.items() if value != OF_THE_POD})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(own)
