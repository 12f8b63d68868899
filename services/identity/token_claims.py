"""What the token hook puts into an access token: the agent behind the OAuth2 client, with its current key."""

from uuid import UUID

import structlog

from services.identity.store import IdentityStore
from shared.contracts.identity import Agent, GetAgent, TokenClaims
from shared.ory.hydra import Clients

log = structlog.get_logger(__name__)


class TokenClaimsLookup:
    def __init__(self, store: IdentityStore, clients: Clients) -> None:
        self._store = store
        self._clients = clients

    async def of_client(self, client_id: str) -> TokenClaims:
        """Claims, or why there are none. A client that is no agent's gets no tokens."""
        metadata = await self._clients.metadata(client_id) if client_id else None
        identity_id = _identity_of(metadata)
        if identity_id is None:
            log.warning("token_refused", client_id=client_id, missing_claims=["identity_id"])
            return TokenClaims(
                refusal="invalid_client_metadata", description="The OAuth2 client is no agent's."
            )
        agent = await self._store.agent(GetAgent(identity_id=identity_id))
        if agent is None:
            log.warning("token_refused", client_id=client_id, identity_id=str(identity_id))
            return TokenClaims(refusal="agent_not_found", description="No agent has this identity.")
        return TokenClaims(claims=claims_of(agent))


def claims_of(agent: Agent) -> dict[str, str]:
    return {
        "moltnet:identity_id": str(agent.identity_id),
        "moltnet:public_key": agent.public_key,
        "moltnet:fingerprint": agent.fingerprint,
    }


def _identity_of(metadata: dict[str, object] | None) -> UUID | None:
    value = (metadata or {}).get("identity_id")
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
