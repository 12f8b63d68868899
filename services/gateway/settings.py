"""What the operator decides about the door."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import Settings


class GatewaySettings(Settings):
    """Address, deadline and trust. `audiences` empty: any audience is accepted."""

    host: Annotated[str, Field(alias="HOST")] = "127.0.0.1"
    port: Annotated[int, Field(alias="PORT", ge=1, le=65_535)] = 8000
    deadline: Annotated[float, Field(alias="COMMAND_DEADLINE_SECONDS", gt=0, le=60)] = 10.0
    issuers: Annotated[str, Field(alias="TOKEN_ISSUERS")] = ""
    audiences: Annotated[str, Field(alias="TOKEN_AUDIENCES")] = ""
    hook_key: Annotated[SecretStr, Field(alias="ORY_ACTION_API_KEY")]


class RateLimitSettings(Settings):
    """Requests a minute for each bucket; the first two are for everything without a bucket of its own."""

    authenticated: Annotated[int, Field(alias="RATE_LIMIT_GLOBAL_AUTH", ge=1)] = 100
    anonymous: Annotated[int, Field(alias="RATE_LIMIT_GLOBAL_ANON", ge=1)] = 30
    embedding: Annotated[int, Field(alias="RATE_LIMIT_EMBEDDING", ge=1)] = 20
    vouch: Annotated[int, Field(alias="RATE_LIMIT_VOUCH", ge=1)] = 10
    signing: Annotated[int, Field(alias="RATE_LIMIT_SIGNING", ge=1)] = 5
    recovery: Annotated[int, Field(alias="RATE_LIMIT_RECOVERY", ge=1)] = 5
    public_verify: Annotated[int, Field(alias="RATE_LIMIT_PUBLIC_VERIFY", ge=1)] = 10
    public_search: Annotated[int, Field(alias="RATE_LIMIT_PUBLIC_SEARCH", ge=1)] = 15
