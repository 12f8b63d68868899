"""OAuth2 clients, introspection and signing keys at Hydra."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ory_client import JsonPatch, OAuth2Api, OAuth2Client, WellknownApi

from shared.contracts.scopes import Scope
from shared.ory.connection import OryServer
from shared.ory.refusal import OryRefused

CONFLICT = 409
NOT_FOUND = 404
MOST_CLIENTS = 500


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
        self,
        client_id: UUID,
        client_secret: str,
        agent: AgentClient,
        *,
        name: str | None = None,
        scopes: Iterable[Scope] = Scope,
    ) -> None:
        """Create the client, or give it this secret if it exists: repeatable, the last secret counts."""
        client = OAuth2Client(
            client_id=str(client_id),
            client_secret=client_secret,
            client_name=name or _name_of(agent),
            owner=str(agent.identity_id),
            grant_types=["client_credentials"],
            response_types=[],
            scope=" ".join(scopes),
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

    async def set_secret(self, client_id: str, client_secret: str) -> None:
        """A new secret; every other field stays. The old secret is dead at once. OryRefused(404): no such client."""
        patch = [JsonPatch(op="replace", path="/client_secret", value=client_secret)]
        await self._server.call(self._api.patch_o_auth2_client, client_id, patch)

    async def of_agent(self, agent: AgentClient) -> list[str]:
        """The ids of the agent's clients, oldest first."""
        listed = self._api.list_o_auth2_clients
        owned = await self._server.call(listed, page_size=MOST_CLIENTS, owner=str(agent.identity_id))
        named = await self._server.call(listed, page_size=MOST_CLIENTS, client_name=_name_of(agent))
        found = {str(client.client_id): client for client in [*owned, *named]}
        own = [
            client
            for client in found.values()
            if (client.metadata or {}).get("identity_id") == str(agent.identity_id)
        ]
        return [str(client.client_id) for client in sorted(own, key=lambda one: str(one.created_at))]

    async def end_tokens(self, client_id: str) -> None:
        """Opaque tokens end at once; a JWT lives until it expires."""
        await self._server.call(self._api.delete_o_auth2_token, client_id)

    async def delete(self, client_id: UUID | str) -> None:
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


def _name_of(agent: AgentClient) -> str:
    return f"Agent: {agent.fingerprint}"


class SigningKeys:
    """The public keys that access tokens are signed with (JWKS), from Hydra's public address."""

    def __init__(self, public: OryServer) -> None:
        self._server = public
        self._api = WellknownApi(public.client)

    async def fetch(self) -> dict[str, Any]:
        keys = await self._server.call(self._api.discover_json_web_keys)
        found: dict[str, Any] = keys.to_dict()
        return found
