"""What is asked, ready for the database: the words to look for, and a vector of their meaning."""

from dataclasses import dataclass
from typing import Protocol

from services.diary.embedding import QueryVector
from services.diary.query_text import QueryText
from services.diary.search.binding import bound, statement
from shared.postgres import Connection

_ANALYSIS = statement("analysis")


class QueryEmbedding(Protocol):
    """Turns a query into a vector, or None when that is not to be had."""

    async def query(self, text: str) -> QueryVector | None: ...


@dataclass(frozen=True)
class Question:
    """Words are as entries are kept by: stemmed, without stop words. The rest are text-search queries or None.

    alternatives: the words of each part between `or`; an entry that answers one of them answers.
    """

    text: QueryText
    vector: QueryVector | None
    words: list[str]
    alternatives: list[list[str]]
    any_word: str | None
    every_word: str | None
    required: str | None
    excluded: str | None


async def analyse(connection: Connection, text: QueryText, vector: QueryVector | None) -> Question:
    """Quoted phrases are required: each of them, or any if the text says `or`."""
    alternatives = text.alternatives
    values = {
        "wanted": text.words,
        "alternatives": alternatives,
        "phrases": text.phrases,
        "exclusions": text.exclusions,
        "between": " | " if len(alternatives) > 1 else " & ",
    }
    query, arguments = bound(_ANALYSIS, values)
    row = await connection.fetchrow(query, *arguments)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned nothing")
    found = dict(row)
    words = [spaced.split(" ") for spaced in found.pop("alternatives") if spaced]
    return Question(text, vector, alternatives=words, **found)
