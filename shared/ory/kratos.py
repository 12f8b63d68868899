"""Identities at Kratos."""

import secrets
from uuid import UUID

from ory_client import CreateIdentityBody, IdentityApi

from shared.ory.connection import OryServer
from shared.ory.refusal import OryRefused

SCHEMA = "moltnet_agent"
CONFLICT = 409
NOT_FOUND = 404
REGISTRATION = "registration"
SALT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Identities:
    """Creates and removes identities. The public key is the (case-insensitive) identifier."""

    def __init__(self, admin: OryServer) -> None:
        self._server = admin
        self._api = IdentityApi(admin.client)

    async def ping(self) -> None:
        await self._server.ready()

    async def create(self, registration: UUID, public_key: str, voucher_code: str) -> UUID:
        """A new identity's id. Raises OryRefused(409) when the key has one."""
        body = CreateIdentityBody.from_dict(
            {
                "schema_id": SCHEMA,
                "traits": {"public_key": public_key, "voucher_code": voucher_code},
                "metadata_admin": {REGISTRATION: str(registration)},
                "credentials": {"password": {"config": {"hashed_password": _unusable_password()}}},
            }
        )
        identity = await self._server.call(self._api.create_identity, body)
        return UUID(str(identity.id))

    async def find(self, registration: UUID, public_key: str) -> UUID | None:
        """The identity that this registration created, if it did. Anyone else's is None."""
        found = await self._server.call(self._api.list_identities, credentials_identifier=public_key)
        if not found:
            return None
        identity = await self._server.call(self._api.get_identity, str(found[0].id))
        ours = (identity.metadata_admin or {}).get(REGISTRATION) == str(registration)
        return UUID(str(identity.id)) if ours else None

    async def delete(self, identity_id: UUID) -> None:
        """Deleting what is not there is done already."""
        try:
            await self._server.call(self._api.delete_identity, str(identity_id))
        except OryRefused as refusal:
            if refusal.status != NOT_FOUND:
                raise


def _unusable_password() -> str:
    """A bcrypt hash of nothing: agents never log in with a password, and hashing one would cost Kratos
    a quarter of a second of CPU at each registration."""
    tail = "".join(secrets.choice(SALT_ALPHABET) for _ in range(52))
    return f"$2a$12${'.' + tail}"
