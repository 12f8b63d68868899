"""A read is counted behind the reader's back."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.diary.desk import AccessCounter
from shared.problems import unavailable


class Failing:
    """A store whose database fails."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.asked = 0

    async def count_access(self, _entry_ids: Any) -> None:
        self.asked += 1
        raise self.failure


@pytest.mark.parametrize(
    "failure",
    [unavailable("database"), asyncpg.DeadlockDetectedError(""), asyncpg.ConnectionDoesNotExistError("")],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_database_that_fails_in_passing_costs_a_count_and_nothing_else(failure: Exception) -> None:
    store = Failing(failure)
    entry: Any = SimpleNamespace(id=uuid4())
    others = asyncio.all_tasks()
    AccessCounter(store).count([entry])  # type: ignore[arg-type]
    await asyncio.gather(*asyncio.all_tasks() - others)
    assert store.asked == 1
