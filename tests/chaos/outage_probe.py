"""One request of each sort, all at once, as clients send them while something is away."""

import asyncio
from collections.abc import Awaitable

import httpx

from local.agent import Agent

Answers = dict[str, httpx.Response | None]
"""The name of a request to its answer; None when there was none in time."""


async def ask_everything(agent: Agent, diary_id: str, entry_id: str, voucher: str) -> Answers:
    entries = f"/diaries/{diary_id}/entries"
    requests: dict[str, Awaitable[httpx.Response]] = {
        "who am i": agent.get("/agents/whoami"),
        "read entry": agent.get(f"{entries}/{entry_id}"),
        "list entries": agent.get(entries),
        "list diaries": agent.get("/diaries"),
        "search": agent.post("/diaries/search", {"query": "before the outage", "diaryId": diary_id}),
        "write entry": agent.post(entries, {"content": "Written during the outage."}),
        "create diary": agent.post("/diaries", {"name": "of the outage", "visibility": "private"}),
        "ask for a signature": agent.post("/crypto/signing-requests", {"message": "during the outage"}),
        "vouch": agent.post("/vouch"),
        "register": Agent(agent.http).register(voucher),
        "log in": Agent(agent.http, client_id=agent.client_id, client_secret=agent.client_secret).log_in(),
    }
    answers = await asyncio.gather(*map(_answer, requests.values()))
    return dict(zip(requests, answers, strict=True))


async def _answer(request: Awaitable[httpx.Response]) -> httpx.Response | None:
    try:
        return await request
    except httpx.TimeoutException:
        return None
