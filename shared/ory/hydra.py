"""OAuth2 clients, introspection and signing keys at Hydra."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ory_client import OAuth2Api, OAuth2Client, WellknownApi

from shared.ory.connection import OryServer
from shared.ory.refusal import OryRefused

CONFLICT = 409
NOT_FOUND = 404
SCOPES = (
    "diary:read",
    "diary:write",
    "diary:delete",
    "diary:share",
    "agent:profile",
    "agent:directory",
    "crypto:sign",
)


@dataclass(frozen=True)
class AgentClient:
    """What an agent's OAuth2 client says of it."""

    identity_id: UUID
    public_key: str
    fingerprint: str

    @property
    def metadata(self) -> dict[str, str]:
        return {
            "type": "moltnet_agent",
            "identity_id": str(self.identity_id),
            "public_key": self.public_key,
            "fingerprint": self.fingerprint,
        }


class Clients:
    """OAuth2 clients of agents, through Hydra's admin address."""

    def __init__(self, admin: OryServer) -> None:
        self._server = admin
        self._api = OAuth2Api(admin.client)

    async def ping(self) -> None:
        await self._server.ready()

    async def put(
        self, client_id: UUID, client_secret: str, agent: AgentClient, *, name: str | None = None
    ) -> None:
        """Create the client, or give it this secret if it exists: repeatable, the last secret counts."""
        client = OAuth2Client(
            client_id=str(client_id),
            client_secret=client_secret,
            client_name=name or f"Agent: {agent.fingerprint}",
            grant_types=["client_credentials"],
            response_types=[],
            scope=" ".join(SCOPES),
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method, no secret
            audience=[],
            metadata=agent.metadata,
        )
        try:
            await self._server.call(self._api.create_o_auth2_client, client)
        except OryRefused as refusal:
            if refusal.status != CONFLICT:
                raise
            await self._server.call(self._api.set_o_auth2_client, str(client_id), client)

    async def metadata(self, client_id: str) -> dict[str, Any] | None:
        """A client's metadata, or None when there is no such client."""
        try:
            client = await self._server.call(self._api.get_o_auth2_client, client_id)
        except OryRefused as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise
        return dict(client.metadata or {})

    async def delete(self, client_id: UUID) -> None:
        try:
            await self._server.call(self._api.delete_o_auth2_client, str(client_id))
        except OryRefused as refusal:
            if refusal.status != NOT_FOUND:
                raise

    async def introspect(self, token: str) -> dict[str, Any]:
        """RFC 7662. `{"active": false}` for whatever Hydra does not know."""
        answer = await self._server.call(self._api.introspect_o_auth2_token, token)
        found: dict[str, Any] = answer.to_dict()
        return found


class SigningKeys:
    """The public keys that access tokens are signed with (JWKS), from Hydra's public address."""

    def __init__(self, public: OryServer) -> None:
        self._server = public
        self._api = WellknownApi(public.client)

    async def fetch(self) -> dict[str, Any]:
        keys = await self._server.call(self._api.discover_json_web_keys)
        found: dict[str, Any] = keys.to_dict()
        return found
