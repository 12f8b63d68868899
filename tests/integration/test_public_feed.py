"""The public feed where only the database, or another gateway, can set up what happens."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio

from local.agent import Agent, expect
from local.stack import Stack
from services.diary.store import FeedStore
from shared.contracts.diary import FeedFilter
from shared.postgres import REQUESTS, Database
from tests.stack import running_gateway
from tests.streams import StreamReader, take

MUCH = 600
"""Entries of ten thousand characters."""


async def test_entries_of_the_same_millisecond_are_each_on_one_page(
    citizen: Agent, superuser: asyncpg.Connection
) -> None:
    diary, tag = await citizen.diary("Busy", "public"), f"tag-{uuid4().hex}"
    await superuser.execute(
        "INSERT INTO diary_entries (diary_id, content, tags, created_at)"
        " SELECT $1::uuid, 'note ' || n, ARRAY[$2], '2026-01-30T10:00:00Z'::timestamptz + n / 3 * interval '1 us'"
        " FROM generate_series(1, 20) AS n",
        diary,
        tag,
    )
    rows = await superuser.fetch(
        "SELECT id FROM diary_entries WHERE diary_id = $1 ORDER BY created_at DESC, id DESC", diary
    )
    assert await _all_pages(citizen.http, tag) == [str(row["id"]) for row in rows]


async def _all_pages(http: httpx.AsyncClient, tag: str) -> list[str]:
    seen: list[str] = []
    params = {"tag": tag, "limit": "3"}
    while True:
        page = expect(await http.get("/public/feed", params=params), 200)
        seen += [entry["id"] for entry in page["items"]]
        if page["nextCursor"] is None:
            return seen
        params["cursor"] = page["nextCursor"]


async def test_a_diary_without_a_known_owner_is_not_shown(
    citizen: Agent, superuser: asyncpg.Connection
) -> None:
    tag = f"tag-{uuid4().hex}"
    await superuser.execute(
        "WITH made AS (INSERT INTO diaries (owner_id, name, visibility)"
        " VALUES (gen_random_uuid(), 'Left behind', 'public') RETURNING id)"
        " INSERT INTO diary_entries (diary_id, content, tags) SELECT id, 'note', ARRAY[$1] FROM made",
        tag,
    )
    assert await _all_pages(citizen.http, tag) == []


@pytest_asyncio.fixture
async def writer(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection like those of the diary service that serve requests."""
    connection = await asyncpg.connect(
        stack.environment.service("diary")["DATABASE_URL"], server_settings={"application_name": REQUESTS}
    )
    yield connection
    await connection.close()


async def test_an_entry_that_is_committed_late_is_not_passed_over(
    citizen: Agent, diary_database: Database, writer: asyncpg.Connection
) -> None:
    feed, wanted = FeedStore(diary_database), FeedFilter(tag=f"tag-{uuid4().hex}")
    diary, start = await citizen.diary("Slow", "public"), await feed.now()
    async with writer.transaction():
        late = await writer.fetchval(
            "INSERT INTO diary_entries (diary_id, content, tags) VALUES ($1, 'late', ARRAY[$2]) RETURNING id",
            diary,
            wanted.tag,
        )
        early = await citizen.write(diary, "early", tags=[wanted.tag])
        meanwhile = await feed.now()
        rows, reached, complete = await feed.after(start, wanted, 10)
        assert (rows, complete) == ([], False)
    for since in (start, meanwhile, reached):
        rows, position, complete = await feed.after(since, wanted, 10)
        assert ([str(row.id) for row in rows], complete) == ([str(late), early["id"]], True)
        assert position == rows[-1].position


async def test_who_waits_for_a_rare_tag_does_not_begin_anew_each_time(
    citizen: Agent, diary_database: Database
) -> None:
    feed, wanted = FeedStore(diary_database), FeedFilter(tag=f"tag-{uuid4().hex}")
    start = await feed.now()
    await citizen.write(await citizen.diary("Other", "public"), "something else")
    rows, position, complete = await feed.after(start, wanted, 10)
    assert (rows, complete) == ([], True)
    assert position.created_at > start.created_at


async def test_a_reader_that_stops_reading_holds_nobody_up_and_misses_nothing(
    citizen: Agent, writer: asyncpg.Connection
) -> None:
    """Far more is written than the ways between gateway and reader can hold."""
    diary, tag = await citizen.diary("Much", "public"), f"tag-{uuid4().hex}"
    slow, quick = (StreamReader("/public/feed/stream", {"tag": tag}) for _ in range(2))
    narrow = httpx.AsyncHTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    async with (
        httpx.AsyncClient(base_url=citizen.http.base_url, transport=narrow) as http,
        slow.connect(http) as unread,
        quick.connect(citizen.http) as events,
    ):
        await writer.execute(
            "INSERT INTO diary_entries (diary_id, content, tags)"
            " SELECT $1::uuid, repeat('many words ', 900), ARRAY[$2] FROM generate_series(1, $3)",
            diary,
            tag,
            MUCH,
        )
        await citizen.write(diary, "the last", tags=[tag])
        told = await take(events, MUCH + 1)
        assert json.loads(told[-1].data)["content"] == "the last"
        assert [event.id for event in await take(unread, MUCH + 1)] == [event.id for event in told]
    expect(await citizen.http.delete(f"/diaries/{diary}", headers=citizen.auth), 200)


async def test_streams_end_when_their_gateway_stops(stack: Stack) -> None:
    reader = StreamReader("/public/feed/stream")
    async with httpx.AsyncClient() as http, contextlib.AsyncExitStack() as gateway:
        http.base_url = httpx.URL(await gateway.enter_async_context(running_gateway(stack)))
        async with reader.connect(http) as events:
            ending = asyncio.create_task(take(events, 1))
            await gateway.aclose()
            assert await ending == []
