"""Entries put straight into the database, with vectors of the real model."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from bench.judged import JudgedEntry
from bench.search_database import SearchDatabase
from bench.search_engine import ModelEmbedding
from services.diary.content import EntryText
from services.diary.permitted import ReadableDiaryId
from services.diary.search import put_chunks

_INSERT = """
    INSERT INTO diary_entries
        (id, diary_id, title, content, tags, importance, entry_type, created_at, embedding, embedding_model)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def diary(place: SearchDatabase, name: str) -> ReadableDiaryId:
    """A new diary of a new owner."""
    diary_id: UUID = await place.operator.fetchval(
        "INSERT INTO diaries (owner_id, name) VALUES ($1, $2) RETURNING id", uuid4(), name
    )
    return ReadableDiaryId(diary_id)


async def fill(
    place: SearchDatabase, embedding: ModelEmbedding, entries: Sequence[JudgedEntry]
) -> tuple[list[ReadableDiaryId], dict[UUID, str]]:
    """A diary for each agent. Returns the diaries, and the key of each entry by its id."""
    diaries = {agent: await diary(place, agent) for agent in dict.fromkeys(entry.agent for entry in entries)}
    vectors = await embedding.passages([EntryText(each.title, each.content, each.tags) for each in entries])
    keys: dict[UUID, str] = {}
    async with place.database.transaction() as connection:
        for entry, vector in zip(entries, vectors, strict=True):
            entry_id = uuid4()
            await connection.execute(
                _INSERT,
                entry_id,
                diaries[entry.agent],
                entry.title,
                entry.content,
                entry.tags,
                entry.importance,
                entry.type,
                datetime.now(UTC) - timedelta(days=entry.age_days),
                vector.values,
                vector.model,
            )
            await put_chunks(connection, entry_id, vector)
            keys[entry_id] = entry.key
    await place.operator.execute("ANALYZE")
    return list(diaries.values()), keys
