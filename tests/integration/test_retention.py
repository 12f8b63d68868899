"""What is kept of a command, and for how long: secrets for minutes, outcomes for a day, histories no longer."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest_asyncio
from dbos import DBOSClient

from local.agent import Agent, expect
from local.stack import Stack
from services.identity.steps import SECRET_BEARING
from shared.durable.engine import schema_of
from shared.durable.operations import SECRET_KEPT, Operations
from shared.durable.retention import forget_secrets, prune_workflows
from shared.postgres import Database
from shared.problems import Conflict
from shared.settings import DatabaseSettings
from tests.e2e.answers import expect_problem

KEY = {"idempotency-key": "kept"}


class Records:
    """What the identity service has recorded, seen and grown old by its operator."""

    def __init__(self, superuser: asyncpg.Connection, histories: DBOSClient, operations: Operations) -> None:
        self.histories = histories
        self.operations = operations
        self._superuser = superuser

    async def last(self, command: str) -> UUID:
        identifier: UUID = await self._superuser.fetchval(
            "SELECT id FROM identity.operations WHERE command = $1 ORDER BY created_at DESC LIMIT 1",
            f"cmd.identity.{command}",
        )
        return identifier

    async def grow_old(self, operation: UUID) -> None:
        await self._superuser.execute(
            "UPDATE identity.operations SET created_at = created_at - interval '25 hours',"
            " sealed_until = sealed_until - interval '25 hours' WHERE id = $1",
            operation,
        )
        await self._superuser.execute(
            "UPDATE dbos_identity.workflow_status SET completed_at = completed_at - 90000000"
            " WHERE workflow_uuid = $1",
            str(operation),
        )

    async def held(self, operation: UUID) -> tuple[bool, bool]:
        """Whether the outcome is kept, and whether the history is."""
        return (
            bool(await self._one("SELECT true FROM identity.operations WHERE id = $1", operation)),
            bool(
                await self._one(
                    "SELECT true FROM dbos_identity.workflow_status WHERE workflow_uuid = $1", str(operation)
                )
            ),
        )

    async def _one(self, query: str, argument: Any) -> Any:
        return await self._superuser.fetchval(query, argument)


@pytest_asyncio.fixture(scope="module")
async def records(stack: Stack, superuser: asyncpg.Connection) -> AsyncIterator[Records]:
    told = stack.environment.service("identity")
    settings = DatabaseSettings.model_validate(
        {name: told[name] for name in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL")}
    )
    database = await Database.open(settings)
    url = settings.workflow_url.get_secret_value().replace("postgresql://", "postgresql+psycopg://", 1)
    histories = DBOSClient(system_database_url=url, dbos_system_schema=schema_of("identity"))
    yield Records(superuser, histories, Operations(database, "identity"))
    histories.destroy()
    await database.close()


async def _rotated(citizen: Agent) -> Agent:
    agent = await Agent(citizen.http).join(await citizen.vouch())
    expect(await agent.post("/auth/rotate-secret", **KEY), 200)
    return agent


async def test_after_ten_minutes_the_secret_is_gone_and_the_answer_is_a_conflict(
    citizen: Agent, records: Records
) -> None:
    agent = await _rotated(citizen)
    operation = await records.last("rotate_client_secret")
    await records.grow_old(operation)
    await forget_secrets(SECRET_BEARING, SECRET_KEPT, records.histories)
    assert await records.held(operation) == (True, False)
    expect_problem(await agent.post("/auth/rotate-secret", **KEY), Conflict)


async def test_after_a_day_the_key_is_a_new_one(citizen: Agent, records: Records) -> None:
    agent = await _rotated(citizen)
    operation = await records.last("rotate_client_secret")
    await records.grow_old(operation)
    await prune_workflows(records.histories)
    await records.operations.prune()
    assert await records.held(operation) == (False, False)
    credentials = expect(await agent.post("/auth/rotate-secret", **KEY), 200)
    agent.client_secret = credentials["clientSecret"]
    expect(await agent.log_in(), 200)


async def test_an_outcome_outlives_the_history_that_led_to_it(citizen: Agent, records: Records) -> None:
    await _rotated(citizen)
    operation = await records.last("rotate_client_secret")
    await records.grow_old(operation)
    await records.operations.prune()
    assert await records.held(operation) == (True, True)
