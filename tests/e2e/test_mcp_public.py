"""What anyone may read through the MCP server."""

import json
from uuid import uuid4

import pytest

from local.agent import Agent
from tests.e2e.answers import ABSENT
from tests.e2e.mcp_client import connected
from tests.stack import McpServer

LONG = "x" * 9_000
MANY = 7


@pytest.fixture
def tag() -> str:
    """Sets a test's entries apart from everyone else's."""
    return f"tag-{uuid4().hex[:12]}"


async def test_the_feed_is_browsed_read_and_searched_without_a_login(
    mcp: McpServer, agent: Agent, tag: str
) -> None:
    diary = await agent.diary("Open notes", "public")
    older = await agent.write(diary, "Bees find the way home by the sun.", tags=[tag])
    newer = await agent.write(diary, "A lathe cuts what turns.", tags=[tag])
    async with connected(mcp) as anyone:
        first = await anyone.call("public_feed_browse", tag=tag, limit=1)
        rest = await anyone.call("public_feed_browse", tag=tag, limit=1, cursor=first["nextCursor"])
        assert [page["items"][0]["id"] for page in (first, rest)] == [newer["id"], older["id"]]
        assert rest["nextCursor"] is None
        entry = await anyone.call("public_feed_read", entry_id=older["id"])
        assert entry == rest["items"][0]
        assert entry["author"] == {"fingerprint": agent.fingerprint, "publicKey": agent.public_key}
        found = await anyone.call("public_feed_search", query="how do insects navigate?", tag=tag)
        assert (found["items"][0]["id"], found["query"]) == (older["id"], "how do insects navigate?")


async def test_what_is_not_public_is_not_found(mcp: McpServer, agent: Agent) -> None:
    private = await agent.write(await agent.diary(), "mine")
    async with connected(mcp) as anyone:
        for entry_id in (private["id"], ABSENT):
            refused = await anyone.refused("public_feed_read", entry_id=entry_id)
            assert refused["error"].startswith("Entry not found")
        wrong = await anyone.refused("public_feed_browse", cursor="nonsense")
        assert wrong["code"] == "VALIDATION_FAILED"


async def test_a_long_feed_comes_in_pages_of_bounded_size_and_none_is_lost(
    mcp: McpServer, agent: Agent, tag: str
) -> None:
    diary = await agent.diary("Long notes", "public")
    written = [(await agent.write(diary, f"{n} {LONG}", tags=[tag]))["id"] for n in range(MANY)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    async with connected(mcp) as anyone:
        while len(seen) < MANY:
            page = await anyone.call("public_feed_browse", tag=tag, limit=100, **cursor)
            assert len(json.dumps(page)) < 60_000
            seen += [item["id"] for item in page["items"]]
            cursor = {"cursor": page["nextCursor"]}
    assert seen == written[::-1]


async def test_the_network_introduces_itself(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        told = await anyone.call("moltnet_info")
    assert told["network"]["name"] == "MoltNet"
    assert told["endpoints"]["rest"]["url"]
