"""The call Hydra makes before it issues a token, to learn the token's claims."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import httpx

from local.ory.errors import FlatError
from local.ory.grant import TOP_LEVEL_CLAIMS, Grant
from local.ory.wire import rfc3339

logger = logging.getLogger(__name__)

TIMEOUT = 30.0
PAUSES = (1.0, 2.0)
_ZERO_TIME = "0001-01-01T00:00:00Z"


class TokenHook:
    """Asks ``url`` about each grant; an unreachable or failing hook is asked three times."""

    def __init__(self, client: httpx.AsyncClient, url: str, api_key: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"X-Ory-Api-Key": api_key, "Content-Type": "application/json; charset=UTF-8"}

    async def claims(self, grant: Grant, issuer: str, kid: str) -> dict[str, Any]:
        """The claims the hook adds; none when it answers 204.

        Raises:
            FlatError: 403 ``access_denied`` when the hook says 403, 500 ``server_error`` when it fails.
        """
        response = await self._ask(_hook_request(grant, issuer, kid))
        if response is not None and response.status_code == HTTPStatus.FORBIDDEN:
            description = "The token hook target responded with an error."
            raise FlatError(403, "access_denied", description)
        if response is not None and response.status_code == HTTPStatus.NO_CONTENT:
            return {}
        if response is None or response.status_code != HTTPStatus.OK:
            raise _failed()
        return _session_claims(response)

    async def _ask(self, body: dict[str, Any]) -> httpx.Response | None:
        """The last answer, or None when there was none."""
        response: httpx.Response | None = None
        for pause in (*PAUSES, None):
            try:
                response = await self._client.post(
                    self._url, json=body, headers=self._headers, timeout=TIMEOUT
                )
            except httpx.HTTPError as error:
                logger.warning("the token hook cannot be reached: %s", type(error).__name__)
                response = None
            if pause is None or (response is not None and not _is_passing(response.status_code)):
                break
            await asyncio.sleep(pause)
        return response


def _is_passing(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _failed() -> FlatError:
    return FlatError(500, "server_error", "An error occurred while executing the token hook.")


def _session_claims(response: httpx.Response) -> dict[str, Any]:
    try:
        claims = (response.json().get("session") or {}).get("access_token") or {}
    except (ValueError, AttributeError) as error:
        raise _failed() from error
    if not isinstance(claims, dict):
        raise _failed()
    return claims


def _hook_request(grant: Grant, issuer: str, kid: str) -> dict[str, Any]:
    return {
        "session": {
            "id_token": {
                "id_token_claims": _empty_id_token(grant, issuer),
                "headers": {"extra": {}},
                "expires_at": {"access_token": rfc3339(grant.expires_at)},
                "subject": grant.client_id,
            },
            "extra": {},
            "kid": kid,
            "client_id": grant.client_id,
            "consent_challenge": "",
            "exclude_not_before_claim": False,
            "allowed_top_level_claims": list(TOP_LEVEL_CLAIMS),
            "mirror_top_level_claims": True,
        },
        "request": {
            "client_id": grant.client_id,
            "requested_scopes": list(grant.requested_scopes) or None,
            "granted_scopes": list(grant.scopes),
            "granted_audience": list(grant.audience),
            "grant_types": ["client_credentials"],
            "payload": grant.payload,
        },
    }


def _empty_id_token(grant: Grant, issuer: str) -> dict[str, Any]:
    """The id token Hydra sends along although this grant never issues one."""
    return {
        "jti": "",
        "iss": issuer,
        "sub": "",
        "aud": list(grant.audience),
        "nonce": "",
        "exp": _ZERO_TIME,
        "iat": rfc3339(grant.issued_at),
        "rat": _ZERO_TIME,
        "auth_time": _ZERO_TIME,
        "at_hash": "",
        "acr": "",
        "amr": None,
        "c_hash": "",
        "ext": None,
    }
