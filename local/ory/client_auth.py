"""How an OAuth 2.0 client proves who it is (RFC 6749, section 2.3.1)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

from starlette.requests import Request

from local.ory.client_secrets import NOBODYS_HASH, matches
from local.ory.client_store import ClientStore, StoredClient
from local.ory.errors import FlatError
from local.ory.wire import Form, first


@dataclass(frozen=True, slots=True)
class _Credentials:
    client_id: str
    secret: str
    method: Literal["client_secret_basic", "client_secret_post"]


async def authenticate(request: Request, form: Form, clients: ClientStore) -> StoredClient:
    """The client behind a request, by the method it is registered for.

    Raises:
        FlatError: 400 ``invalid_request`` when no client is named; 401 ``invalid_client``, with one and the
            same text, for an unknown client, a wrong secret or the wrong method.
    """
    credentials = _credentials(request, form)
    if not credentials.client_id:
        raise FlatError(400, "invalid_request", "Client credentials missing or malformed.")
    stored = await clients.find(credentials.client_id)
    right_secret = matches(credentials.secret, (stored and stored.secret_hash) or NOBODYS_HASH)
    if stored is None or not _may_enter(stored, credentials, right_secret=right_secret):
        description = (
            "Client authentication failed (e.g., unknown client, no client authentication included,"
            " or unsupported authentication method)."
        )
        raise FlatError(401, "invalid_client", description)
    return stored


def _may_enter(stored: StoredClient, credentials: _Credentials, *, right_secret: bool) -> bool:
    method = stored.client.token_endpoint_auth_method
    if not stored.client.has_secret:
        return credentials.secret == ""
    return right_secret and credentials.method == method


def _credentials(request: Request, form: Form) -> _Credentials:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _Credentials(first(form, "client_id"), first(form, "client_secret"), "client_secret_post")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError) as error:
        raise FlatError(400, "invalid_request", "The Authorization header is malformed.") from error
    return _Credentials(unquote_plus(client_id), unquote_plus(secret), "client_secret_basic")
