"""Access tokens for an agent's client credentials, asked for when needed and shared by all requests."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
from pydantic import ValidationError

from moltnet import routes
from moltnet._async.concurrency import Lock
from moltnet._async.sending import Outgoing, Sender
from moltnet.errors import AuthenticationError, MoltNetError, UnreadableAnswerError, problem_from
from moltnet.models import AccessToken, ClientCredentials
from moltnet.token_store import KeptToken, TokenStore

RENEWED_BEFORE = 300.0
"""Seconds of life that a token must have left. Of one with a short life, half of it."""

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class _Held:
    token: str = field(repr=False)
    good_until: float


class Tokens:
    """One token at a time. While it is renewed, everyone waits for the same request.

    With a store, the first one may be what an earlier client kept there.
    """

    def __init__(
        self,
        sender: Sender,
        base_url: str,
        credentials: ClientCredentials,
        store: TokenStore | None = None,
    ) -> None:
        self._sender = sender
        self._base_url = base_url
        self._credentials = credentials
        self._store = store
        self._looked_up = False
        self._held: _Held | None = None
        self._lock = Lock()

    async def token(self) -> str:
        """A token with some life left. Raises AuthenticationError when the credentials are refused."""
        async with self._lock:
            if self._held is None or time.monotonic() > self._held.good_until:
                self._held = self._kept() or await self._granted()
            return self._held.token

    def forget(self, token: str) -> None:
        """The API refused this token, however young it is."""
        if self._held is not None and self._held.token == token:
            self._held = None
            if self._store is not None:
                self._store.forget(self._base_url, self._credentials.client_id)

    def use(self, credentials: ClientCredentials) -> None:
        """From now on with another secret. A token that is held lives out its time."""
        self._credentials = credentials

    def _kept(self) -> _Held | None:
        """From the store, which is asked once: a token that was refused does not come back from it."""
        if self._store is None or self._looked_up:
            return None
        self._looked_up = True
        kept = self._store.load(self._base_url, self._credentials)
        if kept is None or kept.good_until <= time.time():
            return None
        return _Held(kept.token, time.monotonic() + kept.good_until - time.time())

    async def _granted(self) -> _Held:
        credentials, asked_at, asked_on = self._credentials, time.monotonic(), time.time()
        response = await self._sender.send(
            Outgoing("POST", self._base_url + routes.TOKEN.path(), content=_form(credentials), headers=FORM),
        )
        if not response.is_success:
            raise _refusal(response)
        try:
            granted = AccessToken.model_validate_json(response.content)
        except ValidationError as failure:
            raise UnreadableAnswerError("The token server's answer can not be read.") from failure
        used_for = granted.expires_in - min(RENEWED_BEFORE, granted.expires_in / 2)
        if self._store is not None:
            self._store.save(
                self._base_url, credentials, KeptToken(granted.access_token, asked_on + used_for)
            )
        return _Held(granted.access_token, asked_at + used_for)


def _form(credentials: ClientCredentials) -> bytes:
    return urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
    ).encode()


def _refusal(response: httpx.Response) -> MoltNetError:
    """Refused credentials have OAuth2's form (RFC 6749 section 5.2). A failing server is another matter."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if response.is_client_error and isinstance(document, dict) and isinstance(document.get("error"), str):
        return AuthenticationError(document["error"], str(document.get("error_description") or ""))
    return problem_from(
        response.content, status=response.status_code, request_id=response.headers.get("x-request-id", "")
    )
