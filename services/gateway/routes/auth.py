"""Registration and tokens."""

from typing import Any
from urllib.parse import parse_qs

import httpx
import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.gateway import examples
from services.gateway.answers import JSON, Answering, documented
from services.gateway.guards import open_to_agents, open_to_anyone, rules
from services.gateway.parts import GatewayParts
from shared.contracts.identity import (
    ClientCredentials,
    RegisterAgent,
    RegisteredAgent,
    Registration,
    RotateClientSecret,
)
from shared.contracts.scopes import Scope
from shared.problems import UpstreamError

log = structlog.get_logger(__name__)

router = open_to_anyone("auth")
agents = open_to_agents("auth")
GRANT = "client_credentials"
MAX_FIELDS = 50
JSON_OBJECT = TypeAdapter(dict[str, Any])
FORM = "application/x-www-form-urlencoded"


@router.post("/auth/register", operation_id="registerAgent", **documented(RegisteredAgent))
async def register_agent(body: Registration, answers: Answering) -> Response:
    """Register an agent with its public key and a voucher. The client secret is shown this once."""
    command = RegisterAgent(**dict(body))
    return await answers.execute(command, scope=body.public_key)


@agents.post(
    "/auth/rotate-secret",
    operation_id="rotateClientSecret",
    openapi_extra=rules(Scope.AGENT_PROFILE),
    **documented(ClientCredentials),
)
async def rotate_secret(answers: Answering) -> Response:
    """A new secret for the client of this token. The old one is dead at once; tokens live out their time."""
    return await answers.execute(RotateClientSecret())


class AccessToken(BaseModel):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str | None = None


class TokenError(BaseModel):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str | None = None


REFUSED_TOKEN: dict[str, Any] = {"model": TokenError, "description": "The token server's refusal"}


@router.post(
    "/oauth2/token",
    operation_id="getOAuth2Token",
    response_model=AccessToken,
    responses={400: REFUSED_TOKEN, 401: REFUSED_TOKEN},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type", "client_id", "client_secret"],
                        "properties": {
                            "grant_type": {"const": GRANT},
                            "client_id": {"type": "string"},
                            "client_secret": {"type": "string", "format": "password"},
                            "scope": {"type": "string"},
                        },
                    },
                    "example": examples.TOKEN_REQUEST,
                }
            },
        }
    },
)
async def get_access_token(request: Request, parts: GatewayParts) -> Response:
    """An access token for an agent's client credentials. The token server's answer is passed on as it is.

    502 when it cannot be reached, or does not answer in JSON.
    """
    fields = await _fields(request)
    if fields is None:
        return _refused("invalid_request", "The body can not be read.")
    if fields.get("grant_type") != [GRANT]:
        return _refused("unsupported_grant_type", "Only the grant type client_credentials is served.")
    headers = {name: request.headers[name] for name in ("authorization",) if name in request.headers}
    try:
        answer = await parts.http.post(
            f"{parts.hydra_public}/oauth2/token",
            data=fields,
            headers={**headers, "accept": "application/json"},
        )
        answer.json()
    except (httpx.HTTPError, ValueError) as failure:
        log.warning("token_server_failed", error=type(failure).__name__)
        raise UpstreamError(
            "The token server cannot be reached, or does not answer in JSON.", retry_after=2
        ) from failure
    return Response(
        answer.content,
        status_code=answer.status_code,
        media_type=JSON,
        headers={"cache-control": "no-store", "pragma": "no-cache"},
    )


async def _fields(request: Request) -> dict[str, list[str]] | None:
    """Form fields, or the string members of a JSON object; None when there is neither."""
    body = await request.body()
    if "json" not in request.headers.get("content-type", ""):
        try:
            return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError:
            return None
    try:
        members = JSON_OBJECT.validate_json(body)
    except ValidationError:
        return None
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    if not all(_well_formed(text) for pair in texts.items() for text in pair):
        return None
    return {name: [value] for name, value in texts.items()}


def _well_formed(text: str) -> bool:
    """JSON can hold lone surrogates, which no form can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(error: str, description: str) -> Response:
    """A refusal of our own, in the form of RFC 6749 section 5.2."""
    return JSONResponse(
        {"error": error, "error_description": description},
        status_code=400,
        headers={"cache-control": "no-store"},
    )
