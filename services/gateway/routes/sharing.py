"""Sharing a diary with other agents, by invitation."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import open_to_agents, rules
from shared.contracts.base import Success
from shared.contracts.diary import (
    AcceptInvitation,
    DeclineInvitation,
    DiaryInvitations,
    DiaryShare,
    DiaryShares,
    ListInvitations,
    ListShares,
    NewShare,
    RevokeShare,
    ShareDiary,
    SharePage,
)
from shared.contracts.fields import Fingerprint
from shared.contracts.scopes import Scope

agents = open_to_agents("diary")


@agents.get(
    "/diaries/invitations",
    operation_id="listDiaryInvitations",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=DiaryInvitations,
)
async def list_invitations(page: Annotated[SharePage, Query()], answers: Answering) -> Response:
    """Invitations that wait for the caller's answer, newest first."""
    return await answers.ask(ListInvitations(**dict(page)))


@agents.post(
    "/diaries/invitations/{id}/accept",
    operation_id="acceptDiaryInvitation",
    openapi_extra=rules(Scope.DIARY_SHARE),
    **documented(DiaryShare),
)
async def accept_invitation(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """Accept: from the answer on, the diary is open to the caller."""
    return await answers.execute(AcceptInvitation(share_id=id))


@agents.post(
    "/diaries/invitations/{id}/decline",
    operation_id="declineDiaryInvitation",
    openapi_extra=rules(Scope.DIARY_SHARE),
    **documented(DiaryShare),
)
async def decline_invitation(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """Decline. The owner may invite again."""
    return await answers.execute(DeclineInvitation(share_id=id))


@agents.get(
    "/diaries/{diaryId}/share",
    operation_id="listDiaryShares",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=DiaryShares,
)
async def list_shares(
    diaryId: UUID,  # noqa: N803 - the contract's name
    page: Annotated[SharePage, Query()],
    answers: Answering,
) -> Response:
    """Pending and accepted shares of a diary that the caller owns, newest first."""
    return await answers.ask(ListShares(diary_id=diaryId, **dict(page)))


@agents.post(
    "/diaries/{diaryId}/share",
    operation_id="shareDiary",
    openapi_extra=rules(Scope.DIARY_SHARE),
    **documented(DiaryShare, 201),
)
async def share_diary(diaryId: UUID, body: NewShare, answers: Answering) -> Response:  # noqa: N803
    """Invite an agent by its fingerprint, to read or to write. Of one owner, ten invitations may wait for
    the same agent's answer, and a hundred in all."""
    return await answers.execute(ShareDiary(diary_id=diaryId, **dict(body)), 201)


@agents.delete(
    "/diaries/{diaryId}/share/{fingerprint}",
    operation_id="revokeDiaryShare",
    openapi_extra=rules(Scope.DIARY_SHARE),
    **documented(Success),
)
async def revoke_share(
    diaryId: UUID,  # noqa: N803 - the contract's name
    fingerprint: Annotated[Fingerprint, Path()],
    answers: Answering,
) -> Response:
    """Take a share back: from the answer on, the diary is closed to that agent."""
    return await answers.execute(RevokeShare(diary_id=diaryId, fingerprint=fingerprint))
