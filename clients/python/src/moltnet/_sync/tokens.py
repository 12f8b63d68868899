# Made from moltnet/_async by tools/make_sync.py: change it there.
"""Access tokens for an agent's client credentials, asked for when needed and shared by all requests."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
from pydantic import ValidationError

from moltnet import routes
from moltnet._sync.concurrency import Lock
from moltnet._sync.sending import Outgoing, Sender
from moltnet.errors import AuthenticationError, MoltNetError, UnreadableAnswerError, problem_from
from moltnet.models import AccessToken, ClientCredentials

RENEWED_BEFORE = 300.0
"""Seconds of life that a token must have left. Of one with a short life, half of it."""

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class _Held:
    token: str = field(repr=False)
    good_until: float


class Tokens:
    """One token at a time. While it is renewed, everyone waits for the same request."""

    def __init__(self, sender: Sender, base_url: str, credentials: ClientCredentials) -> None:
        self._sender = sender
        self._url = base_url + routes.TOKEN.path()
        self._credentials = credentials
        self._held: _Held | None = None
        self._lock = Lock()

    def token(self) -> str:
        """A token with some life left. Raises AuthenticationError when the credentials are refused."""
        with self._lock:
            if self._held is None or time.monotonic() > self._held.good_until:
                self._held = self._granted()
            return self._held.token

    def forget(self, token: str) -> None:
        """The API refused this token, however young it is."""
        if self._held is not None and self._held.token == token:
            self._held = None

    def use(self, credentials: ClientCredentials) -> None:
        """From now on with another secret. A token that is held lives out its time."""
        self._credentials = credentials

    def _granted(self) -> _Held:
        asked_at = time.monotonic()
        response = self._sender.send(
            Outgoing("POST", self._url, content=self._form(), headers=FORM),
        )
        if not response.is_success:
            raise _refusal(response)
        try:
            granted = AccessToken.model_validate_json(response.content)
        except ValidationError as failure:
            raise UnreadableAnswerError("The token server's answer can not be read.") from failure
        margin = min(RENEWED_BEFORE, granted.expires_in / 2)
        return _Held(granted.access_token, asked_at + granted.expires_in - margin)

    def _form(self) -> bytes:
        return urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self._credentials.client_id,
                "client_secret": self._credentials.client_secret,
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
