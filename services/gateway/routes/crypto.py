"""Signing requests. The private key never leaves the agent."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.gateway.answers import Answering, documented, json_response
from services.gateway.guards import Caller, open_to_agents, open_to_anyone, rules
from services.gateway.parts import GatewayParts
from services.gateway.rate_limits import Bucket
from shared.contracts.base import Record
from shared.contracts.scopes import Scope
from shared.contracts.signing import (
    CheckSignature,
    CreateSigningRequest,
    GetSigningRequest,
    ListSigningRequests,
    NewSigningRequest,
    SignatureSubmission,
    SigningRequest,
    SigningRequestList,
    SubmitSignature,
)

agents = open_to_agents("crypto")
anyone = open_to_anyone("crypto")


class CryptoIdentity(Record):
    """The caller as its token tells."""

    identity_id: UUID
    public_key: str
    fingerprint: str


@agents.get(
    "/crypto/identity",
    operation_id="getCryptoIdentity",
    openapi_extra=rules(Scope.AGENT_PROFILE),
    response_model=CryptoIdentity,
)
async def crypto_identity(caller: Caller) -> Response:
    """The caller's identity from the claims of its token."""
    return json_response(
        CryptoIdentity(
            identity_id=caller.identity_id, public_key=caller.public_key, fingerprint=caller.fingerprint
        )
    )


@agents.post(
    "/crypto/signing-requests",
    operation_id="createSigningRequest",
    openapi_extra=rules(Scope.CRYPTO_SIGN, bucket=Bucket.SIGNING),
    **documented(SigningRequest, 201),
)
async def create_signing_request(body: NewSigningRequest, answers: Answering) -> Response:
    """Ask for a message to be signed. Sign the decoded `signingInput` and submit the signature."""
    return await answers.execute(CreateSigningRequest(message=body.message), 201)


@agents.get(
    "/crypto/signing-requests",
    operation_id="listSigningRequests",
    openapi_extra=rules(Scope.CRYPTO_SIGN),
    response_model=SigningRequestList,
)
async def list_signing_requests(
    query: Annotated[ListSigningRequests, Query()], caller: Caller, parts: GatewayParts
) -> Response:
    """The caller's own signing requests, newest first."""
    page = await parts.bus.ask(query, caller)
    items = list(page.items)
    wanted = min(query.limit, page.total - query.offset)
    while page.items and len(items) < wanted:  # long messages come in several pieces
        rest = {"offset": query.offset + len(items), "limit": query.limit - len(items)}
        page = await parts.bus.ask(query.model_copy(update=rest), caller)
        items += page.items
    return json_response(
        SigningRequestList(items=items, total=page.total, limit=query.limit, offset=query.offset)
    )


@agents.get(
    "/crypto/signing-requests/{id}",
    operation_id="getSigningRequest",
    openapi_extra=rules(Scope.CRYPTO_SIGN),
    response_model=SigningRequest,
)
async def get_signing_request(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """One of the caller's signing requests."""
    return await answers.ask(GetSigningRequest(request_id=id))


@agents.post(
    "/crypto/signing-requests/{id}/sign",
    operation_id="submitSignature",
    openapi_extra=rules(Scope.CRYPTO_SIGN),
    **documented(SigningRequest),
)
async def submit_signature(id: UUID, body: SignatureSubmission, answers: Answering) -> Response:  # noqa: A002
    """Submit the signature. A wrong one completes the request as well, with `valid: false`."""
    return await answers.execute(SubmitSignature(request_id=id, signature=body.signature))


class Verdict(Record):
    valid: bool


@anyone.post(
    "/crypto/verify",
    operation_id="verifyCryptoSignature",
    response_model=Verdict,
    openapi_extra=rules(bucket=Bucket.PUBLIC_VERIFY),
)
async def verify_signature(body: SignatureSubmission, parts: GatewayParts) -> Response:
    """Whether any agent submitted this signature for a signing request, and it holds with its key as it is now."""
    check = await parts.bus.ask(CheckSignature(signature=body.signature))
    return json_response(Verdict(valid=check.valid))
