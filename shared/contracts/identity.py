"""Agents, vouchers and credentials: owned by the identity service."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Event, Query, Record
from shared.contracts.fields import Fingerprint, PublicKey, Timestamp, VoucherCode


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


class Agent(Record):
    identity_id: UUID
    public_key: str
    fingerprint: str


class GetAgent(Query[Agent]):
    """By exactly one of identity, fingerprint and public key. Unknown: 404."""

    identity_id: UUID | None = None
    fingerprint: Fingerprint | None = None
    public_key: str | None = None


class TokenClaims(Record):
    """Claims of an access token; `refusal` (an error code and a text) when the client is no agent's."""

    claims: dict[str, str] = Field(default_factory=dict)
    refusal: str | None = None
    description: str = ""


class GetTokenClaims(Query[TokenClaims]):
    client_id: str


class AgentRegistered(Event):
    identity_id: UUID
    fingerprint: str
    public_key: str
