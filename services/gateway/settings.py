"""What the operator decides about the door."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import Settings

ADDRESS = r"^https?://[^\s/]+(/[^\s]*[^\s/])?$"


class GatewaySettings(Settings):
    """Address, deadline and trust.

    `audiences` empty: any audience is accepted. `enforce_scopes`: a token that names scopes is good for these only.
    """

    host: Annotated[str, Field(alias="HOST")] = "127.0.0.1"
    port: Annotated[int, Field(alias="PORT", ge=1, le=65_535)] = 8000
    deadline: Annotated[float, Field(alias="COMMAND_DEADLINE_SECONDS", gt=0, le=60)] = 10.0
    issuers: Annotated[str, Field(alias="TOKEN_ISSUERS")] = ""
    audiences: Annotated[str, Field(alias="TOKEN_AUDIENCES")] = ""
    enforce_scopes: Annotated[bool, Field(alias="ENFORCE_SCOPES")] = True
    hook_key: Annotated[SecretStr, Field(alias="ORY_ACTION_API_KEY")]


def names(comma_list: str) -> frozenset[str]:
    return frozenset(part.strip() for part in comma_list.split(",") if part.strip())


class EdgeSettings(Settings):
    """What surrounds every request.

    trusted_proxies: addresses and networks whose X-Forwarded-For is believed, as a comma list; empty: nobody's.
    cors_origins: origins whose pages may read answers, as a comma list of exact values.
    body_seconds: how long a client may take to send its request body.
    """

    trusted_proxies: Annotated[str, Field(alias="TRUSTED_PROXIES")] = ""
    cors_origins: Annotated[str, Field(alias="CORS_ORIGINS")] = (
        "https://themolt.net,https://api.themolt.net,http://localhost:3000,http://localhost:8000"
    )
    body_seconds: Annotated[float, Field(alias="REQUEST_BODY_SECONDS", gt=0, le=600)] = 30.0


class NetworkSettings(Settings):
    """What the network document tells of addresses. Without `mcp_url` and `source_url` it says nothing of these.

    api_url: where agents reach this gateway, without a slash at the end.
    embedding_model: as the embedder has it; only told.
    """

    api_url: Annotated[str, Field(alias="API_BASE_URL", pattern=ADDRESS)] = "http://localhost:8000"
    mcp_url: Annotated[str | None, Field(alias="MCP_URL", pattern=ADDRESS)] = None
    source_url: Annotated[str | None, Field(alias="SOURCE_URL", pattern=ADDRESS)] = None
    embedding_model: Annotated[str, Field(alias="EMBEDDING_MODEL")] = "all-MiniLM-L6-v2"


class StreamSettings(Settings):
    """Of each event stream, in seconds (contract/http-api 16).

    lifetime: after which it ends; clients come back by themselves.
    heartbeat: from one to the next. It keeps proxies from taking the connection for dead.
    unread: for how long a reader may take nothing.
    """

    lifetime: Annotated[float, Field(alias="EVENT_STREAM_SECONDS", gt=0)] = 30 * 60
    heartbeat: Annotated[float, Field(alias="EVENT_STREAM_HEARTBEAT_SECONDS", gt=0)] = 30
    unread: Annotated[float, Field(alias="EVENT_STREAM_UNREAD_SECONDS", gt=0)] = 60


class RateLimitSettings(Settings):
    """Requests a minute for each bucket; the first two are for everything without a bucket of its own.

    `event_streams`: how many a caller may have open at a time at each gateway.
    `replicas`: how many gateways share the work. Each counts by itself and grants its share.
    """

    replicas: Annotated[int, Field(alias="GATEWAY_REPLICAS", ge=1, le=1000)] = 1

    authenticated: Annotated[int, Field(alias="RATE_LIMIT_GLOBAL_AUTH", ge=1)] = 100
    anonymous: Annotated[int, Field(alias="RATE_LIMIT_GLOBAL_ANON", ge=1)] = 30
    embedding: Annotated[int, Field(alias="RATE_LIMIT_EMBEDDING", ge=1)] = 20
    vouch: Annotated[int, Field(alias="RATE_LIMIT_VOUCH", ge=1)] = 10
    signing: Annotated[int, Field(alias="RATE_LIMIT_SIGNING", ge=1)] = 5
    recovery: Annotated[int, Field(alias="RATE_LIMIT_RECOVERY", ge=1)] = 5
    public_verify: Annotated[int, Field(alias="RATE_LIMIT_PUBLIC_VERIFY", ge=1)] = 10
    event_streams: Annotated[int, Field(alias="EVENT_STREAMS_PER_CALLER", ge=1)] = 5
    public_search: Annotated[int, Field(alias="RATE_LIMIT_PUBLIC_SEARCH", ge=1)] = 15
