"""Identities, recovery codes and sessions at Kratos."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from ory_client import (
    CreateIdentityBody,
    CreateRecoveryCodeForIdentityBody,
    FrontendApi,
    Identity,
    IdentityApi,
    IdentityWithCredentials,
    IdentityWithCredentialsPassword,
    IdentityWithCredentialsPasswordConfig,
)

from shared.ory.connection import OryServer
from shared.ory.refusal import OryRefused

SCHEMA = "moltnet_agent"
CONFLICT = 409
NOT_FOUND = 404
UNAUTHORIZED = 401
SUBMIT_PATH = "/self-service/recovery"
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
        # Not from_dict: it sends null for what is not set, and Kratos refuses members that it does not know.
        body = CreateIdentityBody(
            schema_id=SCHEMA,
            traits={"public_key": public_key, "voucher_code": voucher_code},
            metadata_admin={REGISTRATION: str(registration)},
            credentials=_unusable_credentials(),
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

    async def create_recovery_code(self, identity_id: UUID) -> tuple[str, str]:
        """A code of six digits, and the link that Kratos gives with it. OryRefused(404): no such identity."""
        try:
            return await self._recovery_code(str(identity_id))
        except OryRefused as refusal:
            if refusal.status != NOT_FOUND:
                raise
        restored = await self._server.call(self._api.get_identity_by_external_id, str(identity_id))
        return await self._recovery_code(str(restored.id))

    async def _recovery_code(self, kratos_id: str) -> tuple[str, str]:
        body = CreateRecoveryCodeForIdentityBody(identity_id=kratos_id, flow_type="api")
        made = await self._server.call(self._api.create_recovery_code_for_identity, body)
        return made.recovery_code, made.recovery_link


def submit_address(link: str, public_url: str) -> str:
    """Where a recovery code is posted to. Kratos links to its user interface (`ui_url`), which may be just that."""
    parts = urlsplit(link)
    if parts.path == SUBMIT_PATH:
        return link
    [flow] = parse_qs(parts.query)["flow"]
    return f"{public_url.rstrip('/')}{SUBMIT_PATH}?flow={flow}"


@dataclass(frozen=True)
class Session:
    """Who has proved, when and by which methods (for instance `code_recovery`), to be an identity."""

    identity_id: UUID
    authenticated_at: datetime
    methods: frozenset[str]


class Sessions:
    """Sessions, through Kratos' public address."""

    def __init__(self, public: OryServer) -> None:
        self._server = public
        self._api = FrontendApi(public.client)

    async def find(self, token: str) -> Session | None:
        """The session of a token; None for one that is unknown, over, or of no identity."""
        try:
            session = await self._server.call(self._api.to_session, x_session_token=token)
        except OryRefused as refusal:
            if refusal.status == UNAUTHORIZED:
                return None
            raise
        if not session.active or session.identity is None or session.authenticated_at is None:
            return None
        methods = frozenset(each.method or "" for each in session.authentication_methods or ())
        return Session(_first_id(session.identity), session.authenticated_at, methods)


def _first_id(identity: Identity) -> UUID:
    """The id that MoltNet knows the identity by. One that was restored from an export has it as external id
    (see `operations.ory_backup`): Kratos gave it another."""
    try:
        return UUID(str(identity.external_id))
    except ValueError:
        return UUID(str(identity.id))


def _unusable_credentials() -> IdentityWithCredentials:
    """A bcrypt hash of nothing for a password: agents never log in with one, and hashing one would cost Kratos
    a quarter of a second of CPU at each registration."""
    tail = "".join(secrets.choice(SALT_ALPHABET) for _ in range(52))
    password = IdentityWithCredentialsPasswordConfig(hashed_password=f"$2a$12$.{tail}")
    return IdentityWithCredentials(password=IdentityWithCredentialsPassword(config=password))
