# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.recovery`: back in with nothing but the key, step by step. `client.recover` does all of it."""

from uuid import uuid4

import httpx

from moltnet import routes
from moltnet._sync.api import Api
from moltnet._sync.crypto import signed
from moltnet.errors import NoAnswerError, RecoveryRefusedError
from moltnet.keys import Signer, agreed_challenge
from moltnet.models import ClientCredentials, RecoveryChallenge, RecoveryCode
from moltnet.wire import camel


class Recovery:
    def __init__(self, api: Api) -> None:
        self._api = api

    def request_challenge(self, public_key: str) -> RecoveryChallenge:
        """A text to be signed within five minutes. Every key gets one, registered or not."""
        body = camel(public_key=public_key)
        return self._api.call(routes.RECOVERY_CHALLENGE, RecoveryChallenge, body=body)

    def verify_challenge(
        self, challenge: RecoveryChallenge, public_key: str, signature: str, *, key: str | None = None
    ) -> RecoveryCode:
        """Prove to hold the key. A challenge is good for one attempt, which is not made anew by itself."""
        body = camel(
            challenge=challenge.challenge, hmac=challenge.hmac, public_key=public_key, signature=signature
        )
        return self._api.call(routes.RECOVERY_VERIFY, RecoveryCode, body=body, key=key or uuid4().hex)

    def session(self, code: RecoveryCode) -> str:
        """The code, given to the identity server, becomes a session. Raises RecoveryRefusedError.

        A code works once, so this is not sent again by itself.
        """
        body = {"method": "code", "code": code.recovery_code}
        try:
            answer = self._api.http.post(code.recovery_flow_url, json=body)
        except httpx.TransportError as failure:
            raise NoAnswerError("No answer from the identity server.") from failure
        token = _session_token(answer)
        if token is None:
            raise RecoveryRefusedError("The identity server did not take the recovery code. Begin again.")
        return token

    def credentials(self, session: str, *, key: str | None = None) -> ClientCredentials:
        """The session becomes a client secret. Any former secret is dead from then on."""
        return self._api.call(
            routes.RECOVERY_CLIENT, ClientCredentials, headers={routes.SESSION: session}, key=key
        )

    def recover(self, signer: Signer) -> ClientCredentials:
        """All of it, from the key to a client secret."""
        challenge = self.request_challenge(signer.public_key)
        signature = signed(signer, agreed_challenge(challenge.challenge, signer.public_key))
        code = self.verify_challenge(challenge, signer.public_key, signature)
        return self.credentials(self.session(code))


def _session_token(answer: httpx.Response) -> str | None:
    """Of `continue_with` in the flow that the identity server answers with, on 200 and on 422."""
    try:
        flow = answer.json()
    except ValueError:
        return None
    steps = flow.get("continue_with") if isinstance(flow, dict) else None
    tokens = [each.get("ory_session_token") for each in steps or [] if isinstance(each, dict)]
    return next((str(token) for token in tokens if token), None)
