"""Keto's write API and its list of tuples."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.ory.errors import NestedError
from local.ory.permissions import NAMESPACES, UnknownNamespaceError, require_known, require_namespace
from local.ory.relations import (
    SUBJECT_SET_KEYS,
    RelationTuple,
    SubjectSet,
    subject_from_query,
    tuple_from_json,
)
from local.ory.tuple_store import TupleFilter, TupleStore
from local.ory.wire import (
    Utf8JSONResponse,
    checked_page_size,
    decode_page_token,
    encode_page_token,
    read_json,
)

_FILTER_KEYS = frozenset({"namespace", "object", "relation", "subject_id", *SUBJECT_SET_KEYS})


class TupleRoutes:
    """PUT, PATCH, DELETE and GET of relation tuples, and the list of namespaces."""

    def __init__(self, store: TupleStore) -> None:
        self._store = store

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/admin/relation-tuples", self._put, methods=["PUT"]),
            Route("/admin/relation-tuples", self._patch, methods=["PATCH"]),
            Route("/admin/relation-tuples", self._delete, methods=["DELETE"]),
            Route("/relation-tuples", self._list, methods=["GET"]),
            Route("/namespaces", self._namespaces, methods=["GET"]),
        ]

    async def _put(self, request: Request) -> Response:
        stored = _storable(await read_json(request))
        await self._store.insert(stored)
        return Utf8JSONResponse(stored.to_json(), 201, headers={"Location": "/relation-tuples"})

    async def _patch(self, request: Request) -> Response:
        changes = await read_json(request)
        if not isinstance(changes, list):
            raise NestedError(400, "expected a list of changes")
        by_action: dict[str, list[RelationTuple]] = {"insert": [], "delete": []}
        for change in changes:
            action, stored = _change(change)
            by_action[action].append(stored)
        await self._store.change(by_action["insert"], by_action["delete"])
        return Response(status_code=204)

    async def _delete(self, request: Request) -> Response:
        unknown = request.query_params.keys() - _FILTER_KEYS
        if unknown:
            raise NestedError(400, f"unknown query parameters: {', '.join(sorted(unknown))}")
        if "namespace" not in request.query_params:
            raise NestedError(400, "the namespace has to be provided")
        if await request.body():
            raise NestedError(400, "a body is not expected")
        await self._store.delete(_filter(request))
        return Response(status_code=204)

    async def _list(self, request: Request) -> Response:
        try:
            after = int(decode_page_token(request.query_params.get("page_token", "")) or 0)
        except ValueError as error:
            raise NestedError(400, "malformed page token") from error
        size = checked_page_size(request, default=100, most=500)
        tuples, last = await self._store.page(_filter(request), after, size)
        return Utf8JSONResponse(
            {
                "relation_tuples": [stored.to_json() for stored in tuples],
                "next_page_token": "" if last is None else encode_page_token(str(last)),
            }
        )

    async def _namespaces(self, _: Request) -> Response:
        return Utf8JSONResponse({"namespaces": [{"name": name} for name in NAMESPACES]})


def _storable(document: object) -> RelationTuple:
    stored = tuple_from_json(document)
    try:
        require_known(stored)
    except UnknownNamespaceError as error:
        raise NestedError(404, str(error)) from error
    return stored


def _change(change: object) -> tuple[str, RelationTuple]:
    if not isinstance(change, dict) or change.get("action") not in {"insert", "delete"}:
        raise NestedError(400, "unknown action")
    return change["action"], _storable(change.get("relation_tuple"))


def _filter(request: Request) -> TupleFilter:
    query = request.query_params
    subject = subject_from_query(query)
    names = [query["namespace"]] if "namespace" in query else []
    if isinstance(subject, SubjectSet):
        names.append(subject.namespace)
    try:
        for name in names:
            require_namespace(name)
    except UnknownNamespaceError as error:
        raise NestedError(404, str(error)) from error
    return TupleFilter(query.get("namespace"), query.get("object"), query.get("relation"), subject)
