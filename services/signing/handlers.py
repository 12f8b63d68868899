"""Messages in: every command and query of the signing service."""

from dataclasses import dataclass
from typing import Annotated

from faststream.nats import NatsRouter
from uuid6 import uuid7

from services.signing import workflows
from services.signing.agents import current_key
from services.signing.store import SigningStore, workflow_id_of
from shared.contracts.diary import GetSigningStatement
from shared.contracts.signing import (
    CheckSignature,
    CreateEntrySigningRequest,
    CreateSigningRequest,
    GetSigningRequest,
    ListSigningRequests,
    SignatureCheck,
    SigningRequest,
    SigningRequestList,
    SigningStatus,
    SubmitSignature,
)
from shared.crypto.signatures import SignedForm, matching_form
from shared.durable.enqueue import enqueue, send
from shared.durable.operations import Operations
from shared.messaging.bus import Bus
from shared.messaging.commands import Operation, on_command
from shared.messaging.headers import CommandContext
from shared.messaging.parts import Part
from shared.messaging.queries import Caller, known, on_query
from shared.postgres import Connection
from shared.problems import SigningRequestAlreadyCompleted, SigningRequestExpired

router = NatsRouter()
PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Desk:
    """What the handlers work with. `seconds` is the life of a signing request."""

    store: SigningStore
    operations: Operations
    bus: Bus
    seconds: float


DeskPart = Annotated[Desk, Part("desk")]


@on_command(router, CreateSigningRequest)
async def create_signing_request(
    message: CreateSigningRequest, operation: Operation, desk: DeskPart
) -> SigningRequest:
    return await _create(desk, operation, message.message)


@on_command(router, CreateEntrySigningRequest)
async def create_entry_signing_request(
    message: CreateEntrySigningRequest, operation: Operation, desk: DeskPart
) -> SigningRequest:
    """The diary service says what there is to sign, or why the caller may not."""
    question = GetSigningStatement(diary_id=message.diary_id, entry_id=message.entry_id)
    asked = await desk.bus.ask(question, known(operation.caller))
    return await _create(desk, operation, asked.statement)


async def _create(desk: Desk, operation: CommandContext, message: str) -> SigningRequest:
    """The row and the workflow that waits for its signature commit together."""
    agent_id, request_id = known(operation.caller).identity_id, uuid7()

    async def effect(connection: Connection) -> SigningRequest:
        request = await desk.store.insert(connection, request_id, agent_id, message, desk.seconds)
        await enqueue(
            connection,
            workflows.SERVICE,
            "request_signature",
            workflow_id_of(request_id),
            str(request_id),
            str(agent_id),
            request.expires_at.isoformat(),
            queue=workflows.WAITING,
        )
        return request

    return await desk.operations.commit(operation, effect)


@on_command(router, SubmitSignature)
async def submit_signature(message: SubmitSignature, operation: Operation, desk: DeskPart) -> SigningRequest:
    """The first signature counts, right or wrong. Its verdict commits with the word that wakes the workflow."""
    agent_id = known(operation.caller).identity_id
    request = await desk.store.request(message.request_id, agent_id)
    _refuse_if_over(request.status)
    form = await _form_of(message.signature, request, desk)

    async def effect(connection: Connection) -> SigningRequest:
        judged = await desk.store.complete(connection, request.id, message.signature, form)
        if judged is None:
            _refuse_if_over(await desk.store.status(connection, request.id))
            raise RuntimeError("a pending signing request took no signature")
        await send(
            connection, workflows.SERVICE, workflow_id_of(request.id), workflows.TOPIC, str(operation.id)
        )
        return judged

    return await desk.operations.commit(operation, effect)


def _refuse_if_over(status: SigningStatus) -> None:
    if status is SigningStatus.EXPIRED:
        raise SigningRequestExpired("The signing request has expired.")
    if status is SigningStatus.COMPLETED:
        raise SigningRequestAlreadyCompleted("The signing request has its signature already.")


async def _form_of(signature: str, request: SigningRequest, desk: Desk) -> SignedForm | None:
    """None for what the agent's current key did not make, and for an agent without a key."""
    public_key = await current_key(desk.bus, request.agent_id)
    return matching_form(request.message, request.nonce, signature, public_key) if public_key else None


@on_query(router, CheckSignature)
async def check_signature(message: CheckSignature, desk: DeskPart) -> SignatureCheck:
    """A signature that was never submitted is not valid, even if it is mathematically right."""
    request = await desk.store.newest_signed(message.signature)
    if request is None or message.agent_id not in (None, request.agent_id):
        return SignatureCheck(valid=False)
    if await _form_of(message.signature, request, desk) is None:
        return SignatureCheck(valid=False)
    return SignatureCheck(valid=True, agent_id=request.agent_id)


@on_query(router, GetSigningRequest)
async def get_signing_request(message: GetSigningRequest, caller: Caller, desk: DeskPart) -> SigningRequest:
    return await desk.store.request(message.request_id, known(caller).identity_id)


@on_query(router, ListSigningRequests)
async def list_signing_requests(
    message: ListSigningRequests, caller: Caller, desk: DeskPart
) -> SigningRequestList:
    statuses = message.status.split(",") if message.status else None
    items, total = await desk.store.requests(
        known(caller).identity_id, statuses, message.limit, message.offset
    )
    return SigningRequestList(items=_fitting(items), total=total, limit=message.limit, offset=message.offset)


def _fitting(requests: list[SigningRequest]) -> list[SigningRequest]:
    """As many as one message can carry, and at least one; the gateway asks for the rest."""
    taken, size = 0, 0
    while taken < len(requests) and (taken == 0 or size <= PAGE_BYTES):
        size += len(requests[taken].model_dump_json())
        taken += 1
    return requests[:taken]
