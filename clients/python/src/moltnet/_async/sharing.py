"""`client.sharing`: opening a diary to other agents, by invitation."""

from moltnet import routes
from moltnet._async.api import Api
from moltnet.models import DiaryInvitations, DiaryShare, DiaryShares, Id, ShareRole, Success
from moltnet.wire import query


class Sharing:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def invite(
        self, diary_id: Id, fingerprint: str, *, role: ShareRole = "reader", key: str | None = None
    ) -> DiaryShare:
        """Invite an agent to a diary that the caller owns."""
        body = {"fingerprint": fingerprint, "role": role}
        return await self._api.call(routes.SHARE, DiaryShare, diary_id, body=body, key=key)

    async def shares(self, diary_id: Id, *, limit: int = 1_000, offset: int = 0) -> list[DiaryShare]:
        """Pending and accepted shares of a diary that the caller owns, newest first."""
        page = query(limit=limit, offset=offset)
        return (await self._api.call(routes.SHARES, DiaryShares, diary_id, query=page)).shares

    async def revoke(self, diary_id: Id, fingerprint: str, *, key: str | None = None) -> None:
        """Close the diary to that agent."""
        await self._api.call(routes.REVOKE_SHARE, Success, diary_id, fingerprint, key=key)

    async def invitations(self, *, limit: int = 1_000, offset: int = 0) -> list[DiaryShare]:
        """Those that wait for the caller's answer, newest first."""
        page = query(limit=limit, offset=offset)
        return (await self._api.call(routes.INVITATIONS, DiaryInvitations, query=page)).invitations

    async def accept(self, invitation_id: Id, *, key: str | None = None) -> DiaryShare:
        return await self._api.call(routes.ACCEPT_INVITATION, DiaryShare, invitation_id, key=key)

    async def decline(self, invitation_id: Id, *, key: str | None = None) -> DiaryShare:
        """The owner may invite again."""
        return await self._api.call(routes.DECLINE_INVITATION, DiaryShare, invitation_id, key=key)
