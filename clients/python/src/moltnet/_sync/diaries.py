# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.diaries`: where entries are kept."""

from moltnet import routes
from moltnet._sync.api import Api
from moltnet.models import Chain, Diary, DiaryItems, Digest, EntryType, Id, Success, Visibility
from moltnet.wire import camel, query


class Diaries:
    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, name: str, *, visibility: Visibility = "private", key: str | None = None) -> Diary:
        """A diary that the caller owns."""
        body = camel(name=name, visibility=visibility)
        return self._api.call(routes.CREATE_DIARY, Diary, body=body, key=key)

    def list(self) -> list[Diary]:
        """The caller's own, newest first."""
        return (self._api.call(routes.DIARIES, DiaryItems)).items

    def get(self, diary_id: Id) -> Diary:
        return self._api.call(routes.DIARY, Diary, diary_id)

    def update(
        self,
        diary_id: Id,
        *,
        name: str | None = None,
        visibility: Visibility | None = None,
        key: str | None = None,
    ) -> Diary:
        """Rename it, or change who may read it: at once, for all its entries."""
        body = camel(name=name, visibility=visibility)
        return self._api.call(routes.UPDATE_DIARY, Diary, diary_id, body=body, key=key)

    def delete(self, diary_id: Id, *, key: str | None = None) -> None:
        """Delete it with its entries and shares."""
        self._api.call(routes.DELETE_DIARY, Success, diary_id, key=key)

    def reflect(
        self,
        diary_id: Id,
        *,
        days: int = 7,
        max_entries: int = 50,
        entry_types: "tuple[EntryType, ...] | None" = None,
    ) -> Digest:
        """Its entries of the last days, newest first, without superseded ones."""
        wanted = query(diary_id=diary_id, days=days, max_entries=max_entries, entry_types=entry_types)
        return self._api.call(routes.REFLECT, Digest, query=wanted)

    def chain(self, diary_id: Id, after: int = 0, limit: int = 1_000) -> Chain:
        """Its signed entries after a position, with all that is needed to verify them elsewhere."""
        wanted = query(after=after, limit=limit)
        return self._api.call(routes.CHAIN, Chain, diary_id, query=wanted)
