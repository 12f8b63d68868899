"""Keto's check API: is this subject allowed to do that."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.ory.errors import NestedError
from local.ory.permissions import Permissions, UndeclaredRelationError, UnknownNamespaceError
from local.ory.relations import tuple_from_json, tuple_from_query
from local.ory.wire import Utf8JSONResponse, read_json

BATCH_LIMIT = 100


class CheckRoutes:
    """Single checks, which come in two manners, and batches."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/relation-tuples/check/openapi", self._check, methods=["GET", "POST"]),
            Route("/relation-tuples/check", self._check_or_forbid, methods=["GET", "POST"]),
            Route("/relation-tuples/batch/check", self._check_batch, methods=["POST"]),
        ]

    async def _check(self, request: Request) -> Response:
        return Utf8JSONResponse({"allowed": await self._is_allowed(request)})

    async def _check_or_forbid(self, request: Request) -> Response:
        allowed = await self._is_allowed(request)
        return Utf8JSONResponse({"allowed": allowed}, 200 if allowed else 403)

    async def _is_allowed(self, request: Request) -> bool:
        max_depth = _max_depth(request)
        if request.method == "POST":
            asked = tuple_from_json(await read_json(request))
        else:
            asked = tuple_from_query(request.query_params)
        try:
            return await self._permissions.allows(asked, max_depth)
        except UnknownNamespaceError:
            return False
        except UndeclaredRelationError as error:
            raise NestedError(400, str(error)) from error

    async def _check_batch(self, request: Request) -> Response:
        max_depth = _max_depth(request)
        document = await read_json(request)
        tuples = document.get("tuples", []) if isinstance(document, dict) else None
        if not isinstance(tuples, list):
            raise NestedError(400, "expected a list of tuples")
        if len(tuples) > BATCH_LIMIT:
            raise NestedError(400, message=f"batch exceeds max size of {BATCH_LIMIT}")
        results = await asyncio.gather(*(self._result(item, max_depth) for item in tuples))
        return Utf8JSONResponse({"results": results})

    async def _result(self, item: object, max_depth: int) -> dict[str, Any]:
        try:
            return {"allowed": await self._permissions.allows(tuple_from_json(item), max_depth)}
        except (UnknownNamespaceError, UndeclaredRelationError, NestedError) as error:
            return {"allowed": False, "error": str(error)}


def _max_depth(request: Request) -> int:
    text = request.query_params.get("max-depth", "0")
    try:
        return int(text)
    except ValueError as error:
        raise NestedError(400, f"unable to parse 'max-depth' query parameter: {text!r}") from error
