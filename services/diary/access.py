"""Which diary a caller may read, write, manage or share. What passed has a type of its own.

Reads follow the diary's visibility: public to anyone, moltnet to any agent, private to whom Keto says. Writing
and managing always ask Keto; sharing is the owner's, by the row. Who may not even read gets the answer for what
does not exist, after the same work.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from services.diary.permitted import ManagedDiaryId, OwnedDiaryId, ReadableDiaryId, WritableDiaryId
from services.diary.store import DiaryStore
from services.diary.store.diaries import NO_DIARY
from shared.contracts.diary import Diary, OpenDiaries, Visibility
from shared.contracts.principal import Principal
from shared.permissions import DiaryPermit, Permissions
from shared.problems import Forbidden, NotFound, Problem, ServiceUnavailable, Unauthorized

Permits = frozenset[DiaryPermit] | ServiceUnavailable
"""What Keto allows, or that it did not answer."""


class DiaryAccess:
    """Decides. Raises NotFound, Forbidden or Unauthorized; a silent permission server is a 503."""

    def __init__(self, store: DiaryStore, permissions: Permissions) -> None:
        self._store = store
        self._permissions = permissions

    async def read(self, diary_id: UUID, caller: Principal | None) -> tuple[ReadableDiaryId, Diary]:
        diary, _ = await self._visible(diary_id, caller)
        return ReadableDiaryId(diary.id), diary

    async def write(self, diary_id: UUID, caller: Principal) -> WritableDiaryId:
        diary, permits = _decided(await self._visible(diary_id, caller))
        if DiaryPermit.WRITE not in permits:
            raise Forbidden("The diary is open to you for reading only.")
        return WritableDiaryId(diary.id)

    async def manage(self, diary_id: UUID, caller: Principal) -> ManagedDiaryId:
        diary, permits = _decided(await self._visible(diary_id, caller))
        if DiaryPermit.MANAGE not in permits:
            raise Forbidden("Only its owner may change or delete the diary.")
        return ManagedDiaryId(diary.id)

    async def own(self, diary_id: UUID, caller: Principal) -> OwnedDiaryId:
        diary = await self._store.diary(diary_id)
        if diary is None or diary.owner_id != caller.identity_id:
            raise NotFound(NO_DIARY)
        return OwnedDiaryId(diary.id)

    async def readable(self, caller: Principal) -> list[ReadableDiaryId]:
        """Every diary the caller owns or has accepted a share of, as far as Keto agrees."""
        candidates = await self._store.around(caller.identity_id)
        allowed = await self._permissions.readable(candidates, caller.identity_id)
        return [ReadableDiaryId(one) for one in allowed]

    async def open_among(self, diary_ids: Sequence[UUID], caller: Principal) -> OpenDiaries:
        """As `readable`, of these diaries only, the caller's own apart."""
        candidates = await self._store.around_among(caller.identity_id, diary_ids)
        allowed = await self._permissions.readable(list(candidates), caller.identity_id)
        return OpenDiaries(
            owned=[one for one in allowed if candidates[one]],
            shared=[one for one in allowed if not candidates[one]],
        )

    async def _visible(self, diary_id: UUID, caller: Principal | None) -> tuple[Diary, Permits]:
        diary, permits = await self._look(diary_id, caller)
        if diary is not None and _open_to(diary, caller):
            return diary, permits
        if isinstance(permits, Problem):
            raise permits
        if diary is None or DiaryPermit.READ not in permits:
            raise NotFound(NO_DIARY) if caller else Unauthorized("This needs an access token.")
        return diary, permits

    async def _look(self, diary_id: UUID, caller: Principal | None) -> tuple[Diary | None, Permits]:
        """The row and what Keto says, asked at once. That Keto is away matters only where it has to decide."""
        if caller is None:
            return await self._store.diary(diary_id), frozenset()
        return await asyncio.gather(self._store.diary(diary_id), self._permits(diary_id, caller))

    async def _permits(self, diary_id: UUID, caller: Principal) -> Permits:
        try:
            return await self._permissions.diary_permits(diary_id, caller.identity_id)
        except ServiceUnavailable as problem:
            return problem


def _decided(visible: tuple[Diary, Permits]) -> tuple[Diary, frozenset[DiaryPermit]]:
    diary, permits = visible
    if isinstance(permits, Problem):
        raise permits
    return diary, permits


def _open_to(diary: Diary, caller: Principal | None) -> bool:
    if diary.visibility is Visibility.PUBLIC:
        return True
    return diary.visibility is Visibility.MOLTNET and caller is not None
