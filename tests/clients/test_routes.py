"""The client knows every route that is served, and every problem that is told."""

import re

import moltnet
from moltnet import AsyncMoltNet, ProblemError, routes
from moltnet.routes import Route
from shared.problems import REGISTRY

ROUTES = [route for route in vars(routes).values() if isinstance(route, Route)]
NOT_ON_THE_PAGE = {("GET", "/openapi.json"), ("GET", "/public/feed/stream")}


async def test_every_documented_route_is_called_and_none_else(neighbour: AsyncMoltNet) -> None:
    page = await neighbour.network.openapi()
    served = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, methods in page["paths"].items()
        for method in methods
    }
    known = {(route.method, route.template) for route in ROUTES}
    assert known == served | NOT_ON_THE_PAGE


async def test_a_token_goes_where_the_page_wants_one(neighbour: AsyncMoltNet) -> None:
    page = await neighbour.network.openapi()
    guarded = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
        if any("bearerAuth" in way for way in operation.get("security", []))
    }
    sent = {(route.method, route.template) for route in ROUTES if route.access.takes_token}
    assert sent == guarded


async def test_every_problem_type_has_an_error_of_its_own(neighbour: AsyncMoltNet) -> None:
    told = {each.code: each.status for each in await neighbour.network.problem_types()}
    assert set(ProblemError.by_code) == set(told)
    assert set(told) == {kind.code for kind in REGISTRY}


def test_the_tree_in_the_docstring_names_every_error_with_its_status() -> None:
    drawn = dict(re.findall(r"── (\w+Error)\s+(\d{3})?", moltnet.errors.__doc__ or ""))
    statuses = {moltnet.ProblemError.by_code[kind.code].__name__: str(kind.status) for kind in REGISTRY}
    assert {name: drawn.get(name) for name in statuses} == statuses


def test_every_change_is_safe_to_repeat() -> None:
    reads = {"SEARCH", "TOKEN", "RECOVERY_CHALLENGE", "VERIFY_SIGNATURE", "VERIFY_AGENT_SIGNATURE"}
    unkeyed = {
        name
        for name, route in vars(routes).items()
        if isinstance(route, Route) and route.method != "GET" and not route.changes
    }
    assert unkeyed == reads
