"""A read is counted behind the reader's back."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.diary.desk import AccessCounter
from shared.problems import unavailable

ONE, OTHER = uuid4(), uuid4()


class Kept:
    """What a store was asked to count. Its database fails as often as there are failures."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.counted: list[Mapping[UUID, int]] = []

    async def count_access(self, times: Mapping[UUID, int]) -> None:
        self.counted.append(times)
        if self.failures:
            raise self.failures.pop()


def _read(counter: AccessCounter, *entry_ids: UUID) -> None:
    entries: list[Any] = [SimpleNamespace(id=entry_id) for entry_id in entry_ids]
    counter.count(entries)


async def _written(counter: AccessCounter, *reads: tuple[UUID, ...]) -> None:
    """All that begins with these reads has ended."""
    others = asyncio.all_tasks()
    for entry_ids in reads:
        _read(counter, *entry_ids)
    await asyncio.gather(*asyncio.all_tasks() - others)


@pytest.mark.parametrize(
    "failure",
    [unavailable("database"), asyncpg.DeadlockDetectedError(""), asyncpg.ConnectionDoesNotExistError("")],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_database_that_fails_in_passing_costs_a_count_and_nothing_else(failure: Exception) -> None:
    kept = Kept(failure)
    counter = AccessCounter(kept)  # type: ignore[arg-type]
    await _written(counter, (ONE,))
    await _written(counter, (OTHER,))
    assert kept.counted == [{ONE: 1}, {OTHER: 1}]


async def test_reads_of_one_moment_are_counted_together() -> None:
    kept = Kept()
    counter = AccessCounter(kept)  # type: ignore[arg-type]
    await _written(counter, (ONE, OTHER), (), (ONE,))
    assert kept.counted == [{ONE: 2, OTHER: 1}]
