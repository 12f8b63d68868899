"""What the Ory servers hold, read through their own APIs."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from local.agent import expect

PAGE = 250


async def tuple_objects(ory: httpx.AsyncClient, namespace: str, relation: str) -> dict[str, set[str]]:
    """Object to the subjects that stand in the relation to it."""
    found: dict[str, set[str]] = {}
    token = ""
    while True:
        query = {"namespace": namespace, "relation": relation, "page_size": str(PAGE), "page_token": token}
        page = expect(await ory.get("/relation-tuples", params=query), 200)
        for one in page["relation_tuples"]:
            found.setdefault(one["object"], set()).add(one["subject_set"]["object"])
        token = page["next_page_token"]
        if not token:
            return found


async def identities(ory: httpx.AsyncClient) -> dict[str, str]:
    """Identity id to public key."""
    pages = [page async for page in _pages(ory, "/admin/identities")]
    return {one["id"]: one["traits"]["public_key"] for page in pages for one in page}


async def client_owners(ory: httpx.AsyncClient) -> list[str]:
    """The identity id of each OAuth2 client."""
    pages = [page async for page in _pages(ory, "/admin/clients")]
    return [one["metadata"]["identity_id"] for page in pages for one in page]


async def _pages(ory: httpx.AsyncClient, path: str) -> AsyncIterator[list[dict[str, Any]]]:
    url: str | httpx.URL = f"{path}?page_size={PAGE}"
    while True:
        answer = await ory.get(url)
        yield expect(answer, 200)
        following = answer.links.get("next")
        if following is None:
            return
        url = following["url"]
