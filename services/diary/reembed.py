"""`python -m services.diary.reembed`: moves entries over to the embedder's model, after it or its precision changed.

    --diary ID   the entries of one diary
    --all        those of all diaries

For operators: it needs the diary service's environment, and diary services and embedders that run. It puts late
embeddings on the queue, a page of entries at a time, and waits for each page. So what is written meanwhile need not
wait long, and the command may be stopped at any time and begun again.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from tenacity import retry, retry_if_result, wait_fixed
from uuid6 import uuid7

from services.diary import follow_ups
from services.diary.embedding import PROBE
from services.diary.names import SERVICE
from services.diary.store import DiaryStore, VectorStore
from services.diary.store.diaries import NO_DIARY
from shared import logs
from shared.contracts.embedder import EmbedQuery
from shared.durable.enqueue import count_unfinished
from shared.messaging.bus import AWAY, BUS, Bus
from shared.messaging.connection import make_broker
from shared.postgres import Database
from shared.problems import NotFound, Problem, unavailable
from shared.settings import DatabaseSettings, NatsSettings, RuntimeSettings, load

CONNECT_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class Progress:
    """Entries looked at so far, and those of them that were embedded anew."""

    seen: int = 0
    moved: int = 0


async def current_model() -> str:
    """The model whose vectors the embedder gives. Raises a 503 that names what is away."""
    settings = load(NatsSettings)
    broker = make_broker(settings)
    bus = Bus(broker, settings.user)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await broker.start()
    except (TimeoutError, OSError, *AWAY) as failure:
        raise unavailable(BUS) from failure
    try:
        return (await bus.ask(EmbedQuery(text=PROBE))).model
    finally:
        await broker.stop()


async def reembed(database: Database, model: str, diary_id: UUID | None) -> AsyncIterator[Progress]:
    """Gives the progress after each page. Entries without a vector are tried as well."""
    run = uuid7()
    progress = Progress()
    async for page in VectorStore(database).models(diary_id):
        others = [entry for entry, its_model in page.items() if its_model != model]
        await _embedded(database, others, run)
        progress = Progress(progress.seen + len(page), progress.moved + len(others))
        yield progress


async def _embedded(database: Database, entries: Sequence[UUID], run: UUID) -> None:
    async with database.transaction() as connection:
        work = [await follow_ups.embed_later(connection, entry, run) for entry in entries]
    await _ended(database, work)


@retry(retry=retry_if_result(bool), wait=wait_fixed(LOOK_AGAIN_SECONDS))
async def _ended(database: Database, work: Sequence[str]) -> int:
    async with database.connection() as connection:
        return await count_unfinished(connection, SERVICE, work)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.diary.reembed")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--diary", type=UUID, metavar="ID", help="the entries of this diary")
    which.add_argument("--all", action="store_true", help="the entries of all diaries")
    return parser.parse_args()


async def main() -> int:
    diary_id: UUID | None = _arguments().diary
    logs.configure(SERVICE, load(RuntimeSettings))
    try:
        async with await Database.open(load(DatabaseSettings)) as database:
            if diary_id is not None and await DiaryStore(database).diary(diary_id) is None:
                raise NotFound(NO_DIARY)
            model = await current_model()
            progress = Progress()
            async for progress in reembed(database, model, diary_id):
                _tell(f"{progress.moved} embedded anew of {progress.seen} entries so far")
            _tell(f"done: {progress.moved} of {progress.seen} entries embedded anew with {model}")
    except Problem as problem:
        sys.stderr.write(f"{problem.detail}\n")
        return 1
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
