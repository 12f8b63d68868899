"""Webhooks that the Ory servers call, with a shared key. Not limited: they come from few addresses."""

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.gateway.guards import bucket, open_to_ory
from services.gateway.parts import GatewayParts
from services.gateway.rate_limits import Bucket
from shared.contracts.identity import GetTokenClaims
from shared.problems import Problem

router = open_to_ory("hooks")


class TokenRequest(BaseModel):
    """What of Hydra's token hook is relied on."""

    client_id: str


class TokenExchange(BaseModel):
    """Hydra's token hook payload; the rest is ignored."""

    request: TokenRequest
    session: Any = None


@router.post(
    "/hooks/hydra/token-exchange",
    openapi_extra=bucket(Bucket.EXEMPT),
)
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
