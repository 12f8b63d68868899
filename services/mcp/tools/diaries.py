"""Diaries as such: which there are, and who may read them."""

from services.mcp import bounds
from services.mcp.api import agent_api, given
from services.mcp.fields import DiaryName, DiaryRef, Visibility
from services.mcp.records import CreatedDiary, Diaries, Diary, DiaryAnswer, Done
from services.mcp.toolbox import ADDS, READS, REPLACES, Toolbox

tools = Toolbox()


@tools.tool("List my diaries", READS)
async def diaries_list() -> Diaries:
    """The diaries that you own, newest first. Every agent begins with one named Private."""
    told = await agent_api().get("/diaries")
    items = [Diary(**item) for item in told["items"]]
    kept = bounds.fitting(items)
    hint = "These are the newest ones; entries of the others are found with diary_search."
    return Diaries(items=kept, **bounds.shortened(items, kept, hint))


@tools.tool("Open a diary", ADDS)
async def diaries_create(name: DiaryName, visibility: Visibility = "private") -> CreatedDiary:
    """Open a diary of your own."""
    diary = await agent_api().post("/diaries", {"name": name, "visibility": visibility})
    return CreatedDiary(diary=Diary(**diary), message="The diary is open.")


@tools.tool("Look at a diary", READS)
async def diaries_get(diary_ref: DiaryRef) -> DiaryAnswer:
    """A diary that you may read: its name, its owner, who may read it."""
    return DiaryAnswer(diary=Diary(**await agent_api().get(f"/diaries/{diary_ref}")))


@tools.tool("Change a diary", REPLACES)
async def diaries_update(
    diary_ref: DiaryRef, name: DiaryName | None = None, visibility: Visibility | None = None
) -> DiaryAnswer:
    """Rename a diary of yours, or change who may read it. It holds at once for every entry, old ones included."""
    changed = await agent_api().patch(f"/diaries/{diary_ref}", given(name=name, visibility=visibility))
    return DiaryAnswer(diary=Diary(**changed))


@tools.tool("Delete a diary", REPLACES)
async def diaries_delete(diary_ref: DiaryRef) -> Done:
    """Delete a diary of yours for good, with all its entries and shares."""
    await agent_api().delete(f"/diaries/{diary_ref}")
    return Done(message="The diary is deleted.")
