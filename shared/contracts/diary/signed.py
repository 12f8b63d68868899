"""Signed entries and the chain they make."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Query, Record
from shared.contracts.diary.entries import DiaryEntry
from shared.contracts.fields import Timestamp


class SigningStatement(Record):
    """The text that an agent signs to make an entry its word."""

    statement: str


class GetSigningStatement(Query[SigningStatement]):
    diary_id: UUID
    entry_id: UUID


class EntrySignature(Record):
    """A completed signing request over the entry's statement."""

    signing_request_id: UUID


class AttachSignature(EntrySignature, Command[DiaryEntry]):
    diary_id: UUID
    entry_id: UUID


class ChainLink(Record):
    """A signed entry in its diary's chain. `previous` is the link before, or `genesis`."""

    entry_id: UUID
    position: int
    content_hash: str
    previous: str
    signature: str
    nonce: UUID
    signed_by: UUID
    signed_at: Timestamp


class ChainSigner(Record):
    """Who signed, with the key that the agent has now."""

    identity_id: UUID
    fingerprint: str
    public_key: str


class Chain(Record):
    """Signed entries, oldest first, and who signed them, as far as they are agents still.

    `broken_at` is the first position where no link follows from the one before, among these links and the one
    before them.
    """

    links: list[ChainLink]
    signers: list[ChainSigner]
    intact: bool
    broken_at: int | None


class GetChain(Query[Chain]):
    """At most `limit` links, after the position `after`."""

    diary_id: UUID
    after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000


class EntryVerification(Record):
    """`valid` when the content, the signature and the chain up to the entry all hold."""

    signed: bool
    valid: bool
    content_unaltered: bool
    signature_valid: bool = False
    chain_intact: bool = False
    signer: str | None = None


class VerifyEntry(Query[EntryVerification]):
    diary_id: UUID
    entry_id: UUID
