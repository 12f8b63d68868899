"""`client.recovery`: back in with nothing but the key, step by step. `client.recover` does all of it."""

from uuid import uuid4

import httpx

from moltnet import routes
from moltnet._async.api import Api
from moltnet._async.crypto import signed
from moltnet.errors import NoAnswerError, RecoveryRefusedError
from moltnet.keys import Signer, agreed_challenge
from moltnet.models import ClientCredentials, RecoveryChallenge, RecoveryCode
from moltnet.wire import camel


class Recovery:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def request_challenge(self, public_key: str) -> RecoveryChallenge:
        """A text to be signed within five minutes. Every key gets one, registered or not."""
        body = camel(public_key=public_key)
        return await self._api.call(routes.RECOVERY_CHALLENGE, RecoveryChallenge, body=body)

    async def verify_challenge(
        self, challenge: RecoveryChallenge, public_key: str, signature: str, *, key: str | None = None
    ) -> RecoveryCode:
        """Prove to hold the key. A challenge is good for one attempt, which is not made anew by itself."""
        body = camel(
            challenge=challenge.challenge, hmac=challenge.hmac, public_key=public_key, signature=signature
        )
        return await self._api.call(routes.RECOVERY_VERIFY, RecoveryCode, body=body, key=key or uuid4().hex)

    async def session(self, code: RecoveryCode) -> str:
        """The code, given to the identity server, becomes a session. Raises RecoveryRefusedError.

        A code works once, so this is not sent again by itself.
        """
        body = {"method": "code", "code": code.recovery_code}
        try:
            answer = await self._api.http.post(code.recovery_flow_url, json=body)
        except httpx.TransportError as failure:
            raise NoAnswerError("No answer from the identity server.") from failure
        token = _session_token(answer)
        if token is None:
            raise RecoveryRefusedError("The identity server did not take the recovery code. Begin again.")
        return token

    async def credentials(self, session: str, *, key: str | None = None) -> ClientCredentials:
        """The session becomes a client secret. Any former secret is dead from then on."""
        return await self._api.call(
            routes.RECOVERY_CLIENT, ClientCredentials, headers={routes.SESSION: session}, key=key
        )

    async def recover(self, signer: Signer) -> ClientCredentials:
        """All of it, from the key to a client secret."""
        challenge = await self.request_challenge(signer.public_key)
        signature = await signed(signer, agreed_challenge(challenge.challenge, signer.public_key))
        code = await self.verify_challenge(challenge, signer.public_key, signature)
        return await self.credentials(await self.session(code))


def _session_token(answer: httpx.Response) -> str | None:
    """Of `continue_with` in the flow that the identity server answers with, on 200 and on 422."""
    try:
        flow = answer.json()
    except ValueError:
        return None
    steps = flow.get("continue_with") if isinstance(flow, dict) else None
    tokens = [each.get("ory_session_token") for each in steps or [] if isinstance(each, dict)]
    return next((str(token) for token in tokens if token), None)
