"""Hybrid search: by what an entry means and by the words it holds.

A search goes through these modules:

    searched     the searched set: diaries and filters, as a condition
    candidates   which entries may answer, from vectors and from words; exact for small sets, by index for large
    wording      what the query's words tell about a candidate: BM25 and coverage
    relevance    whether a candidate is an answer at all, and how good a one
    ranking      relevance, recency and importance weighted; pages and budgets
    finder       all of it in order
    chunks       what is written for search beside an entry

The constants were chosen on the judged set of `bench/judged` by `bench.search_quality`.
"""

from services.diary.search.chunks import put_chunks
from services.diary.search.finder import Search

__all__ = ["Search", "put_chunks"]
