"""What the operator decides about the MCP server."""

from typing import Annotated

from pydantic import AliasChoices, Field

from shared.settings import Settings


class McpSettings(Settings):
    """Where it listens, the API it speaks for, and whom it lets in.

    auth_enabled: every request to `/mcp` must carry credentials; otherwise the public tools are open to anyone.
    credentials_proxy: `X-Client-Id` and `X-Client-Secret` are exchanged for an access token.
    resource_uri: this server's own address as clients know it (RFC 9728); default `http://localhost:{PORT}`.
    authorization_server: who issues tokens, told in the metadata; default: the API.
    trusted_proxies: addresses and networks whose X-Forwarded-For is believed, as a comma list; empty: nobody's.
    allowed_hosts, allowed_origins: values of Host and Origin that are served besides this machine's and those of
    `resource_uri`, as comma lists; `*` as host serves all (behind a proxy that checks).
    """

    host: Annotated[str, Field(alias="HOST")] = "127.0.0.1"
    port: Annotated[int, Field(alias="PORT", ge=1, le=65_535)] = 8001
    api: Annotated[str, Field(alias="REST_API_URL", pattern=r"^https?://[^/]")]
    auth_enabled: Annotated[bool, Field(alias="AUTH_ENABLED")] = False
    credentials_proxy: Annotated[bool, Field(alias="CLIENT_CREDENTIALS_PROXY")] = True
    resource_uri: Annotated[str, Field(alias="MCP_RESOURCE_URI", pattern=r"^(https?://[^/].*)?$")] = ""
    authorization_server: Annotated[
        str | None, Field(validation_alias=AliasChoices("ORY_HYDRA_PUBLIC_URL", "ORY_PROJECT_URL"))
    ] = None
    trusted_proxies: Annotated[str, Field(alias="TRUSTED_PROXIES")] = ""
    allowed_hosts: Annotated[str, Field(alias="MCP_ALLOWED_HOSTS")] = ""
    allowed_origins: Annotated[str, Field(alias="MCP_ALLOWED_ORIGINS")] = ""

    @property
    def resource(self) -> str:
        return (self.resource_uri or f"http://localhost:{self.port}").rstrip("/")

    @property
    def issuer(self) -> str:
        return (self.authorization_server or self.api).rstrip("/")


def names(comma_list: str) -> list[str]:
    return [part.strip() for part in comma_list.split(",") if part.strip()]
