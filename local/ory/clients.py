"""Hydra's admin API for OAuth 2.0 clients."""

import secrets
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.ory.client_model import Client, given_secret
from local.ory.client_secrets import generate_secret, hash_secret
from local.ory.client_store import ClientStore, StoredClient
from local.ory.errors import FlatError
from local.ory.json_patch import PatchError, apply_patch
from local.ory.wire import decode_page_token, next_page_link, page_size, read_flat_json, read_object, rfc3339


class ClientRoutes:
    """Create, show, list, replace, patch and delete clients."""

    def __init__(self, store: ClientStore, base_url: str) -> None:
        self._store = store
        self._base_url = base_url

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        one = "/admin/clients/{id}"
        return [
            Route("/admin/clients", self._create, methods=["POST"]),
            Route("/admin/clients", self._list, methods=["GET"]),
            Route(one, self._get, methods=["GET"]),
            Route(one, self._replace, methods=["PUT"]),
            Route(one, self._patch, methods=["PATCH"]),
            Route(one, self._delete, methods=["DELETE"]),
        ]

    async def _create(self, request: Request) -> Response:
        document = await read_object(request)
        client = Client.accept(document)
        secret = (given_secret(document) or generate_secret()) if client.has_secret else None
        client_id = str(document.get("client_id") or uuid4())
        stored = await self._store.add(client_id, _hash(secret), client)
        if stored is None:
            taken = "Unable to insert or update resource because a resource with that value exists already"
            raise FlatError(409, taken)
        answer = _client_json(stored, secret) | {
            "registration_access_token": f"ory_at_{secrets.token_urlsafe(32)}",
            "registration_client_uri": f"{self._base_url}/oauth2/register/{stored.id}",
        }
        location = {"Location": f"{self._base_url}/admin/clients/{stored.id}"}
        return JSONResponse(answer, 201, headers=location)

    async def _get(self, request: Request) -> Response:
        return JSONResponse(_client_json(await self._located(request)))

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        try:
            after = decode_page_token(query.get("page_token", ""))
        except ValueError as error:
            raise FlatError(400, "invalid_request", "Malformed page token.") from error
        wanted = {name: query[name] for name in ("client_name", "owner") if query.get(name)}
        size = page_size(request, default=250, most=500)
        found = await self._store.page(wanted, after, size + 1)
        last = found[size - 1].id if len(found) > size else None
        return JSONResponse(
            [_client_json(stored) for stored in found[:size]], headers=next_page_link(request, last)
        )

    async def _replace(self, request: Request) -> Response:
        return await self._store_replacement(request, await read_object(request))

    async def _patch(self, request: Request) -> Response:
        current = (await self._located(request)).client.model_dump()
        try:
            patched = apply_patch(current | {"client_secret": ""}, await read_flat_json(request))
        except PatchError as error:
            raise FlatError(500, "error", str(error)) from error
        return await self._store_replacement(request, patched)

    async def _delete(self, request: Request) -> Response:
        if not await self._store.delete(request.path_params["id"]):
            raise _not_found()
        return Response(status_code=204)

    async def _located(self, request: Request) -> StoredClient:
        stored = await self._store.find(request.path_params["id"])
        if stored is None:
            raise _not_found()
        return stored

    async def _store_replacement(self, request: Request, document: dict[str, Any]) -> Response:
        secret = given_secret(document)
        client = Client.accept(document)
        stored = await self._store.replace(request.path_params["id"], _hash(secret), client)
        if stored is None:
            raise _not_found()
        return JSONResponse(_client_json(stored, secret))


def _not_found() -> FlatError:
    return FlatError(404, "Unable to locate the resource")


def _hash(secret: str | None) -> bytes | None:
    return None if secret is None else hash_secret(secret)


def _client_json(stored: StoredClient, secret: str | None = None) -> dict[str, Any]:
    """The client as Hydra shows it; ``secret`` is what this very request has set."""
    return (
        {"client_id": stored.id}
        | stored.client.model_dump()
        | {"created_at": rfc3339(stored.created_at), "updated_at": rfc3339(stored.updated_at)}
        | ({"client_secret": secret} if secret else {})
    )
