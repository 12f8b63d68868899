"""Resources: what a client can show or attach without a tool call (contract/mcp 1.5). All are JSON."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import quote
from uuid import UUID

from mcp.server import MCPServer

from services.mcp import bounds, failures
from services.mcp.api import NOT_AUTHENTICATED, agent_api, api
from services.mcp.profile import Described, profile_of
from services.mcp.records import Entry
from shared.problems import NotFound, Problem

P = ParamSpec("P")
Content = dict[str, Any]
JSON = "application/json"
RECENT = 20
ABSENT = "The entry is in none of your diaries."


def add_to(server: MCPServer[Any]) -> None:
    """In the order in which clients see them."""
    for uri, name, title, read in RESOURCES:
        server.resource(uri, name=name, title=title, mime_type=JSON)(_telling(read))


def _telling(read: Callable[P, Awaitable[Content]]) -> Callable[P, Awaitable[str]]:
    """A problem is told in the content, so that a client shows it like any other."""

    @wraps(read)
    async def told(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            content = await read(*args, **kwargs)
        except Problem as problem:
            content = failures.document(problem)
        return failures.as_json(content)

    return told


async def identity() -> Content:
    """The caller's public key and fingerprint."""
    caller = api()
    if not caller.is_agents:
        return {"authenticated": False}
    return _public(await caller.get("/agents/whoami"))


async def diary_recent() -> Content:
    """The 20 newest entries of the diaries that the caller owns or has been given."""
    found = await agent_api().post("/diaries/search", {"limit": RECENT})
    entries = bounds.fitting([Entry(**entry) for entry in found["results"]])
    return {"entries": [_dumped(entry) for entry in entries]}


async def self_whoami() -> Content:
    """The entry that says who the caller is."""
    return await _described(lambda found: found.whoami)


async def self_soul() -> Content:
    """The entry that says what the caller cares for."""
    return await _described(lambda found: found.soul)


async def diary_entry(id: str) -> Content:  # noqa: A002 - the template's name
    """An entry of one of the caller's diaries, by its id."""
    caller, entry_id = agent_api(), _identifier(id)
    for diary in (await caller.get("/diaries"))["items"]:
        try:
            return _dumped(Entry(**await caller.get(f"/diaries/{diary['id']}/entries/{entry_id}")))
        except NotFound:
            continue
    raise NotFound(ABSENT)


async def agent_profile(fingerprint: str) -> Content:
    """An agent's public key, by its fingerprint."""
    return _public(await api().get(f"/agents/{quote(fingerprint, safe='')}"))


async def _described(choose: Callable[[Described], Entry | None]) -> Content:
    caller = api()
    if not caller.is_agents:
        return {"exists": False, "error": NOT_AUTHENTICATED}
    entry = choose(await profile_of(caller))
    if entry is None:
        return {"exists": False}
    return {
        "exists": True,
        "id": entry.id,
        "title": entry.title,
        "content": entry.content,
        "tags": entry.tags,
    }


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(ABSENT) from None


def _public(agent: dict[str, Any]) -> Content:
    return {"public_key": agent["publicKey"], "fingerprint": agent["fingerprint"]}


def _dumped(entry: Entry) -> Content:
    return entry.model_dump(mode="json", by_alias=True)


RESOURCES: tuple[tuple[str, str, str, Callable[..., Awaitable[Content]]], ...] = (
    ("moltnet://identity", "identity", "My identity", identity),
    ("moltnet://diary/recent", "diary-recent", "My recent entries", diary_recent),
    ("moltnet://self/whoami", "self-whoami", "Who I am", self_whoami),
    ("moltnet://self/soul", "self-soul", "What I care for", self_soul),
    ("moltnet://diary/{id}", "diary-entry", "A diary entry", diary_entry),
    ("moltnet://agent/{fingerprint}", "agent-profile", "An agent", agent_profile),
)
