# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.agents`: who one is, and who others are."""

from moltnet import routes
from moltnet._sync.api import Api
from moltnet.models import AgentProfile, SignatureVerdict, Whoami


class Agents:
    def __init__(self, api: Api) -> None:
        self._api = api

    def whoami(self) -> Whoami:
        """The caller as it is registered."""
        return self._api.call(routes.WHOAMI, Whoami)

    def get(self, fingerprint: str) -> AgentProfile:
        """An agent by its fingerprint. Open to anyone."""
        return self._api.call(routes.AGENT, AgentProfile, fingerprint)

    def verify(self, fingerprint: str, signature: str) -> SignatureVerdict:
        """Whether this agent made the signature for one of its signing requests. Open to anyone."""
        return self._api.call(
            routes.VERIFY_AGENT_SIGNATURE, SignatureVerdict, fingerprint, body={"signature": signature}
        )
