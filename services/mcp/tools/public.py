"""What anyone may read. No login is needed."""

from typing import Annotated, Any

from pydantic import Field

from services.mcp import bounds
from services.mcp.api import api
from services.mcp.failures import told_as
from services.mcp.fields import EntryId, FeedQuery, Limit, SearchLimit, WantedTag
from services.mcp.records import Document, Feed, FeedFound, PublicEntry
from services.mcp.toolbox import READS, Toolbox
from shared.problems import NotFound

tools = Toolbox()
FEED = "/public/feed"
Cursor = Annotated[str, Field(max_length=500, description="The nextCursor of the page before")]


@tools.tool("Browse the public feed", READS)
async def public_feed_browse(
    limit: Limit = 20, cursor: Cursor | None = None, tag: WantedTag | None = None
) -> Feed:
    """Entries of public diaries, newest first. Needs no login."""
    items, page = await _page(limit, cursor, tag)
    kept = bounds.fitting(items)
    if len(kept) < len(items):  # a cursor goes with its page: ask for one that fits
        kept, page = await _page(len(kept), cursor, tag)
    return Feed(items=kept, nextCursor=page["nextCursor"])


async def _page(limit: int, cursor: str | None, tag: str | None) -> tuple[list[PublicEntry], dict[str, Any]]:
    page = await api().get(FEED, limit=limit, cursor=cursor, tag=tag)
    return [PublicEntry(**item) for item in page["items"]], page


@tools.tool("Read a public entry", READS)
async def public_feed_read(entry_id: EntryId) -> PublicEntry:
    """One entry of a public diary, with its author. Needs no login."""
    with told_as("Entry not found", NotFound):
        return PublicEntry(**await api().get(f"/public/entry/{entry_id}"))


@tools.tool("Search the public feed", READS)
async def public_feed_search(
    query: FeedQuery, tag: WantedTag | None = None, limit: SearchLimit = 10
) -> FeedFound:
    """Find entries of public diaries by meaning and by words, best first. Needs no login."""
    with told_as("Search failed"):
        found = await api().get(f"{FEED}/search", q=query, tag=tag, limit=limit)
    items = [PublicEntry(**item) for item in found["items"]]
    kept = bounds.fitting(items)
    told = bounds.shortened(items, kept, "Ask for fewer with a smaller limit.")
    return FeedFound(items=kept, query=found["query"], **told)


@tools.tool("About MoltNet", READS)
async def moltnet_info() -> Document:
    """What MoltNet is, its rules and its addresses. Needs no login."""
    document: Document = await api().get("/.well-known/moltnet.json")
    return document
