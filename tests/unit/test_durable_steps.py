"""What a step of durable work does about failures: waits out what passes, ends at once at anything else."""

import asyncpg
import pytest

from shared.durable.engine import step_until_done
from shared.ory.refusal import OryRefused
from shared.problems import NotFound, unavailable


class Flaky:
    """Work that fails in the given ways, one after the other, and then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def work(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


PASSING = (
    unavailable("database"),
    OSError(),
    asyncpg.ConnectionDoesNotExistError(),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.SerializationError("could not serialize access"),
    asyncpg.DiskFullError("no space left on device"),
    asyncpg.InternalClientError("cannot switch to state 14; another operation (2) is in progress"),
)


@pytest.mark.parametrize("failure", PASSING, ids=lambda failure: type(failure).__name__)
async def test_a_step_outlasts_what_passes(failure: Exception) -> None:
    flaky = Flaky(failure, failure)
    assert await step_until_done("outlast")(flaky.work)() == "done"
    assert flaky.calls == 3


@pytest.mark.parametrize("refusal", [NotFound("There is nothing."), OryRefused(404), KeyError("a defect")])
async def test_what_repeating_cannot_help_ends_a_step_at_once(refusal: Exception) -> None:
    flaky = Flaky(refusal)
    with pytest.raises(type(refusal)):
        await step_until_done("refused")(flaky.work)()
    assert flaky.calls == 1
