"""The public feed: open to anyone."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response

from services.gateway.answers import Answering
from services.gateway.event_streams import EventStream
from services.gateway.guards import open_to_anyone, rules
from services.gateway.parts import GatewayParts
from services.gateway.rate_limits import Bucket, address_of
from shared.contracts.diary import (
    FeedFilter,
    FeedPosition,
    GetPublicEntry,
    ListFeed,
    PublicFeed,
    PublicFeedEntry,
    PublicFeedHits,
    SearchFeed,
)

anyone = open_to_anyone("public")


@anyone.get("/public/feed", operation_id="getPublicFeed", response_model=PublicFeed)
async def get_public_feed(wanted: Annotated[ListFeed, Query()], answers: Answering) -> Response:
    """Entries of public diaries, newest first. `nextCursor` leads to the next page."""
    return _cached(await answers.ask(wanted), seconds=300)


@anyone.get(
    "/public/feed/search",
    operation_id="searchPublicFeed",
    response_model=PublicFeedHits,
    openapi_extra=rules(bucket=Bucket.PUBLIC_SEARCH),
)
async def search_public_feed(wanted: Annotated[SearchFeed, Query()], answers: Answering) -> Response:
    """Entries of public diaries, by meaning and by words, best first."""
    return _cached(await answers.ask(wanted), seconds=60)


async def _slot(request: Request, parts: GatewayParts) -> AsyncIterator[None]:
    """Held until the response has ended."""
    with parts.stream_slots.take(address_of(request)):
        yield


@anyone.get(
    "/public/feed/stream",
    operation_id="streamPublicFeed",
    include_in_schema=False,
    dependencies=[Depends(_slot)],
)
async def stream_public_feed(
    wanted: Annotated[FeedFilter, Query()],
    parts: GatewayParts,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """New entries of public diaries as server-sent events. `Last-Event-ID` resumes after that entry."""
    events = await parts.feed.open(wanted, _position(last_event_id))
    return EventStream(events, parts.stream_times)


def _position(event_id: str | None) -> FeedPosition | None:
    """What cannot be read is ignored (contract/http-api 16)."""
    with contextlib.suppress(ValueError):
        return FeedPosition.of_event_id(event_id or "")
    return None


@anyone.get("/public/entry/{id}", operation_id="getPublicEntry", response_model=PublicFeedEntry)
async def get_public_entry(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """One entry of a public diary."""
    return _cached(await answers.ask(GetPublicEntry(entry_id=id)), seconds=3600)


def _cached(response: Response, *, seconds: int) -> Response:
    response.headers["cache-control"] = f"public, max-age={seconds}"
    return response
