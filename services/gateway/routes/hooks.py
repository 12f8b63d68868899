"""Webhooks that the Ory servers call, with a shared key. Not limited: they come from few addresses."""

import hmac
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.gateway.guards import bucket, open_to_anyone
from services.gateway.parts import GatewayParts, Parts
from services.gateway.rate_limits import Bucket
from shared.contracts.identity import GetTokenClaims
from shared.problems import Problem, Unauthorized

router = open_to_anyone("hooks")
KEY_HEADER = "x-ory-api-key"


class TokenRequest(BaseModel):
    """What of Hydra's token hook is relied on."""

    client_id: str


class TokenExchange(BaseModel):
    """Hydra's token hook payload; the rest is ignored."""

    request: TokenRequest
    session: Any = None


def _authorized(request: Request) -> None:
    parts: Parts = request.app.state.parts
    given = request.headers.get(KEY_HEADER, "").encode()
    if not hmac.compare_digest(given, parts.hook_key.get_secret_value().encode()):
        raise Unauthorized("The webhook key is missing or wrong.")


@router.post(
    "/hooks/hydra/token-exchange",
    include_in_schema=False,
    dependencies=[Depends(_authorized)],
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
