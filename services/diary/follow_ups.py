"""Work that follows a change and commits with it: permissions, late vectors."""

from uuid import UUID

from services.diary.names import (
    EMBED_ENTRY,
    ENTRY_CREATED,
    ENTRY_DELETED,
    LATE_EMBEDDING,
    SERVICE,
)
from shared.contracts.diary import DiaryShare, ShareChanged
from shared.durable.enqueue import enqueue
from shared.postgres import Connection


async def entry_created(connection: Connection, entry_id: UUID, diary_id: UUID) -> None:
    """Its parent tuple, then its event."""
    identifier = f"entry-created-{entry_id}"
    await enqueue(connection, SERVICE, ENTRY_CREATED, identifier, str(entry_id), str(diary_id))


async def entry_deleted(connection: Connection, entry_id: UUID, diary_id: UUID) -> None:
    """Its tuples go, then its event."""
    identifier = f"entry-deleted-{entry_id}"
    await enqueue(connection, SERVICE, ENTRY_DELETED, identifier, str(entry_id), str(diary_id))


async def embed_later(connection: Connection, entry_id: UUID, operation: UUID) -> str:
    """For an entry whose text has no vector yet, or none of today's model. Returns the work's identifier."""
    identifier = f"embed-entry-{entry_id}-{operation}"
    await enqueue(connection, SERVICE, EMBED_ENTRY, identifier, str(entry_id), queue=LATE_EMBEDDING)
    return identifier


def share_changed(share: DiaryShare) -> ShareChanged:
    return ShareChanged(
        share_id=share.id,
        diary_id=share.diary_id,
        shared_with=share.shared_with,
        role=share.role,
        status=share.status,
    )
