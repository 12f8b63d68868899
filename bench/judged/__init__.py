"""The judged set: entries as agents write them, and queries with the entries that answer them.

`entries.jsonl` has diaries of eight agents, with logs of up to 10,000 characters and entries in seven
languages. `queries.jsonl` has queries of ten kinds; `relevant` gives each answer a grade of 1 or 2, and
`criteria` what the search is asked for besides its text. The moments in it are days before now, as `age_days` is.

What counts as relevant: an entry that answers; for an identifier or an excluded word, every entry that fits;
a grade of 2 only where the newer of two answers is the better one, or one is about it and the other mentions it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.diary import EntryType, SearchCriteria

_DAYS = {"createdAfterDays": "createdAfter", "createdBeforeDays": "createdBefore"}


class _Judged(BaseModel):
    model_config = ConfigDict(frozen=True)


class JudgedEntry(_Judged):
    key: str
    agent: str
    title: str
    content: str
    tags: list[str]
    type: EntryType
    importance: int
    age_days: float


class JudgedQuery(_Judged):
    """`relevant` is empty where nothing in the set is an answer."""

    id: str
    kind: str
    query: str
    relevant: Mapping[str, int]
    criteria: Mapping[str, Any] = {}

    def search(self, limit: int) -> SearchCriteria:
        """The search that an agent would send now."""
        now = datetime.now(UTC)
        given = dict(self.criteria)
        moments = {
            name: now - timedelta(days=given.pop(days)) for days, name in _DAYS.items() if days in given
        }
        return SearchCriteria.model_validate({"query": self.query, "limit": limit, **given, **moments})


def entries() -> list[JudgedEntry]:
    return [JudgedEntry.model_validate(line) for line in _lines("entries.jsonl")]


def queries() -> list[JudgedQuery]:
    return [JudgedQuery.model_validate(line) for line in _lines("queries.jsonl")]


def _lines(name: str) -> list[Any]:
    text = resources.files(__package__).joinpath(name).read_text()
    return [json.loads(line) for line in text.splitlines()]
