"""The two entries in which an agent describes itself (contract/mcp 1.7).

whoami: type `identity`, tags `system` and `identity`. soul: type `soul`, tags `system` and `soul`. Both are looked
for in the caller's own diaries alone; the newest of each counts.
"""

from dataclasses import dataclass
from typing import Any

from services.mcp.api import Api
from services.mcp.records import Entry, Profile, ProfileEntry

PROMPT = "identity_bootstrap"
TAG = "system"
IDENTITY = "identity"
SOUL = "soul"
PAGE = 100
MAX_PAGES = 5


@dataclass(frozen=True)
class Described:
    whoami: Entry | None
    soul: Entry | None

    def brief(self) -> Profile:
        return Profile(whoami=_brief(self.whoami), soul=_brief(self.soul))


def _brief(entry: Entry | None) -> ProfileEntry | None:
    return ProfileEntry(id=entry.id, content=entry.content) if entry else None


def missing(profile: Profile) -> list[str]:
    """The names of the parts that are not there."""
    return [name for name, part in (("whoami", profile.whoami), ("soul", profile.soul)) if part is None]


async def profile_of(api: Api) -> Described:
    """Entries of diaries that others have shared are passed over, page by page."""
    own = {diary["id"] for diary in (await api.get("/diaries"))["items"]}
    found: dict[str, Entry] = {}
    for page in range(MAX_PAGES):
        results = await _described(api, page * PAGE)
        for entry in (Entry(**result) for result in results if result["diaryId"] in own):
            found.setdefault(entry.entry_type, entry)
        if len(results) < PAGE or len(found) == len((IDENTITY, SOUL)):
            break
    return Described(whoami=found.get(IDENTITY), soul=found.get(SOUL))


async def _described(api: Api, offset: int) -> list[dict[str, Any]]:
    criteria = {"tags": [TAG], "entryTypes": [IDENTITY, SOUL], "limit": PAGE, "offset": offset}
    results: list[dict[str, Any]] = (await api.post("/diaries/search", criteria))["results"]
    return results
