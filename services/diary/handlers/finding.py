"""Search and reflect."""

from datetime import UTC, datetime

from faststream.nats import NatsRouter

from services.diary.desk import DeskPart
from shared.contracts.diary import Digest, DigestEntry, ReflectDiary, SearchEntries, SearchResult
from shared.messaging.queries import Caller, known, on_query

router = NatsRouter()


@on_query(router, SearchEntries)
async def search_entries(message: SearchEntries, caller: Caller, desk: DeskPart) -> SearchResult:
    if message.diary_id is not None:
        diaries = [(await desk.access.read(message.diary_id, caller))[0]]
    else:
        diaries = await desk.access.readable(known(caller))
    found = await desk.search.find(diaries, message)
    desk.accesses.count(found.results)
    return found


@on_query(router, ReflectDiary)
async def reflect(message: ReflectDiary, caller: Caller, desk: DeskPart) -> Digest:
    diary_id, _ = await desk.access.read(message.diary_id, caller)
    entries = await desk.entries.recent(diary_id, message)
    return Digest(
        entries=[
            DigestEntry(**{name: getattr(entry, name) for name in DigestEntry.model_fields})
            for entry in entries
        ],
        total_entries=len(entries),
        period_days=message.days,
        generated_at=datetime.now(UTC),
    )
