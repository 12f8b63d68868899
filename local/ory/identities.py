"""Kratos' identities: the admin API, and the list of schemas."""

from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.ory.database import Database, Row
from local.ory.errors import NestedError, not_located
from local.ory.identity_schema import IDENTITY_SCHEMA, SCHEMA_ID, accept_identity, credentials_identifier
from local.ory.wire import (
    Utf8JSONResponse,
    checked_page_size,
    decode_page_token,
    next_page_link,
    read_json,
    rfc3339,
)

_START = UUID(int=0)
_OTHER_FILTERS = frozenset({"ids", "preview_credentials_identifier_similar", "organization_id"})


class IdentityRoutes:
    """Create, show, find and delete identities."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/admin/identities", self._create, methods=["POST"]),
            Route("/admin/identities", self._list, methods=["GET"]),
            Route("/admin/identities/by/external/{id}", self._get_by_external_id, methods=["GET"]),
            Route("/admin/identities/{id}", self._get, methods=["GET"]),
            Route("/admin/identities/{id}", self._delete, methods=["DELETE"]),
            Route("/schemas", self._schemas, methods=["GET"]),
        ]

    async def _create(self, request: Request) -> Response:
        new, traits = accept_identity(await read_json(request))
        row = await self._database.row(
            "INSERT INTO ory.identities"
            " (id, identifier, external_id, traits, metadata_public, metadata_admin)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING *",
            uuid4(),
            credentials_identifier(traits.public_key),
            new.external_id,
            traits.model_dump(),
            new.metadata_public,
            new.metadata_admin,
        )
        if row is None:
            raise NestedError(409, "This identity conflicts with another identity that already exists.")
        identity = identity_json(row, self._base_url) | {"metadata_admin": row["metadata_admin"]}
        location = {"Location": f"{self._base_url}/admin/identities/{row['id']}"}
        return Utf8JSONResponse(identity, 201, headers=location)

    async def _get(self, request: Request) -> Response:
        row = await self._database.row("SELECT * FROM ory.identities WHERE id = $1", path_uuid(request))
        return self._shown(row)

    async def _get_by_external_id(self, request: Request) -> Response:
        row = await self._database.row(
            "SELECT * FROM ory.identities WHERE external_id = $1", request.path_params["id"]
        )
        return self._shown(row)

    def _shown(self, row: Row | None) -> Response:
        if row is None:
            raise not_located()
        identity = identity_json(row, self._base_url)
        return Utf8JSONResponse(identity | {"metadata_admin": row["metadata_admin"]})

    async def _delete(self, request: Request) -> Response:
        deleted = await self._database.execute("DELETE FROM ory.identities WHERE id = $1", path_uuid(request))
        if not deleted:
            raise not_located()
        return Response(status_code=204)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        if query.keys() & _OTHER_FILTERS:
            raise NestedError(
                400, "filters cannot be combined, and only credentials_identifier is known here"
            )
        if "credentials_identifier" in query:
            rows = await self._database.rows(
                "SELECT * FROM ory.identities WHERE identifier = $1",
                credentials_identifier(query["credentials_identifier"]),
            )
            return Utf8JSONResponse([identity_json(row, self._base_url) for row in rows])
        return await self._page(request)

    async def _page(self, request: Request) -> Response:
        try:
            token = decode_page_token(request.query_params.get("page_token", ""))
            after = UUID(token) if token else _START
        except ValueError as error:
            raise NestedError(400, "malformed page token") from error
        size = checked_page_size(request, default=250, most=1000)
        rows = await self._database.rows(
            "SELECT * FROM ory.identities WHERE id > $1 ORDER BY id LIMIT $2", after, size + 1
        )
        last = str(rows[size - 1]["id"]) if len(rows) > size else None
        return Utf8JSONResponse(
            [identity_json(row, self._base_url) for row in rows[:size]],
            headers=next_page_link(request, last),
        )

    async def _schemas(self, _: Request) -> Response:
        return Utf8JSONResponse([{"id": SCHEMA_ID, "schema": IDENTITY_SCHEMA}])


def path_uuid(request: Request) -> UUID:
    """The ``{id}`` of the path.

    Raises:
        NestedError: 404 when it is no UUID, as for one that is not there.
    """
    try:
        return UUID(request.path_params["id"])
    except ValueError as error:
        raise not_located() from error


def identity_json(row: Row, base_url: str) -> dict[str, object]:
    """An identity as Kratos shows it, without ``metadata_admin``."""
    created = rfc3339(row["created_at"])
    password = {
        "type": "password",
        "identifiers": [row["identifier"]],
        "version": 0,
        "created_at": created,
        "updated_at": created,
    }
    identity: dict[str, object] = {
        "id": str(row["id"]),
        "credentials": {"password": password},
        "schema_id": SCHEMA_ID,
        "schema_url": f"{base_url}/schemas/{SCHEMA_ID}",
        "state": "active",
        "state_changed_at": created,
        "traits": row["traits"],
        "metadata_public": row["metadata_public"],
        "created_at": created,
        "updated_at": created,
        "organization_id": None,
    }
    return identity | ({"external_id": row["external_id"]} if row["external_id"] else {})
