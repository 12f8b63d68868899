"""Bad input in any field of any route: always the client's mistake, told as a problem, never a failure of ours."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from shared.problems import ValidationFailed
from tests.e2e.answers import ABSENT, expect_problem, post_json, send_json

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

    route: str
    name: str
    refused: tuple[Any, ...]
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.route} {self.name}"


def _field(route: str, name: str, refused: tuple[Any, ...], /, **body: Any) -> Field:
    return Field(route, name, refused, body)


ENTRIES = "POST /diaries/{diary}/entries"
SEARCH = "POST /diaries/search"
SIGN = "POST /crypto/signing-requests/{request}/sign"
DIARY = "PATCH /diaries/{diary}"
ENTRY = "PATCH /diaries/{diary}/entries/{entry}"
SHARE = "POST /diaries/{diary}/share"
ATTACH = "POST /diaries/{diary}/entries/{entry}/signature"
NO_TAGS: tuple[Any, ...] = (
    ["x"] * 21 + ["y"],
    ["x" * 51],
    [""],
    [None],
    [[]],
    [NUL],
    [SURROGATE],
    [" "],
    {},
    7,
)
NO_MOMENT: tuple[Any, ...] = (
    "",
    "yesterday",
    "2026-13-01T00:00:00Z",
    "2026-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    [],
    {},
    NUL,
)
NO_FINGERPRINT: tuple[Any, ...] = (
    None,
    "",
    "0000-0000-0000",
    "0000-0000-0000-000G",
    "0000-0000-0000-0000\n",
    *NO_TEXT,
)
FIELDS = [
    _field("POST /diaries", "name", (None, "", "x" * 256, *BLANKS, *NO_TEXT)),
    _field("POST /diaries", "visibility", NO_ENUM, name="x"),
    _field(ENTRIES, "content", (None, "", "x" * 10_001, *BLANKS, *NO_TEXT)),
    _field(ENTRIES, "title", ("x" * 256, *BLANKS, *NO_TEXT), content="x"),
    _field(ENTRIES, "tags", NO_TAGS, content="x"),
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
    _field("POST /crypto/signing-requests", "message", (None, "", "x" * 100_001, *BLANKS, *NO_TEXT)),
    _field(SIGN, "signature", (None, "", "x" * 89, *NO_TEXT)),
    _field(
        SEARCH, "excludeTags", ([], ["x" * 51], [""], [NUL], [SURROGATE], [f"t{n}" for n in range(21)], {})
    ),
    _field(SEARCH, "createdAfter", NO_MOMENT),
    _field(SEARCH, "createdBefore", NO_MOMENT),
    _field(SEARCH, "includeFlagged", ("perhaps", 2, [], {})),
    _field(SEARCH, "maxTokens", (0, -1, 10**30, *NO_INTEGER)),
    _field(DIARY, "name", ("", "x" * 256, *BLANKS, *NO_TEXT)),
    _field(DIARY, "visibility", NO_ENUM),
    _field(ENTRY, "content", ("", "x" * 10_001, *BLANKS, *NO_TEXT)),
    _field(ENTRY, "title", ("x" * 256, *BLANKS, *NO_TEXT)),
    _field(ENTRY, "tags", NO_TAGS),
    _field(ENTRY, "importance", (0, 11, -1, 10**30, *NO_INTEGER)),
    _field(ENTRY, "entryType", NO_ENUM),
    _field(ENTRY, "supersededBy", NO_UUID),
    _field(SHARE, "fingerprint", NO_FINGERPRINT),
    _field(SHARE, "role", ("", "owner", "READER", 7, [], {}, NUL), fingerprint="0000-0000-0000-0000"),
    _field(ATTACH, "signingRequestId", (None, *NO_UUID)),
]

BODIES: tuple[Any, ...] = (None, [], "text", 7, True, [{}])


@dataclass(frozen=True)
class Place:
    """Where the bad input goes: an agent, its diary with an entry, and its signing request."""

    agent: Agent
    diary: str
    entry: str
    request: str

    async def send(self, route: str, body: Any) -> httpx.Response:
        method, path = route.format(diary=self.diary, entry=self.entry, request=self.request).split()
        return await send_json(self.agent.http, method, path, body, **self.agent.auth)


@pytest_asyncio.fixture(scope="module")
async def place(resident: Agent) -> Place:
    request = expect(await resident.post("/crypto/signing-requests", {"message": "x"}), 201)
    diary = await resident.diary()
    return Place(
        resident, diary, (await resident.write(diary, "An entry to be changed."))["id"], request["id"]
    )


@pytest.mark.parametrize("field", FIELDS, ids=str)
async def test_a_bad_value_is_refused_by_its_name(place: Place, field: Field) -> None:
    for value in field.refused:
        response = await place.send(field.route, {**field.body, field.name: value})
        document = expect_problem(response, ValidationFailed)
        named = document["errors"][0]["field"].strip("/").split("/")[0]
        assert named == field.name, f"{value!r} was told as {document}"


@pytest.mark.parametrize("route", sorted({field.route for field in FIELDS}))
async def test_a_body_that_is_no_object_is_refused(place: Place, route: str) -> None:
    for body in BODIES:
        assert expect_problem(await place.send(route, body), ValidationFailed)["errors"]


QUERIES: dict[str, dict[str, tuple[str, ...]]] = {
    "/diaries/{diary}/entries": {
        "limit": ("0", "101", "-1", "x", "2.5", "9" * 40, "\0"),
        "offset": ("-1", "x", "0.5", "9" * 40),
        "tags": ("", ",", "a,,b", "a,", "x" * 51, ",".join("abcdefghijklmnopqrstu"), "a\0b", "  "),
        "entryType": ("", "nothing", "soul,episodic", "SOUL"),
    },
    "/diaries/reflect?diaryId={diary}": {
        "days": ("0", "366", "-1", "x", "2.5", "9" * 40),
        "maxEntries": ("0", "201", "x", "9" * 40),
        "entryTypes": ("", "nothing", "soul,", "SOUL"),
    },
    "/diaries/reflect": {"diaryId": ("", "nonsense", ABSENT + "0", "\0")},
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
        url = httpx.URL(path.format(diary=place.diary)).copy_merge_params({name: value})
        response = await place.agent.http.get(url, headers=place.agent.auth)
        document = expect_problem(response, ValidationFailed)
        assert document["errors"][0]["field"].strip("/").split("/")[0] == name, value


PATHS = [
    "/diaries/{}",
    "/diaries/{}/entries",
    "/diaries/{}/entries/" + ABSENT,
    f"/diaries/{ABSENT}/entries/{{}}",
    f"/diaries/{ABSENT}/entries/{{}}/verify",
    "/diaries/{}/chain",
    "/diaries/{}/share",
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
