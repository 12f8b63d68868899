"""Webhooks that the Ory servers call, with a shared key. Not limited: they come from few addresses."""

from typing import Any, NoReturn, TypeVar
from uuid import UUID, uuid5

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from uuid6 import uuid7

from services.gateway.guards import open_to_ory, rules
from services.gateway.parts import GatewayParts, Parts
from services.gateway.rate_limits import Bucket
from shared.contracts.base import Command, Record
from shared.contracts.fields import VOUCHER_PATTERN
from shared.contracts.identity import AdmitIdentity, Agent, ChangeKey, GetTokenClaims
from shared.messaging.outcomes import PROBLEM, Outcome
from shared.problems import (
    Conflict,
    InternalServerError,
    Problem,
    ProblemDetails,
    RegistrationFailed,
    UpstreamError,
    ValidationFailed,
    unavailable,
)

R = TypeVar("R", bound=Record)

router = open_to_ory("hooks")
UNCOUNTED = rules(bucket=Bucket.EXEMPT)

PUBLIC_KEY = "#/traits/public_key"
VOUCHER_CODE = "#/traits/voucher_code"
WHOLE = "#/"
UNUSABLE_KEY, UNUSABLE_VOUCHER, UNREADABLE = 4000001, 4000003, 4000002
"""Message ids that the identity server passes on to its forms."""
ADMISSIONS = 10
"""How often an identity may be tried with one voucher within a day."""


class TokenRequest(BaseModel):
    """What of Hydra's token hook is relied on."""

    client_id: str


class TokenExchange(BaseModel):
    """Hydra's token hook payload; the rest is ignored."""

    request: TokenRequest
    session: Any = None


@router.post("/hooks/hydra/token-exchange", openapi_extra=UNCOUNTED)
async def token_exchange(body: TokenExchange, parts: GatewayParts) -> Response:
    """Claims for an access token, in the form that Hydra merges."""
    try:
        answer = await parts.bus.ask(GetTokenClaims(client_id=body.request.client_id))
    except Problem:
        return _refused("enrichment_failed", "The agent behind the client cannot be looked up now.", 500)
    if answer.refusal:
        return _refused(answer.refusal, answer.description, 403)
    return JSONResponse({"session": {"access_token": answer.claims}})


def _refused(error: str, description: str, status: int) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


class _Traits(BaseModel):
    public_key: str
    voucher_code: str = ""


class _Identity(BaseModel):
    id: UUID
    traits: _Traits


class _IdentityPayload(BaseModel):
    """What of Kratos' hooks is relied on."""

    identity: _Identity


class _Refusal(Exception):  # noqa: N818 - what the identity server is told
    """A refusal in the form of Kratos' flow messages."""

    def __init__(self, place: str, number: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        message = {"id": number, "text": text, "type": "error", "context": {}}
        self.response = JSONResponse(
            {"messages": [{"instance_ptr": place, "messages": [message]}]}, status_code=status
        )


@router.post("/hooks/kratos/after-registration", openapi_extra=UNCOUNTED)
async def after_registration(request: Request, parts: GatewayParts) -> Response:
    """Makes an identity an agent, all or nothing. Whoever gets no answer may ask again: the same identity and
    voucher are admitted once. A hook of Kratos that parses the answer runs before the identity has an id, and
    is refused."""
    try:
        identity = await _identity(request)
        voucher = identity.traits.voucher_code
        if not VOUCHER_PATTERN.fullmatch(voucher):
            raise _Refusal(VOUCHER_CODE, UNUSABLE_VOUCHER, "The voucher is unknown.", 403)
        command = AdmitIdentity(
            identity_id=identity.id, public_key=identity.traits.public_key, voucher_code=voucher
        )
        agent = await _admit(parts, command)
    except _Refusal as refusal:
        return refusal.response
    metadata = {"fingerprint": agent.fingerprint, "public_key": agent.public_key}
    return JSONResponse({"identity": {"metadata_public": metadata}})


@router.post("/hooks/kratos/after-settings", openapi_extra=UNCOUNTED)
async def after_settings(request: Request, parts: GatewayParts) -> Response:
    """The identity's key may have changed."""
    try:
        identity = await _identity(request)
        command = ChangeKey(identity_id=identity.id, public_key=identity.traits.public_key)
        _answer(await _outcome(parts, command, uuid7()), command)
    except _Refusal as refusal:
        return refusal.response
    return JSONResponse({"success": True})


async def _identity(request: Request) -> _Identity:
    try:
        identity = _IdentityPayload.model_validate_json(await request.body()).identity
    except ValidationError as failure:
        raise _Refusal(WHOLE, UNREADABLE, "The payload names no identity with its traits.") from failure
    if not identity.id.int:
        raise _Refusal(WHOLE, UNREADABLE, "The identity has no id yet: call this hook after it is stored.")
    return identity


async def _admit(parts: Parts, command: AdmitIdentity) -> Agent:
    """The same identity and voucher are one operation. One that failed behind us was undone, and is followed by
    another when it is asked for again."""
    subject = f"admit {command.identity_id} {command.public_key} {command.voucher_code}"
    for attempt in range(ADMISSIONS):
        outcome = await _outcome(parts, command, uuid5(parts.namespace, f"{subject} {attempt}"))
        if not (outcome.replayed and _failed_behind_us(outcome)):
            break
    try:
        return _answer(outcome, command)
    except UpstreamError as problem:
        raise InternalServerError(problem.detail) from problem  # as the contract has it for this hook


def _failed_behind_us(outcome: Outcome) -> bool:
    return outcome.kind == PROBLEM and isinstance(
        Problem.from_details(ProblemDetails.model_validate_json(outcome.body)),
        (InternalServerError, UpstreamError),
    )


async def _outcome(parts: Parts, command: Command[R], operation: UUID) -> Outcome:
    outcome = await parts.bus.execute(command, operation=operation, keyed=True, seconds=parts.deadline)
    if outcome is None:
        raise unavailable("identity service")
    return outcome


def _answer(outcome: Outcome, command: Command[R]) -> R:
    try:
        return outcome.unwrap(command.answer)  # type: ignore[return-value]
    except Problem as problem:
        _refuse(problem)


def _refuse(problem: Problem) -> NoReturn:
    """As a message on the field that is to blame; a failure of ours stays a problem."""
    if isinstance(problem, RegistrationFailed):
        raise _Refusal(VOUCHER_CODE, UNUSABLE_VOUCHER, problem.detail, 403) from problem
    if isinstance(problem, (ValidationFailed, Conflict)):
        raise _Refusal(PUBLIC_KEY, UNUSABLE_KEY, problem.detail) from problem
    raise problem
