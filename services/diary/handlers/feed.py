"""The public feed: listed, searched, followed, one entry of it."""

from collections.abc import Sequence

from faststream.nats import NatsRouter

from services.diary.desk import Desk, DeskPart
from services.diary.store import FeedRow
from shared.contracts.diary import (
    Author,
    FeedNews,
    FeedStretch,
    FollowFeed,
    GetPublicEntry,
    ListFeed,
    PublicFeed,
    PublicFeedEntry,
    PublicFeedHits,
    SearchCriteria,
    SearchFeed,
)
from shared.messaging.queries import on_query
from shared.problems import NotFound

router = NatsRouter()


@on_query(router, ListFeed)
async def list_feed(message: ListFeed, desk: DeskPart) -> PublicFeed:
    rows = await desk.feed.before(message.cursor, message, message.limit + 1)
    page, further = rows[: message.limit], rows[message.limit :]
    return PublicFeed(
        items=await _with_authors(desk, page),
        next_cursor=page[-1].position.cursor if further else None,
    )


@on_query(router, SearchFeed)
async def search_feed(message: SearchFeed, desk: DeskPart) -> PublicFeedHits:
    wanted = SearchCriteria(
        query=message.q,
        tags=[message.tag] if message.tag else None,
        limit=message.limit,
        include_flagged=message.include_suspicious,
    )
    found = await desk.search.find_public(wanted)
    rows = await desk.feed.entries([entry.id for entry in found.results])
    return PublicFeedHits(items=await _with_authors(desk, rows), query=message.q)


@on_query(router, FollowFeed)
async def follow_feed(message: FollowFeed, desk: DeskPart) -> FeedStretch:
    if message.after is None:
        return FeedStretch(items=[], position=await desk.feed.now(), complete=True)
    rows, position, complete = await desk.feed.after(message.after, message, message.limit)
    positions = {row.id: row.position for row in rows}
    return FeedStretch(
        items=[
            FeedNews(position=positions[entry.id], entry=entry) for entry in await _with_authors(desk, rows)
        ],
        position=position,
        complete=complete,
    )


@on_query(router, GetPublicEntry)
async def get_public_entry(message: GetPublicEntry, desk: DeskPart) -> PublicFeedEntry:
    entries = await _with_authors(desk, await desk.feed.entries([message.entry_id]))
    if not entries:
        raise NotFound("There is no such public entry.")
    return entries[0]


async def _with_authors(desk: Desk, rows: Sequence[FeedRow]) -> list[PublicFeedEntry]:
    """With their authors. What belongs to no agent that is known is left out."""
    authors = await desk.authors.of([row.owner_id for row in rows])
    return [_entry(row, authors[row.owner_id]) for row in rows if row.owner_id in authors]


def _entry(row: FeedRow, author: Author) -> PublicFeedEntry:
    return PublicFeedEntry(
        id=row.id,
        title=row.title,
        content=row.content,
        tags=row.tags,
        injection_risk=row.injection_risk,
        created_at=row.position.created_at,
        author=author,
    )
