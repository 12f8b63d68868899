"""What the stand-in reads from its environment."""

from ipaddress import ip_address
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

AccessTokenStrategy = Literal["jwt", "opaque"]


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Settings(BaseSettings):
    """Settings from ``ORY_STANDIN_*`` variables; an empty variable counts as unset.

    Raises:
        pydantic.ValidationError: a required value is missing or a value is not acceptable.
    """

    model_config = SettingsConfigDict(
        env_prefix="ORY_STANDIN_", env_ignore_empty=True, populate_by_name=True, frozen=True
    )

    database_url: SecretStr = Field(description="asyncpg DSN; may carry a password, so it is never shown")
    host: str = "127.0.0.1"
    port: int = Field(default=4455, ge=1, le=65535)
    public_url: str = Field(
        default="", description="token issuer and base of every link, without final slash"
    )
    keto_strict: bool = False
    access_token_ttl: int = Field(default=3600, ge=1, description="seconds")
    access_token_strategy: AccessTokenStrategy = "jwt"  # noqa: S105
    token_hook_url: str | None = None
    action_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ORY_ACTION_API_KEY", "action_api_key")
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_postgres_dsn(cls, dsn: SecretStr) -> SecretStr:
        if not dsn.get_secret_value().startswith(("postgresql://", "postgres://")):
            message = "must be a postgresql:// address"
            raise ValueError(message)
        return dsn

    @field_validator("host")
    @classmethod
    def _stays_on_this_machine(cls, host: str) -> str:
        if not is_loopback(host):
            message = f"the stand-in has no authentication, so it listens on loopback only, not on {host}"
            raise ValueError(message)
        return host

    @model_validator(mode="after")
    def _hook_has_its_key(self) -> Self:
        if self.token_hook_url and self.action_api_key is None:
            message = "ORY_ACTION_API_KEY is required when ORY_STANDIN_TOKEN_HOOK_URL is set"
            raise ValueError(message)
        return self

    @property
    def base_url(self) -> str:
        """The issuer, and what links are built from; it ends without a slash unless one was configured."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"
