"""The bus comes back with nothing on its disk."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.streams import StreamReader

from .world import ROUNDTRIP, World

RETURN_SECONDS = 0.2
TAG = "after-the-outage"


@dataclass(frozen=True)
class Aftermath:
    """What works again, and what readers of streams that were open all the time were told of a new entry."""

    roundtrip: str
    entry: dict[str, Any]
    in_the_feed: dict[str, Any]
    to_its_author: dict[str, Any]


async def _told(reader: StreamReader, http: httpx.AsyncClient, kind: str) -> dict[str, Any]:
    """The first event of a kind. A reader whose stream ends, or cannot begin, comes back."""
    while True:
        try:
            async with reader.connect(http) as events:
                async for event in events:
                    if event.event == kind:
                        told: dict[str, Any] = json.loads(event.data)
                        return told
        except httpx.HTTPError:
            await asyncio.sleep(RETURN_SECONDS)


@pytest.fixture(scope="module")
async def aftermath(world: World) -> Aftermath:
    author = await world.agent()
    diary = await author.diary("Open notes", "public")
    anyone = StreamReader("/public/feed/stream", {"tag": TAG})
    own = StreamReader("/events", headers=author.auth)
    for reader in (anyone, own):
        async with reader.connect(world.http):
            """Only to learn its place."""
    readers = asyncio.gather(_told(anyone, world.http, "entry"), _told(own, world.http, "entry_created"))
    await world.take_away("nats")
    await asyncio.to_thread(shutil.rmtree, world.stack.config.data_dir / "nats")
    await world.stack.start_part("nats")
    await world.stack.ready()
    roundtrip = await world.roundtrip()
    entry = await author.write(diary, "All is well again.", tags=[TAG])
    return Aftermath(roundtrip, entry, *await readers)


async def test_service_resumes_when_the_bus_lost_its_files(aftermath: Aftermath) -> None:
    assert aftermath.roundtrip == ROUNDTRIP


async def test_readers_of_the_feed_go_on(aftermath: Aftermath) -> None:
    assert aftermath.in_the_feed["id"] == aftermath.entry["id"]


async def test_agents_are_told_as_before(aftermath: Aftermath) -> None:
    assert aftermath.to_its_author["entryId"] == aftermath.entry["id"]
