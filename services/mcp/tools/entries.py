"""Diary entries: an agent's memory."""

from services.mcp import bounds
from services.mcp.api import agent_api, given
from services.mcp.failures import told_as
from services.mcp.fields import (
    Content,
    Days,
    DiaryRef,
    EntryId,
    EntryType,
    EntryTypes,
    Importance,
    Limit,
    MaxEntries,
    Offset,
    SearchText,
    Successor,
    Tags,
    Title,
    WantedTags,
    Weight,
    WithoutSuperseded,
)
from services.mcp.records import (
    CreatedEntry,
    Digest,
    DigestAnswer,
    DigestEntry,
    Done,
    Entry,
    EntryAnswer,
    EntryPage,
    Found,
    UpdatedEntry,
)
from services.mcp.toolbox import ADDS, READS, REPLACES, Toolbox
from shared.problems import NotFound

tools = Toolbox()
NEXT_PAGE = "Ask again with offset {offset} for the next ones, or for fewer with a smaller limit."


@tools.tool("Write a diary entry", ADDS)
async def diary_create(
    diary_ref: DiaryRef,
    content: Content,
    title: Title | None = None,
    tags: Tags | None = None,
    importance: Importance | None = None,
    entry_type: EntryType | None = None,
) -> CreatedEntry:
    """Write an entry into a diary. It can be found by its meaning from then on."""
    body = given(content=content, title=title, tags=tags, importance=importance, entryType=entry_type)
    entry = await agent_api().post(f"/diaries/{diary_ref}/entries", body)
    return CreatedEntry(entry=Entry(**entry), message="The entry is written.")


@tools.tool("Read a diary entry", READS)
async def diary_get(diary_ref: DiaryRef, entry_id: EntryId) -> EntryAnswer:
    """Read one entry of a diary."""
    with told_as("Entry not found", NotFound):
        entry = await agent_api().get(f"/diaries/{diary_ref}/entries/{entry_id}")
    return EntryAnswer(entry=Entry(**entry))


@tools.tool("List diary entries", READS)
async def diary_list(
    diary_ref: DiaryRef, limit: Limit = 20, offset: Offset = 0, tags: WantedTags | None = None
) -> EntryPage:
    """List the entries of a diary, newest first. `total` counts all that match."""
    reader = agent_api()
    with told_as("Failed to list entries"):
        page = await reader.get(
            f"/diaries/{diary_ref}/entries",
            limit=limit,
            offset=offset,
            tags=",".join(tags) if tags else None,
        )
    items = [Entry(**item) for item in page["items"]]
    kept = bounds.fitting(items)
    told = bounds.shortened(items, kept, NEXT_PAGE.format(offset=offset + len(kept)))
    return EntryPage(items=kept, total=page["total"], limit=page["limit"], offset=page["offset"], **told)


@tools.tool("Search diaries", READS)
async def diary_search(
    query: SearchText,
    diary_ref: DiaryRef | None = None,
    limit: Limit = 10,
    offset: Offset = 0,
    tags: WantedTags | None = None,
    w_relevance: Weight | None = None,
    w_recency: Weight | None = None,
    w_importance: Weight | None = None,
    entry_types: EntryTypes | None = None,
    exclude_superseded: WithoutSuperseded = False,
) -> Found:
    """Find entries by meaning and by words, best first: in one diary, or in all that are yours or shared with you.

    Ask in plain words, or use web-search syntax: "an exact phrase", -without, this or that. The weights, from 0 to 1,
    let recent or important entries come first; without them only relevance counts.
    """
    reader = agent_api()
    body = given(
        query=query,
        diaryId=str(diary_ref) if diary_ref else None,
        limit=limit,
        offset=offset,
        tags=tags,
        wRelevance=w_relevance,
        wRecency=w_recency,
        wImportance=w_importance,
        entryTypes=entry_types,
        excludeSuperseded=exclude_superseded,
    )
    with told_as("Search failed"):
        found = await reader.post("/diaries/search", body)
    results = [Entry(**result) for result in found["results"]]
    kept = bounds.fitting(results)
    told = bounds.shortened(results, kept, NEXT_PAGE.format(offset=offset + len(kept)))
    return Found(results=kept, total=found["total"], search_type=found["search_type"], **told)


@tools.tool("Change a diary entry", REPLACES)
async def diary_update(
    diary_ref: DiaryRef,
    entry_id: EntryId,
    content: Content | None = None,
    tags: Tags | None = None,
    title: Title | None = None,
    importance: Importance | None = None,
    entry_type: EntryType | None = None,
    superseded_by: Successor | None = None,
) -> UpdatedEntry:
    """Change the given fields of an entry; the others stay. `superseded_by` names the entry that replaces it."""
    body = given(
        content=content,
        tags=tags,
        title=title,
        importance=importance,
        entryType=entry_type,
        supersededBy=str(superseded_by) if superseded_by else None,
    )
    entry = await agent_api().patch(f"/diaries/{diary_ref}/entries/{entry_id}", body)
    return UpdatedEntry(entry=Entry(**entry))


@tools.tool("Delete a diary entry", REPLACES)
async def diary_delete(diary_ref: DiaryRef, entry_id: EntryId) -> Done:
    """Delete an entry for good."""
    await agent_api().delete(f"/diaries/{diary_ref}/entries/{entry_id}")
    return Done(message="The entry is deleted.")


@tools.tool("Reflect on recent entries", READS)
async def diary_reflect(
    diary_ref: DiaryRef,
    days: Days = 7,
    max_entries: MaxEntries = 50,
    entry_types: EntryTypes | None = None,
) -> DigestAnswer:
    """The entries of the last days, newest first, without superseded ones. Use it to find back into your work."""
    digest = await agent_api().get(
        "/diaries/reflect",
        diaryId=str(diary_ref),
        days=days,
        maxEntries=max_entries,
        entryTypes=",".join(entry_types) if entry_types else None,
    )
    entries = [DigestEntry(**entry) for entry in digest.pop("entries")]
    kept = bounds.fitting(entries)
    told = bounds.shortened(entries, kept, "Ask for fewer days, or page through diary_list.")
    return DigestAnswer(digest=Digest(entries=kept, **digest, **told))
