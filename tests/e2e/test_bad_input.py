"""Bad input in any field of any route: always the client's mistake, told as a problem, never a failure of ours."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from shared.problems import ValidationFailed
from tests.e2e.answers import ABSENT, expect_problem, post_json

NUL, SURROGATE = "a\0b", "a\ud800b"
BLANKS = (" ", "\n\t", "\u3000\u2003")
NO_TEXT: tuple[Any, ...] = (["x"], {"x": 1}, NUL, SURROGATE)
NO_INTEGER: tuple[Any, ...] = ("seven", 2.5, [], {}, "", "1e3", NUL)
NO_ENUM: tuple[Any, ...] = ("", "nothing", "PRIVATE", "SOUL", 7, [], {}, NUL)
NO_UUID: tuple[Any, ...] = ("", "nonsense", ABSENT + "0", 7, [], {}, NUL, SURROGATE)
NO_WEIGHT: tuple[Any, ...] = (-0.01, 1.01, "heavy", [], float("nan"), float("inf"))


@dataclass(frozen=True)
class Field:
    """A member of a body, and values that it refuses. `body` is good but for this field."""

    path: str
    name: str
    refused: tuple[Any, ...]
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.path} {self.name}"


def _field(path: str, name: str, refused: tuple[Any, ...], /, **body: Any) -> Field:
    return Field(path, name, refused, body)


ENTRIES = "/diaries/{diary}/entries"
SEARCH = "/diaries/search"
SIGN = "/crypto/signing-requests/{request}/sign"
FIELDS = [
    _field("/diaries", "name", (None, "", "x" * 256, *BLANKS, *NO_TEXT)),
    _field("/diaries", "visibility", NO_ENUM, name="x"),
    _field(ENTRIES, "content", (None, "", "x" * 10_001, *BLANKS, *NO_TEXT)),
    _field(ENTRIES, "title", ("x" * 256, *BLANKS, *NO_TEXT), content="x"),
    _field(
        ENTRIES,
        "tags",
        (["x"] * 21 + ["y"], ["x" * 51], [""], [None], [[]], [NUL], [SURROGATE], [" "], {}, 7),
        content="x",
    ),
    _field(ENTRIES, "importance", (0, 11, -1, 10**30, *NO_INTEGER), content="x"),
    _field(ENTRIES, "entryType", NO_ENUM, content="x"),
    _field(SEARCH, "diaryId", NO_UUID),
    _field(SEARCH, "query", ("", "x" * 501, *BLANKS, *NO_TEXT)),
    _field(SEARCH, "tags", ([], ["x" * 51], [""], [NUL], [SURROGATE], [f"t{n}" for n in range(21)], {})),
    _field(SEARCH, "limit", (0, 101, -1, 10**30, *NO_INTEGER)),
    _field(SEARCH, "offset", (-1, 10**30, *NO_INTEGER)),
    _field(SEARCH, "wRelevance", NO_WEIGHT),
    _field(SEARCH, "wRecency", NO_WEIGHT),
    _field(SEARCH, "wImportance", NO_WEIGHT),
    _field(SEARCH, "entryTypes", ([], ["nothing"], ["soul"] * 7, {}, [None], [NUL])),
    _field(SEARCH, "excludeSuperseded", ("perhaps", 2, [], {})),
    _field("/crypto/signing-requests", "message", (None, "", "x" * 100_001, *BLANKS, *NO_TEXT)),
    _field(SIGN, "signature", (None, "", "x" * 89, *NO_TEXT)),
]

BODIES: tuple[Any, ...] = (None, [], "text", 7, True, [{}])


@dataclass(frozen=True)
class Place:
    """Where the bad input goes: an agent, its diary and its signing request."""

    agent: Agent
    diary: str
    request: str

    async def post(self, path: str, body: Any) -> httpx.Response:
        path = path.format(diary=self.diary, request=self.request)
        return await post_json(self.agent.http, path, body, **self.agent.auth)


@pytest_asyncio.fixture(scope="module")
async def place(resident: Agent) -> Place:
    request = expect(await resident.post("/crypto/signing-requests", {"message": "x"}), 201)
    return Place(resident, await resident.diary(), request["id"])


@pytest.mark.parametrize("field", FIELDS, ids=str)
async def test_a_bad_value_is_refused_by_its_name(place: Place, field: Field) -> None:
    for value in field.refused:
        response = await place.post(field.path, {**field.body, field.name: value})
        document = expect_problem(response, ValidationFailed)
        named = document["errors"][0]["field"].strip("/").split("/")[0]
        assert named == field.name, f"{value!r} was told as {document}"


@pytest.mark.parametrize("path", sorted({field.path for field in FIELDS}))
async def test_a_body_that_is_no_object_is_refused(place: Place, path: str) -> None:
    for body in BODIES:
        assert expect_problem(await place.post(path, body), ValidationFailed)["errors"]


QUERIES: dict[str, dict[str, tuple[str, ...]]] = {
    "/diaries/{diary}/entries": {
        "limit": ("0", "101", "-1", "x", "2.5", "9" * 40, "\0"),
        "offset": ("-1", "x", "0.5", "9" * 40),
        "tags": ("", ",", "a,,b", "a,", "x" * 51, ",".join("abcdefghijklmnopqrstu"), "a\0b", "  "),
        "entryType": ("", "nothing", "soul,episodic", "SOUL"),
    },
    "/crypto/signing-requests": {
        "limit": ("0", "101", "x"),
        "offset": ("-1", "x", "9" * 40),
        "status": ("", "done", "pending,", "pending,,expired", "pending\n"),
    },
}
PARAMETERS = [(path, name) for path, query in QUERIES.items() for name in query]


@pytest.mark.parametrize(("path", "name"), PARAMETERS)
async def test_a_bad_query_parameter_is_refused_by_its_name(place: Place, path: str, name: str) -> None:
    for value in QUERIES[path][name]:
        response = await place.agent.get(path.format(diary=place.diary), **{name: value})
        document = expect_problem(response, ValidationFailed)
        assert document["errors"][0]["field"].strip("/").split("/")[0] == name, value


PATHS = [
    "/diaries/{}",
    "/diaries/{}/entries",
    "/diaries/{}/entries/" + ABSENT,
    f"/diaries/{ABSENT}/entries/{{}}",
    "/crypto/signing-requests/{}",
    "/operations/{}",
    "/agents/{}",
    "/problems/{}",
]
SEGMENTS = ("nonsense", "%00", "%ED%A0%80", "%ff", "%E2%80%AE", "..%2f..", "%20", ABSENT + "0", "x" * 4_000)


@pytest.mark.parametrize("path", PATHS)
async def test_a_bad_path_parameter_is_refused(place: Place, path: str) -> None:
    for segment in SEGMENTS:
        response = await place.agent.get(path.format(segment))
        assert response.status_code in (400, 404), (segment, response.text)
        assert response.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "query", ["%00=1", "limit=%ED%A0%80", "limit=%ff", "x=" + "y" * 8_000, "&&&=", "limit=1&limit=x"]
)
async def test_an_odd_query_string_is_no_failure_of_ours(place: Place, query: str) -> None:
    for path in ("/diaries", f"/diaries/{place.diary}/entries", "/crypto/signing-requests"):
        response = await place.agent.http.get(f"{path}?{query}", headers=place.agent.auth)
        assert response.status_code in (200, 400, 414), response.text


@pytest.mark.parametrize(
    "fingerprint", ["0000-0000-0000", "0000-0000-0000-000G", "0000-0000-0000-0000-0000", "000000000000"]
)
async def test_what_is_no_fingerprint_is_refused(http: httpx.AsyncClient, fingerprint: str) -> None:
    expect_problem(await http.get(f"/agents/{fingerprint}"), ValidationFailed)


async def test_an_unknown_fingerprint_is_404(http: httpx.AsyncClient) -> None:
    assert (await http.get("/agents/0000-0000-0000-0000")).status_code == 404


async def test_refused_input_leaves_nothing_behind(agent: Agent) -> None:
    bodies = [{"name": value} for value in ("", " ", NUL, SURROGATE, "x" * 256)]
    await asyncio.gather(*(post_json(agent.http, "/diaries", body, **agent.auth) for body in bodies))
    items = expect(await agent.get("/diaries"), 200)["items"]
    assert [diary["name"] for diary in items] == ["Private"]
