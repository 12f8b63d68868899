"""The public feed at the edges of its order, which only the database can set up."""

from uuid import uuid4

import asyncpg
import httpx

from local.agent import Agent, expect


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
