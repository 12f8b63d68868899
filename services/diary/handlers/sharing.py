"""Sharing: invite, list, revoke; and the invitee's side: list, accept, decline.

Accepting and revoking answer when Keto has it. Declining and inviting change no permission.
"""

from faststream.nats import NatsRouter

from services.diary import follow_ups, workflows
from services.diary.desk import Desk, DeskPart
from shared.contracts.base import Success
from shared.contracts.diary import (
    AcceptInvitation,
    DeclineInvitation,
    DiaryInvitations,
    DiaryShare,
    DiaryShares,
    ListInvitations,
    ListShares,
    RevokeShare,
    ShareDiary,
    ShareStatus,
)
from shared.contracts.identity import Agent, GetAgent
from shared.durable.announcing import tell_later
from shared.durable.engine import current_trace, run_workflow
from shared.messaging.commands import Operation, on_command
from shared.messaging.outcomes import Outcome
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection
from shared.problems import ValidationFailed

router = NatsRouter()


async def _agent(desk: Desk, fingerprint: str) -> Agent:
    return await desk.bus.ask(GetAgent(fingerprint=fingerprint))


@on_command(router, ShareDiary)
async def share_diary(message: ShareDiary, operation: Operation, desk: DeskPart) -> DiaryShare:
    owner = known(operation.caller)
    diary_id = await desk.access.own(message.diary_id, owner)
    invitee = await _agent(desk, message.fingerprint)
    if invitee.identity_id == owner.identity_id:
        raise ValidationFailed("A diary cannot be shared with its owner.")

    async def effect(connection: Connection) -> DiaryShare:
        share = await desk.shares.invite(connection, diary_id, invitee.identity_id, message.role)
        await desk.shares.limit_waiting(connection, owner.identity_id, invitee.identity_id)
        await tell_later(connection, operation.id, follow_ups.share_changed(share))
        return share

    return await desk.operations.commit(operation, effect)


@on_command(router, RevokeShare)
async def revoke_share(message: RevokeShare, operation: Operation, desk: DeskPart) -> Success:
    diary_id = await desk.access.own(message.diary_id, known(operation.caller))
    agent = await _agent(desk, message.fingerprint)
    kind, body = await run_workflow(
        workflows.revoke_share,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(diary_id),
        str(agent.identity_id),
        current_trace(),
    )
    return Outcome(kind, body.encode()).unwrap(Success)


@on_command(router, AcceptInvitation)
async def accept_invitation(message: AcceptInvitation, operation: Operation) -> DiaryShare:
    kind, body = await run_workflow(
        workflows.accept_invitation,
        operation.id,
        operation.stamp.model_dump(mode="json"),
        str(message.share_id),
        str(known(operation.caller).identity_id),
        current_trace(),
    )
    return Outcome(kind, body.encode()).unwrap(DiaryShare)


@on_command(router, DeclineInvitation)
async def decline_invitation(message: DeclineInvitation, operation: Operation, desk: DeskPart) -> DiaryShare:
    invitee = known(operation.caller)

    async def effect(connection: Connection) -> DiaryShare:
        share = await desk.shares.answer(
            connection, message.share_id, invitee.identity_id, ShareStatus.DECLINED, operation.id
        )
        await tell_later(connection, operation.id, follow_ups.share_changed(share))
        return share

    return await desk.operations.commit(operation, effect)


@on_query(router, ListShares)
async def list_shares(message: ListShares, caller: Caller, desk: DeskPart) -> DiaryShares:
    diary_id = await desk.access.own(message.diary_id, known(caller))
    shares, total = await desk.shares.of_diary(diary_id, message)
    return DiaryShares(shares=shares, total=total)


@on_query(router, ListInvitations)
async def list_invitations(message: ListInvitations, caller: Caller, desk: DeskPart) -> DiaryInvitations:
    invitations, total = await desk.shares.invitations(known(caller).identity_id, message)
    return DiaryInvitations(invitations=invitations, total=total)
