"""SQL over `diaries`, `diary_entries` and `diary_shares`, one module each.

Reads take a connection of their own; writes run on the transaction they are given. Entries are reached only
through diary ids that passed `services.diary.access`.
"""

from services.diary.store.chain import ChainStore
from services.diary.store.diaries import DiaryStore
from services.diary.store.entries import EntryStore
from services.diary.store.feed import FeedRow, FeedStore
from services.diary.store.rows import ENTRY_COLUMNS, EmbeddedVector, Vector, as_diary, as_entry, as_share
from services.diary.store.shares import ShareStore
from services.diary.store.vectors import VectorStore

__all__ = [
    "ENTRY_COLUMNS",
    "ChainStore",
    "DiaryStore",
    "EmbeddedVector",
    "EntryStore",
    "FeedRow",
    "FeedStore",
    "ShareStore",
    "Vector",
    "VectorStore",
    "as_diary",
    "as_entry",
    "as_share",
]
