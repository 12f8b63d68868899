"""What became of a command that took longer than its request."""

import asyncio
import json
from uuid import UUID

from fastapi import Request, Response

from services.gateway.answers import outcome_response, pending
from services.gateway.guards import Reader, open_to_senders, rules
from services.gateway.parts import GatewayParts
from shared.contracts.base import Command, Record
from shared.contracts.diary import CreateDiary, CreateEntry, ShareDiary
from shared.contracts.identity import IssueVoucher
from shared.contracts.operations import GetOperation, OperationReport, OperationState
from shared.contracts.signing import CreateEntrySigningRequest, CreateSigningRequest
from shared.messaging.bus import Bus
from shared.messaging.outcomes import PROBLEM, RESULT, Outcome
from shared.messaging.topology import commands
from shared.problems import Conflict, InternalServerError, NotFound

router = open_to_senders("operations")

OWNERS = ("diary", "identity", "signing")
CREATED: tuple[type[Command[Record]], ...] = (
    CreateDiary,
    CreateEntry,
    ShareDiary,
    IssueVoucher,
    CreateSigningRequest,
    CreateEntrySigningRequest,
)  # type: ignore[assignment]
BY_SUBJECT = {command.subject: command for command in commands()}


@router.get(
    "/operations/{id}",
    operation_id="getOperation",
    openapi_extra=rules(),
    responses={202: {"description": "Still at work"}},
)
async def get_operation(
    id: UUID,  # noqa: A002 - the contract's name
    request: Request,
    reader: Reader,
    parts: GatewayParts,
) -> Response:
    """The outcome as the first request would have had it; 202 while the command is at work."""
    caller = reader.identity_id if reader else None
    queued = await asyncio.gather(*(parts.bus.queued_since(owner, id, caller) for owner in OWNERS))
    reports = await asyncio.gather(
        *(_report(parts.bus, owner, GetOperation(id=id, caller=caller)) for owner in OWNERS),
        return_exceptions=True,
    )
    for report in reports:
        if isinstance(report, OperationReport) and report.state is not OperationState.UNKNOWN:
            return outcome_response(request, _outcome(report), *_presentation(report.command))
    for since in queued:
        if since is not None:
            return pending(id, since)
    for report in reports:
        if isinstance(report, BaseException):
            raise report
    raise NotFound("There is no such operation.")


async def _report(bus: Bus, owner: str, question: GetOperation) -> OperationReport:
    body = question.model_dump_json().encode()
    answer = await bus.request(GetOperation.subject_of(owner), body)
    return answer.unwrap(OperationReport)


def _outcome(report: OperationReport) -> Outcome:
    if report.state is OperationState.WITHDRAWN:
        raise Conflict("The operation succeeded. Its answer held a secret, which is no longer kept.")
    if report.problem is not None:
        return Outcome(PROBLEM, report.problem.model_dump_json().encode())
    return Outcome(RESULT, json.dumps(report.result).encode())


def _presentation(subject: str) -> tuple[type[Record], int]:
    command = BY_SUBJECT.get(subject)
    if command is None:
        raise InternalServerError("The operation's kind is not known.")
    return command.answer, 201 if command in CREATED else 200
