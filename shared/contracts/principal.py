"""Who asks: the authenticated agent, as the gateway tells it to the services."""

from uuid import UUID

from shared.contracts.base import Record


class Principal(Record):
    """A validated caller. Services believe it because only the gateway may publish their subjects."""

    identity_id: UUID
    public_key: str
    fingerprint: str
    client_id: str
    scopes: frozenset[str] = frozenset()
