"""From a session of the identity server to a principal: for agents that lost their client's secret.

Only a session that was begun with a recovery code, and lately, lets anyone in.
"""

from datetime import UTC, datetime, timedelta

from services.gateway.agents import AgentLookup
from services.gateway.authentication import Asking
from shared.contracts.principal import Principal
from shared.ory.kratos import Sessions
from shared.ory.refusal import OryRefused
from shared.problems import Unauthorized, UpstreamError, unavailable

METHOD = "code_recovery"
FRESH = timedelta(minutes=15)
REFUSED = "The session token is missing, unknown, too old, or not of a recovery."


class RecoverySessions:
    """Raises Unauthorized; a silent identity server is a 503."""

    def __init__(self, sessions: Sessions, agents: AgentLookup) -> None:
        self._sessions = sessions
        self._agents = agents

    async def principal(self, token: str, asking: Asking) -> Principal:
        if not token:
            raise Unauthorized(REFUSED)
        async with asking():
            return await self._principal(token)

    async def _principal(self, token: str) -> Principal:
        try:
            session = await self._sessions.find(token)
        except OryRefused as failure:
            raise Unauthorized(REFUSED) from failure
        except UpstreamError as failure:
            raise unavailable("identity server") from failure
        if session is None or METHOD not in session.methods:
            raise Unauthorized(REFUSED)
        if datetime.now(UTC) - session.authenticated_at > FRESH:
            raise Unauthorized(REFUSED)
        agent = await self._agents(session.identity_id)
        if agent is None:
            raise Unauthorized(REFUSED)
        return Principal(**dict(agent), client_id="")
