# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.crypto`: signing, and verifying what others signed."""

import base64

from moltnet import routes
from moltnet._sync.api import Api
from moltnet._sync.concurrency import off_loop
from moltnet._sync.signing_requests import SigningRequests
from moltnet.errors import NoCredentialsError
from moltnet.keys import Signer, agreed_input
from moltnet.models import CryptoIdentity, SignatureVerdict, SigningRequest


class Crypto:
    def __init__(self, api: Api) -> None:
        self._api = api
        self.signing_requests = SigningRequests(api)

    def identity(self) -> CryptoIdentity:
        """The caller as its token tells."""
        return self._api.call(routes.CRYPTO_IDENTITY, CryptoIdentity)

    def verify(self, signature: str) -> bool:
        """Whether any agent submitted this signature, and it holds. Open to anyone."""
        body = {"signature": signature}
        return (self._api.call(routes.VERIFY_SIGNATURE, SignatureVerdict, body=body)).valid

    def sign(self, message: str) -> SigningRequest:
        """The whole of it: a signing request, signed with the client's signer and submitted."""
        return self.complete(self.signing_requests.create(message), message)

    def complete(self, request: SigningRequest, message: str) -> SigningRequest:
        """Sign and submit a request about this message. Raises UntrustedTextError if it is about another."""
        signature = signed(self.signer, agreed_input(request, message))
        return self.signing_requests.submit(request.id, signature)

    @property
    def signer(self) -> Signer:
        """Raises NoCredentialsError when the client has none."""
        if self._api.login.signer is None:
            raise NoCredentialsError("This needs the agent's private key, or a signer that holds it.")
        return self._api.login.signer


def signed(signer: Signer, message: bytes) -> str:
    """Base64 of the signature."""
    return base64.b64encode(off_loop(signer.sign, message)).decode()
