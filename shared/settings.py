"""Settings from the environment, one class per concern, so that a process reads no secret it has no use for.

Empty variables count as unset. What is missing or wrong is told all at once: see `load`.
"""

import socket
import sys
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)
EX_CONFIG = 78
"""sysexits.h: something was found in an unconfigured or misconfigured state."""


class Settings(BaseSettings):
    """Base of all settings classes. A variable is named by the field's alias, never by a prefix."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", populate_by_name=True)


def load(kind: type[S]) -> S:
    """Read settings, or stop the start-up with a message that lists every problem (never a value)."""
    try:
        return kind()
    except ValidationError as failure:
        lines = [f"  {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in failure.errors()]
        sys.stderr.write(f"{kind.__name__}: the environment is not usable:\n" + "\n".join(lines) + "\n")
        sys.exit(EX_CONFIG)


class RuntimeSettings(Settings):
    """Where and how a process runs. Production logs at info, anything else at debug."""

    environment: Annotated[str, Field(alias="MOLTNET_ENV", pattern="^(development|production|test)$")] = (
        "development"
    )
    log_level: Annotated[str | None, Field(alias="LOG_LEVEL")] = None
    executor_id: Annotated[str, Field(alias="EXECUTOR_ID", min_length=1)] = socket.gethostname()


class HeartbeatSettings(Settings):
    """A file that a service touches while it lives and reaches the bus, for probes of processes without HTTP."""

    file: Annotated[Path | None, Field(alias="HEARTBEAT_FILE")] = None


class NatsSettings(Settings):
    """The address of the bus and this process's user on it."""

    url: Annotated[str, Field(alias="NATS_URL")] = "nats://127.0.0.1:4222"
    user: Annotated[str, Field(alias="NATS_USER")]
    password: Annotated[SecretStr, Field(alias="NATS_PASSWORD")]

    @property
    def inbox_prefix(self) -> str:
        return inbox_prefix(self.user)


class DatabaseSettings(Settings):
    """The service's own role on the shared Postgres, and where its workflow engine keeps state."""

    url: Annotated[SecretStr, Field(alias="DATABASE_URL")]
    workflow_url: Annotated[SecretStr, Field(alias="DBOS_SYSTEM_DATABASE_URL")]
    pool_size: Annotated[int, Field(alias="DATABASE_POOL_SIZE", ge=1, le=200)] = 10


class OrySettings(Settings):
    """The six addresses of Kratos, Hydra and Keto; `ORY_PROJECT_URL` stands in for any that is not set."""

    project: Annotated[str | None, Field(alias="ORY_PROJECT_URL")] = None
    kratos_public: Annotated[
        str, Field(validation_alias=AliasChoices("ORY_KRATOS_PUBLIC_URL", "ORY_PROJECT_URL"))
    ]
    kratos_admin: Annotated[
        str, Field(validation_alias=AliasChoices("ORY_KRATOS_ADMIN_URL", "ORY_PROJECT_URL"))
    ]
    hydra_public: Annotated[
        str, Field(validation_alias=AliasChoices("ORY_HYDRA_PUBLIC_URL", "ORY_PROJECT_URL"))
    ]
    hydra_admin: Annotated[
        str, Field(validation_alias=AliasChoices("ORY_HYDRA_ADMIN_URL", "ORY_PROJECT_URL"))
    ]
    keto_read: Annotated[str, Field(validation_alias=AliasChoices("ORY_KETO_PUBLIC_URL", "ORY_PROJECT_URL"))]
    keto_write: Annotated[str, Field(validation_alias=AliasChoices("ORY_KETO_ADMIN_URL", "ORY_PROJECT_URL"))]
    api_key: Annotated[SecretStr | None, Field(alias="ORY_API_KEY")] = None


class OperationSettings(Settings):
    """A Fernet key (urlsafe base64 of 32 bytes) that protects secrets in kept outcomes."""

    secret_key: Annotated[SecretStr, Field(alias="OPERATION_SECRET_KEY", min_length=44)]


def inbox_prefix(user: str) -> str:
    """Each user listens below a prefix of its own, so that nobody can read another's replies."""
    return f"_INBOX_{user}"
