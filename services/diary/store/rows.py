"""From rows to what the contracts speak of."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncpg
import numpy as np
import numpy.typing as npt

from shared.contracts.diary import Diary, DiaryEntry, DiaryShare
from shared.problems import Conflict

DIARY_COLUMNS = "id, owner_id, name, visibility, signed, created_at, updated_at"
ENTRY_COLUMNS = (
    "id, diary_id, title, content, tags, injection_risk, importance, access_count, last_accessed_at,"
    " entry_type, superseded_by, content_hash, content_signature, created_at, updated_at"
)
SHARE_COLUMNS = "id, diary_id, shared_with, role, status, invited_at, responded_at"

SIGNED_ENTRY = "MN001"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class EmbeddedVector:
    """A vector and the model whose space it lives in; of a long entry also those of its passages, as rows."""

    model: str
    values: Vector
    passages: Vector = field(default_factory=lambda: np.empty((0, 0), np.float32))


def as_diary(row: asyncpg.Record) -> Diary:
    return Diary.model_validate(dict(row))


def as_entry(row: asyncpg.Record) -> DiaryEntry:
    return DiaryEntry.model_validate({name: row[name] for name in DiaryEntry.model_fields})


def as_share(row: asyncpg.Record) -> DiaryShare:
    return DiaryShare.model_validate({name: row[name] for name in DiaryShare.model_fields})


@contextlib.contextmanager
def refusing_signed() -> Iterator[None]:
    """The database keeps signed entries as they are (see the migration): tell the caller so."""
    try:
        yield
    except asyncpg.PostgresError as failure:
        if failure.sqlstate != SIGNED_ENTRY:
            raise
        raise Conflict("A signed entry cannot be changed or deleted. Supersede it instead.") from failure


def present(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise RuntimeError("a statement that always returns a row returned nothing")
    return row
