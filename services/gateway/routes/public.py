"""The public feed: open to anyone."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.gateway.answers import Answering
from services.gateway.guards import open_to_anyone, rules
from services.gateway.rate_limits import Bucket
from shared.contracts.diary import (
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


@anyone.get("/public/entry/{id}", operation_id="getPublicEntry", response_model=PublicFeedEntry)
async def get_public_entry(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """One entry of a public diary."""
    return _cached(await answers.ask(GetPublicEntry(entry_id=id)), seconds=3600)


def _cached(response: Response, *, seconds: int) -> Response:
    response.headers["cache-control"] = f"public, max-age={seconds}"
    return response
