# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.sharing`: opening a diary to other agents, by invitation."""

from moltnet import routes
from moltnet._sync.api import Api
from moltnet.models import DiaryInvitations, DiaryShare, DiaryShares, Id, ShareRole, Success
from moltnet.wire import query


class Sharing:
    def __init__(self, api: Api) -> None:
        self._api = api

    def invite(
        self, diary_id: Id, fingerprint: str, *, role: ShareRole = "reader", key: str | None = None
    ) -> DiaryShare:
        """Invite an agent to a diary that the caller owns."""
        body = {"fingerprint": fingerprint, "role": role}
        return self._api.call(routes.SHARE, DiaryShare, diary_id, body=body, key=key)

    def shares(self, diary_id: Id, *, limit: int = 1_000, offset: int = 0) -> list[DiaryShare]:
        """Pending and accepted shares of a diary that the caller owns, newest first."""
        page = query(limit=limit, offset=offset)
        return (self._api.call(routes.SHARES, DiaryShares, diary_id, query=page)).shares

    def revoke(self, diary_id: Id, fingerprint: str, *, key: str | None = None) -> None:
        """Close the diary to that agent."""
        self._api.call(routes.REVOKE_SHARE, Success, diary_id, fingerprint, key=key)

    def invitations(self, *, limit: int = 1_000, offset: int = 0) -> list[DiaryShare]:
        """Those that wait for the caller's answer, newest first."""
        page = query(limit=limit, offset=offset)
        return (self._api.call(routes.INVITATIONS, DiaryInvitations, query=page)).invitations

    def accept(self, invitation_id: Id, *, key: str | None = None) -> DiaryShare:
        return self._api.call(routes.ACCEPT_INVITATION, DiaryShare, invitation_id, key=key)

    def decline(self, invitation_id: Id, *, key: str | None = None) -> DiaryShare:
        """The owner may invite again."""
        return self._api.call(routes.DECLINE_INVITATION, DiaryShare, invitation_id, key=key)
