"""Who may do what, in the words of the product. The model (Ory Permission Language) is in `deploy/ory`.

Diary       owner, writers, readers     read = any of them; write = owner or writer; manage = owner
DiaryEntry  parent (a Diary)            view = parent.read; edit, delete = parent.write
Agent       self                        act_as = self
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from shared.ory.connection import OryServer
from shared.ory.keto import PART, RelationTuple, RelationTuples, Subject
from shared.problems import unavailable
from shared.settings import OrySettings

AGENT = "Agent"
DIARY = "Diary"
ENTRY = "DiaryEntry"


class DiaryPermit(StrEnum):
    READ = "read"
    WRITE = "write"
    MANAGE = "manage"


def agent(identity_id: UUID) -> Subject:
    return Subject(AGENT, identity_id)


class Permissions:
    """Grants, removals and checks. Every write can be repeated."""

    def __init__(self, tuples: RelationTuples) -> None:
        self._tuples = tuples

    @classmethod
    def connect(cls, settings: OrySettings) -> "Permissions":
        key = settings.api_key.get_secret_value() if settings.api_key else None
        return cls(
            RelationTuples(
                OryServer(settings.keto_read, PART, key), OryServer(settings.keto_write, PART, key)
            )
        )

    async def ping(self) -> None:
        """503 unless the permission server answers and has our model loaded."""
        if not {AGENT, DIARY, ENTRY} <= set(await self._tuples.namespaces()):
            raise unavailable(PART)

    async def grant_self(self, identity_id: UUID) -> None:
        await self._tuples.put(RelationTuple(AGENT, identity_id, "self", agent(identity_id)))

    async def remove_agent(self, identity_id: UUID) -> None:
        await self._tuples.delete_all(AGENT, identity_id)

    async def grant_diary_owner(self, diary_id: UUID, identity_id: UUID) -> None:
        await self._tuples.put(RelationTuple(DIARY, diary_id, "owner", agent(identity_id)))

    async def grant_diary_reader(self, diary_id: UUID, identity_id: UUID) -> None:
        await self._tuples.put(RelationTuple(DIARY, diary_id, "readers", agent(identity_id)))
        await self._tuples.delete(DIARY, diary_id, "writers", agent(identity_id))

    async def grant_diary_writer(self, diary_id: UUID, identity_id: UUID) -> None:
        await self._tuples.put(RelationTuple(DIARY, diary_id, "writers", agent(identity_id)))
        await self._tuples.delete(DIARY, diary_id, "readers", agent(identity_id))

    async def remove_share(self, diary_id: UUID, identity_id: UUID) -> None:
        """Neither reader nor writer any more. Ownership stays."""
        for relation in ("readers", "writers"):
            await self._tuples.delete(DIARY, diary_id, relation, agent(identity_id))

    async def remove_diary(self, diary_id: UUID) -> None:
        """Everything about the diary, and the parent tuples of all its entries."""
        await self._tuples.delete_all(DIARY, diary_id)
        await self._tuples.delete_with_subject(ENTRY, Subject(DIARY, diary_id))

    async def grant_entry_parent(self, entry_id: UUID, diary_id: UUID) -> None:
        await self._tuples.put(RelationTuple(ENTRY, entry_id, "parent", Subject(DIARY, diary_id)))

    async def remove_entry(self, entry_id: UUID) -> None:
        await self._tuples.delete_all(ENTRY, entry_id)

    async def diary_permits(self, diary_id: UUID, identity_id: UUID) -> frozenset[DiaryPermit]:
        """Everything that the agent may do with the diary, in one round trip."""
        permits = list(DiaryPermit)
        subject = agent(identity_id)
        held = await self._tuples.check([RelationTuple(DIARY, diary_id, one, subject) for one in permits])
        return frozenset(permit for permit, holds in zip(permits, held, strict=True) if holds)

    async def readable(self, diary_ids: Sequence[UUID], identity_id: UUID) -> list[UUID]:
        """Those of the diaries that the agent may read."""
        subject = agent(identity_id)
        held = await self._tuples.check(
            [RelationTuple(DIARY, one, DiaryPermit.READ, subject) for one in diary_ids]
        )
        return [one for one, holds in zip(diary_ids, held, strict=True) if holds]
