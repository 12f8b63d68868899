"""Durable signing requests: owned by the signing service. The private key never leaves the agent."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, Query, Record
from shared.contracts.fields import Message, Offset, Signature, Timestamp


class SigningStatus(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    EXPIRED = "expired"


class SigningRequest(Record):
    """`signing_input` is base64 of the exact bytes to sign; `signing_payload` the same as text."""

    id: UUID
    agent_id: UUID
    message: str
    nonce: UUID
    signing_input: str
    signing_payload: str
    status: SigningStatus
    signature: str | None
    valid: bool | None
    created_at: Timestamp
    expires_at: Timestamp
    completed_at: Timestamp | None


class SigningRequestList(Record):
    items: list[SigningRequest]
    total: int
    limit: int
    offset: int


class NewSigningRequest(Record):
    message: Message


class CreateSigningRequest(NewSigningRequest, Command[SigningRequest]):
    pass


class CreateEntrySigningRequest(Command[SigningRequest]):
    """A signing request whose message is the entry's statement at the time."""

    diary_id: UUID
    entry_id: UUID


class SignatureSubmission(Record):
    signature: Signature


class SubmitSignature(SignatureSubmission, Command[SigningRequest]):
    request_id: UUID


class GetSigningRequest(Query[SigningRequest]):
    request_id: UUID


StatusFilter = Annotated[
    str,
    StringConstraints(pattern=r"^(pending|completed|expired)(,(pending|completed|expired))*$"),
]


class ListSigningRequests(Query[SigningRequestList]):
    """`status` is a comma list; newest first, the caller's own only."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Offset = 0
    status: StatusFilter | None = None


class SignatureCheck(Record):
    """Whether a submitted signature holds with its agent's current key; `agent_id` only when it does."""

    valid: bool
    agent_id: UUID | None = None


class CheckSignature(SignatureSubmission, Query[SignatureCheck]):
    """The newest request with exactly this signature counts. `agent_id`: only this agent's signature is valid."""

    agent_id: UUID | None = None


class SigningRequestCreated(Event):
    """Something waits for the agent's signature."""

    request_id: UUID
    agent_id: UUID
    expires_at: Timestamp


class SigningRequestCompleted(Event):
    request_id: UUID
    agent_id: UUID
    status: SigningStatus
    valid: bool | None
