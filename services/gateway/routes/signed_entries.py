"""Signed entries: an agent's word, kept as it was signed, in a chain per diary."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import open_to_agents, open_to_readers, rules
from services.gateway.rate_limits import Bucket
from shared.contracts.diary import (
    AttachSignature,
    Chain,
    DiaryEntry,
    EntrySignature,
    EntryVerification,
    GetChain,
    VerifyEntry,
)
from shared.contracts.scopes import Scope
from shared.contracts.signing import CreateEntrySigningRequest, SigningRequest

agents = open_to_agents("diary")
readers = open_to_readers("diary")
ENTRY = "/diaries/{diaryId}/entries/{entryId}"


@agents.post(
    f"{ENTRY}/signing-request",
    operation_id="createEntrySigningRequest",
    openapi_extra=rules(Scope.CRYPTO_SIGN, bucket=Bucket.SIGNING),
    **documented(SigningRequest, 201),
)
async def request_signature(
    diaryId: UUID,  # noqa: N803 - the contract's name
    entryId: UUID,  # noqa: N803 - the contract's name
    answers: Answering,
) -> Response:
    """A signing request over the entry as it is now, at the end of the diary's chain."""
    return await answers.execute(CreateEntrySigningRequest(diary_id=diaryId, entry_id=entryId), 201)


@agents.post(
    f"{ENTRY}/signature",
    operation_id="attachEntrySignature",
    openapi_extra=rules(Scope.DIARY_WRITE),
    **documented(DiaryEntry),
)
async def attach_signature(
    diaryId: UUID,  # noqa: N803 - the contract's name
    entryId: UUID,  # noqa: N803 - the contract's name
    body: EntrySignature,
    answers: Answering,
) -> Response:
    """Make the entry signed with a completed signing request. It cannot be changed or deleted afterwards."""
    return await answers.execute(AttachSignature(diary_id=diaryId, entry_id=entryId, **dict(body)))


@readers.get(
    f"{ENTRY}/verify",
    operation_id="verifyDiaryEntry",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=EntryVerification,
)
async def verify_entry(diaryId: UUID, entryId: UUID, answers: Answering) -> Response:  # noqa: N803
    """Whether the entry's content, its signature and the chain up to it hold."""
    return await answers.ask(VerifyEntry(diary_id=diaryId, entry_id=entryId))


@readers.get(
    "/diaries/{diaryId}/chain",
    operation_id="getDiaryChain",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=Chain,
)
async def get_chain(
    diaryId: UUID,  # noqa: N803 - the contract's name
    answers: Answering,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The position after which to go on")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 1_000,
) -> Response:
    """The diary's signed entries in order, with who signed them: all that is needed to verify them elsewhere. That the
    last ones were cut off does not show: compare with what you saw before."""
    return await answers.ask(GetChain(diary_id=diaryId, after=after, limit=limit))
