"""The OpenAPI page is true: whatever is sent, with a token or without, is answered as it says, and never with a 5xx.

Four ways to find requests (schemathesis): the page's examples and whatever else fits, whatever does not (fuzzing), the
bounds of every field and what is beyond them (coverage), and sequences of requests, where one answer tells what the
next request uses (stateful). `make fuzz` looks much longer than every run can.
"""

import copy
import functools
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from local.agent import Agent, expect
from services.gateway.app import create_app
from services.gateway.routes import public
from tests.e2e.company import Company
from tests.waiting import eventually

load_all_checks()
NOTHING_TO_GET_WRONG = {
    "rotateClientSecret",
    "listDiaryInvitations",
    "getNetworkInfo",
    "getLlmsTxt",
    "getHealth",
    "getReadiness",
    "listProblemTypes",
    "getProblemType",
    "getWhoami",
    "getCryptoIdentity",
    "issueVoucher",
    "listActiveVouchers",
    "listDiaries",
    "recoverClient",
}
ENDLESS = {"streamEvents"}
"""Answers that go on until somebody leaves."""

EXAMPLES = int(os.environ.get("OPENAPI_TEST_EXAMPLES", "6"))
"""Of each operation, in either way; and half as many sequences of requests."""

STEPS = 8
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
CHECKS_MADE = [CHECKS.get_one(name) for name in CHECKED]
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
LOGS_IN = {"/oauth2/token"}
"""Where a wrong secret is answered as a missing token is elsewhere."""

UNAUTHORIZED, NOT_FOUND = 401, 404

STREAM = "/public/feed/stream"
BEGINNING = "retry: 5000\n\n"

Known = dict[str, dict[str, str]]
"""Parameters that name something that is there, by the beginnings of the paths that take them."""


@pytest_asyncio.fixture(scope="module")
async def tester(company: Company) -> Agent:
    """Sends whatever the page allows, a new client secret for itself included."""
    return await company.newcomer()


@pytest_asyncio.fixture(scope="module")
async def own(tester: Agent) -> Known:
    """What the tester has. Its diary becomes whatever the requests make of it."""
    return await _belongings(tester)


@pytest_asyncio.fixture(scope="module")
async def hidden(company: Company) -> Known:
    """What somebody else has and nobody may see."""
    return await _belongings(await company.newcomer())


async def _belongings(owner: Agent) -> Known:
    diary = await owner.diary()
    entry = await owner.write(diary, "Something to be found")
    request = expect(await owner.post("/crypto/signing-requests", {"message": "x"}), 201)
    return {
        "/diaries": {"diaryId": diary, "entryId": str(entry["id"])},
        "/diaries/{id}": {"id": diary},
        "/crypto/signing-requests/{id}": {"id": request["id"]},
        "/agents/{fingerprint}": {"fingerprint": owner.fingerprint},
    }


@pytest.fixture(scope="session")
def described(base_url: str) -> Any:
    """The API as schemathesis reads it from the page."""
    return _schema(httpx.get(f"{base_url}/openapi.json").json(), base_url)


def _schema(page: dict[str, Any], base_url: str) -> Any:
    schema = schemathesis.openapi.from_dict(page)
    schema.config.update(base_url=base_url)
    return schema


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in create_app().openapi()["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] not in ENDLESS:
                yield method, path, operation


ALL = [pytest.param(method, path, id=operation["operationId"]) for method, path, operation in _operations()]


def _fuzzed() -> Iterator[Any]:
    for method, path, operation in _operations():
        name = operation["operationId"]
        yield pytest.param(method, path, GenerationMode.POSITIVE, id=f"{name} as documented")
        if name not in NOTHING_TO_GET_WRONG:
            yield pytest.param(method, path, GenerationMode.NEGATIVE, id=f"{name} otherwise")


@pytest.mark.parametrize(("method", "path", "mode"), list(_fuzzed()))
def test_whatever_is_sent_is_answered_as_the_page_says(
    described: Any, tester: Agent, method: str, path: str, mode: GenerationMode
) -> None:
    operation = described[path][method.upper()]

    @settings(max_examples=EXAMPLES, **SETTINGS)
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        case.call_and_validate(headers=tester.auth, checks=CHECKS_MADE)

    call()


@pytest.mark.parametrize(("method", "path"), ALL)
def test_every_bound_and_what_is_beyond_it_is_answered_as_the_page_says(
    described: Any, tester: Agent, own: Known, method: str, path: str
) -> None:
    for case in _bounds(described[path][method.upper()], *GenerationMode):
        if method != "delete":
            _settle(case, own)
        case.call_and_validate(headers=tester.auth, checks=CHECKS_MADE)


@pytest.mark.parametrize(("method", "path"), ALL)
def test_without_a_token_there_is_what_is_public_and_nothing_else(
    described: Any, hidden: Known, method: str, path: str
) -> None:
    operation = described[path][method.upper()]
    ways_in = operation.definition.raw.get("security")
    for case in _bounds(operation, GenerationMode.POSITIVE):
        _settle(case, hidden)
        answer = case.call_and_validate(checks=CHECKS_MADE)
        if ways_in is None:
            assert answer.status_code != UNAUTHORIZED or path in LOGS_IN
        elif {} in ways_in:
            assert answer.status_code in (UNAUTHORIZED, NOT_FOUND)
        else:
            assert answer.status_code == UNAUTHORIZED


def _bounds(operation: Any, *modes: GenerationMode) -> Iterator[Any]:
    """Requests with values at the bounds of their schemas, or beyond these."""
    schema = operation.schema
    config = schema.config.generation_for(operation=operation)
    yield from schema.iter_coverage_cases(operation, generation_modes=list(modes), generation_config=config)


def _settle(case: Any, known: Known) -> None:
    """Let a request be about something that is there, unless that is what is wrong with it."""
    places = {ParameterLocation.PATH: case.path_parameters, ParameterLocation.QUERY: case.query}
    for beginning, values in known.items():
        for place, parameters in places.items():
            if case.path.startswith(beginning) and not case.meta.is_negative_at(place):
                parameters |= {name: values[name] for name in parameters.keys() & values.keys()}


def test_requests_that_follow_from_each_other_are_answered_as_the_page_says(
    described: Any, tester: Agent
) -> None:
    """What one answer tells, the next request uses: a new diary's id, an entry's, a signing request's."""
    wanted = described.exclude(operation_id=sorted(ENDLESS))

    class Sequences(wanted.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": tester.auth}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS_MADE)

    Sequences.run(
        settings=settings(max_examples=max(1, EXAMPLES // 2), stateful_step_count=STEPS, **SETTINGS)
    )


@pytest.mark.parametrize("path", ["/events", STREAM])
async def test_streams_begin_or_are_refused_whatever_is_asked_of_them(
    described: Any, base_url: str, tester: Agent, path: str
) -> None:
    schema = _schema(_page_of_the_feed(), base_url) if path == STREAM else described
    operation = schema[path]["GET"]
    async with httpx.AsyncClient(base_url=base_url) as http:
        for case in _bounds(operation, *GenerationMode):
            sent = case.as_transport_kwargs(base_url=base_url, headers=tester.auth)
            asked = http.build_request(
                sent["method"], sent["url"], params=sent.get("params"), headers=dict(sent["headers"])
            )
            status, kind, beginning = await eventually(functools.partial(_beginning, http, asked))
            if status == httpx.codes.OK and asked.method == "GET":
                assert (kind, beginning) == ("text/event-stream", BEGINNING)
            else:
                assert httpx.codes.is_client_error(status), (asked.method, str(asked.url), beginning)
            if not case.meta.generation.mode.is_negative:
                assert status == httpx.codes.OK


def _page_of_the_feed() -> dict[str, Any]:
    """A page of the one route that the contract keeps out of ours."""
    [route] = [copy.copy(each) for each in public.anyone.routes if getattr(each, "path", "") == STREAM]
    assert isinstance(route, APIRoute)
    route.include_in_schema = True
    return get_openapi(title="stream", version="1", routes=[route])


async def _beginning(http: httpx.AsyncClient, asked: httpx.Request) -> tuple[int, str, str] | None:
    """Status, content type and first bytes. None while too many of the streams that were left are still open."""
    answer = await http.send(asked, stream=True)
    try:
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return None
        first = await anext(answer.aiter_text(), "")
        return answer.status_code, answer.headers.get("content-type", "").partition(";")[0], first
    finally:
        await answer.aclose()
