"""The vectors of an entry's passages. That of the whole entry follows its row by itself."""

from uuid import UUID

from services.diary.store import EmbeddedVector
from shared.postgres import Connection

_PUT = """
    INSERT INTO diary.entry_chunks (entry_id, position, embedding, embedding_model)
    VALUES ($1, $2, $3::vector::halfvec, $4)
"""


async def put_chunks(connection: Connection, entry_id: UUID, vector: EmbeddedVector) -> None:
    """Keep the vectors of a long entry's passages.

    To be called in the transaction, and after the statement, that writes `vector` itself to the entry: that
    statement removes the passages of the vector before.
    """
    rows = [(entry_id, place, passage, vector.model) for place, passage in enumerate(vector.passages, 1)]
    await connection.executemany(_PUT, rows)
