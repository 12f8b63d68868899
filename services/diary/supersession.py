"""What may supersede an entry: another entry of the same diary, without closing a circle."""

from uuid import UUID, uuid4

from services.diary.desk import Desk
from services.diary.permitted import WritableDiaryId
from services.diary.store import EntryStore
from shared.contracts.principal import Principal
from shared.postgres import Connection
from shared.problems import FieldError, NotFound, ValidationFailed

ABSENT = "There is no entry with the id that supersededBy gives."


async def check_readable(desk: Desk, successor_id: UUID, caller: Principal) -> None:
    """NotFound for a successor that is absent, or in a diary that the caller may not read, after the same work.

    Holds no connection while Keto is asked.
    """
    async with desk.database.connection() as connection:
        home = await desk.entries.diary_of(connection, successor_id)
    try:
        await desk.access.read(home or uuid4(), caller)
    except NotFound as refusal:
        raise NotFound(ABSENT) from refusal


async def check_successor(
    entries: EntryStore,
    connection: Connection,
    diary_id: WritableDiaryId,
    entry_id: UUID,
    successor_id: UUID,
) -> None:
    """NotFound for an absent successor; ValidationFailed for the entry itself, another diary's, or a circle.

    Runs in the transaction of the change. Two changes that would close a circle together wait for each other.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", str(diary_id))
    if successor_id == entry_id:
        raise _refused("must NOT be the entry itself")
    home = await entries.diary_of(connection, successor_id)
    if home is None:
        raise NotFound(ABSENT)
    if home != diary_id:
        raise _refused("must be an entry of the same diary")
    if entry_id in await entries.successors(connection, successor_id):
        raise _refused("must NOT be superseded by the entry")


def _refused(reason: str) -> ValidationFailed:
    return ValidationFailed.of_fields([FieldError(field="/supersededBy", message=reason)])
