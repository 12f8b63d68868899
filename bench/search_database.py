"""A Postgres with the product's tables and nothing else running, for measuring search on its own."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pgvector.asyncpg import register_vector

from local import data_dir
from local.blueprint import Blueprint
from local.ports import Ports
from local.processes import Child
from local.reporting import Silent
from local.settings import StackConfig
from shared.postgres import Database
from shared.settings import DatabaseSettings

STOP_SECONDS = 20.0


@dataclass(frozen=True)
class SearchDatabase:
    """`database` as the diary service reaches it, `patient` the same without limits of time, `operator` may do all."""

    database: Database
    patient: Database
    operator: asyncpg.Connection


@contextlib.asynccontextmanager
async def search_database() -> AsyncIterator[SearchDatabase]:
    with tempfile.TemporaryDirectory(prefix="moltnet-search-", ignore_cleanup_errors=True) as directory:
        config = StackConfig(data_dir=Path(directory) / "data", ports=Ports.free())
        data_dir.prepare(config.data_dir)
        blueprint = Blueprint(config, Silent())
        postgres = Child(blueprint.postgres(), blueprint.log("postgres"), Silent(), lambda: None)
        await postgres.start()
        try:
            await blueprint.migrate()
            async with _connected(blueprint) as connected:
                yield connected
        finally:
            await postgres.stop(STOP_SECONDS, asyncio.Event())


@contextlib.asynccontextmanager
async def _connected(blueprint: Blueprint) -> AsyncIterator[SearchDatabase]:
    told = blueprint.environment.service("diary")
    settings = DatabaseSettings.model_validate(
        {name: told[name] for name in ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL")}
    )
    patient = await asyncpg.create_pool(settings.url.get_secret_value(), min_size=0, init=_prepare)
    operator = await asyncpg.connect(blueprint.environment.superuser_url())
    try:
        await register_vector(operator)
        async with (
            await Database.open(settings, prepare=_prepare) as database,
            Database(patient) as unhurried,
        ):
            yield SearchDatabase(database, unhurried, operator)
    finally:
        await operator.close()


async def _prepare(connection: asyncpg.Connection) -> None:
    await register_vector(connection)
