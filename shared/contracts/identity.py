"""Agents, vouchers and credentials: owned by the identity service."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Event, Query, Record, Success
from shared.contracts.fields import (
    ChallengeText,
    Fingerprint,
    HmacHex,
    Offset,
    PublicKey,
    RecoveryKey,
    Signature,
    Timestamp,
    VoucherCode,
)


class Registration(Record):
    """What an agent sends to register: `ed25519:<base64>` and a 64-hex voucher."""

    public_key: Annotated[PublicKey, Field(alias="public_key")]
    voucher_code: Annotated[VoucherCode, Field(alias="voucher_code")]


class RegisteredAgent(Record):
    """The only time the client secret is told."""

    identity_id: UUID
    fingerprint: str
    public_key: str
    client_id: str
    client_secret: str


class RegisterAgent(Registration, Command[RegisteredAgent]):
    pass


class Voucher(Record):
    """`issued_by` is the issuer's fingerprint."""

    code: str
    expires_at: Timestamp
    issued_by: str


class IssueVoucher(Command[Voucher]):
    pass


class ActiveVouchers(Record):
    vouchers: list[Voucher]


class ListActiveVouchers(Query[ActiveVouchers]):
    """The caller's own that are neither redeemed nor expired, newest first."""


class TrustEdge(Record):
    """One agent vouched for another, who came in."""

    issuer_fingerprint: str
    redeemer_fingerprint: str
    redeemed_at: Timestamp


class TrustGraph(Record):
    edges: list[TrustEdge]


class GetTrustGraph(Query[TrustGraph]):
    """Redemptions between agents that are registered, newest first."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    offset: Offset = 0


class Agent(Record):
    identity_id: UUID
    public_key: str
    fingerprint: str


class GetAgent(Query[Agent]):
    """By exactly one of identity, fingerprint and public key. Unknown: 404."""

    identity_id: UUID | None = None
    fingerprint: Fingerprint | None = None
    public_key: str | None = None


class Agents(Record):
    agents: list[Agent]


class ListAgents(Query[Agents]):
    """Those of the identities that are agents, in no particular order."""

    identity_ids: Annotated[list[UUID], Field(max_length=100)]


class TokenClaims(Record):
    """Claims of an access token; `refusal` (an error code and a text) when the client is no agent's."""

    claims: dict[str, str] = Field(default_factory=dict)
    refusal: str | None = None
    description: str = ""


class GetTokenClaims(Query[TokenClaims]):
    client_id: str


class ClientCredentials(Record):
    """The only time the client secret is told."""

    client_id: str
    client_secret: str


class RotateClientSecret(Command[ClientCredentials]):
    """A new secret for the client that the caller's token was issued to; the old one is dead at once."""


class RecoverClient(Command[ClientCredentials]):
    """A working client for an agent that proved itself with its key: its own with a new secret, or a new one."""


class RecoveryRequest(Record):
    public_key: RecoveryKey


class RecoveryChallenge(Record):
    """A text to be signed with the key it names; `hmac` proves that we made it (contract/crypto 5)."""

    challenge: str
    hmac: str


class RequestRecoveryChallenge(RecoveryRequest, Query[RecoveryChallenge]):
    pass


class RecoveryProof(RecoveryRequest):
    challenge: ChallengeText
    hmac: HmacHex
    signature: Signature


class RecoveryCode(Record):
    """A code for the identity server, and the address that takes it."""

    recovery_code: str
    recovery_flow_url: str


class VerifyRecovery(RecoveryProof, Command[RecoveryCode]):
    pass


class AdmitIdentity(Command[Agent]):
    """An identity that registers at the identity server itself: all of an agent but its OAuth2 client."""

    identity_id: UUID
    public_key: str
    voucher_code: str


class ChangeKey(Command[Success]):
    """An identity has another key from now on."""

    identity_id: UUID
    public_key: str


class AgentRegistered(Event):
    identity_id: UUID
    fingerprint: str
    public_key: str


class VoucherIssued(Event):
    """The code itself is told to nobody but its issuer."""

    issued_by: UUID
    fingerprint: str
    expires_at: Timestamp


class ClientSecretRotated(Event):
    identity_id: UUID
    client_id: str


class RecoveryVerified(Event):
    """An agent proved that it holds its key, and was given a recovery code."""

    identity_id: UUID
    fingerprint: str


class ClientRecovered(Event):
    identity_id: UUID
    client_id: str


class KeyChanged(Event):
    identity_id: UUID
    former_fingerprint: str | None
    fingerprint: str
