"""Who may read and write what: every visibility, for its owner, for a stranger and for anyone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from shared.problems import Forbidden, NotFound, Problem, Unauthorized
from tests.e2e.answers import ABSENT, expect_problem
from tests.e2e.company import Company

SECRET = "The combination of the safe is 4711"
QUERIES = (
    SECRET,
    "safe",
    "combination of the safe",
    "What opens the strongbox?",
    '"The combination"',
    "safe or 4711",
    "safe -nothing",
    "-nothing",
    "4711",
    "the",
    "*",
    "%",
)


@dataclass(frozen=True)
class Shelf:
    """One agent's diary of each visibility, with one entry each."""

    owner: Agent
    diaries: dict[str, str]
    entries: dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def shelf(company: Company) -> Shelf:
    owner = await company.newcomer()
    names = ("private", "moltnet", "public")
    diaries = {name: await owner.diary(name, name) for name in names}
    entries = {name: (await owner.write(diaries[name], SECRET, tags=["safe"]))["id"] for name in names}
    return Shelf(owner, diaries, entries)


@pytest_asyncio.fixture(scope="module")
async def other(company: Company) -> Agent:
    """An agent the owner has nothing to do with."""
    return await company.newcomer()


READS: dict[str, Callable[[str, str], tuple[str, str, dict[str, str] | None]]] = {
    "diary": lambda diary, entry: ("GET", f"/diaries/{diary}", None),
    "list": lambda diary, entry: ("GET", f"/diaries/{diary}/entries", None),
    "entry": lambda diary, entry: ("GET", f"/diaries/{diary}/entries/{entry}", None),
    "search": lambda diary, entry: ("POST", "/diaries/search", {"diaryId": diary, "query": "safe"}),
    "search without a query": lambda diary, entry: ("POST", "/diary/search", {"diaryId": diary}),
}


async def _read(
    http: httpx.AsyncClient, kind: str, diary: str, entry: str, headers: dict[str, str]
) -> httpx.Response:
    method, path, body = READS[kind](diary, entry)
    return await http.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("visibility", ["private", "moltnet", "public"])
async def test_the_owner_reads_everything(shelf: Shelf, visibility: str, kind: str) -> None:
    diary, entry = shelf.diaries[visibility], shelf.entries[visibility]
    expect(await _read(shelf.owner.http, kind, diary, entry, shelf.owner.auth), 200)


@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("visibility", ["moltnet", "public"])
async def test_any_agent_reads_what_is_open_to_agents(
    shelf: Shelf, other: Agent, visibility: str, kind: str
) -> None:
    diary, entry = shelf.diaries[visibility], shelf.entries[visibility]
    expect(await _read(other.http, kind, diary, entry, other.auth), 200)


@pytest.mark.parametrize("kind", READS)
async def test_a_private_diary_does_not_exist_for_others(shelf: Shelf, other: Agent, kind: str) -> None:
    hidden = await _read(other.http, kind, shelf.diaries["private"], shelf.entries["private"], other.auth)
    absent = await _read(other.http, kind, ABSENT, ABSENT, other.auth)
    assert (
        expect_problem(hidden, NotFound)["detail"],
        hidden.headers.keys(),
    ) == (expect_problem(absent, NotFound)["detail"], absent.headers.keys())


@pytest.mark.parametrize("kind", READS)
async def test_anyone_reads_what_is_public(http: httpx.AsyncClient, shelf: Shelf, kind: str) -> None:
    expect(await _read(http, kind, shelf.diaries["public"], shelf.entries["public"], {}), 200)


@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("visibility", ["private", "moltnet", "absent"])
async def test_anyone_without_a_token_is_asked_for_one_alike(
    http: httpx.AsyncClient, shelf: Shelf, visibility: str, kind: str
) -> None:
    diary, entry = shelf.diaries.get(visibility, ABSENT), shelf.entries.get(visibility, ABSENT)
    expect_problem(await _read(http, kind, diary, entry, {}), Unauthorized)


@pytest.mark.parametrize(
    ("visibility", "refusal"), [("private", NotFound), ("moltnet", Forbidden), ("public", Forbidden)]
)
async def test_a_stranger_writes_nowhere(
    shelf: Shelf, other: Agent, visibility: str, refusal: type[Problem]
) -> None:
    diary = shelf.diaries[visibility]
    expect_problem(await other.post(f"/diaries/{diary}/entries", {"content": "graffiti"}), refusal)
    page = expect(await shelf.owner.get(f"/diaries/{diary}/entries"), 200)
    assert [entry["content"] for entry in page["items"]] == [SECRET]


@pytest.mark.parametrize("visibility", ["private", "moltnet", "public"])
async def test_nobody_writes_without_a_token(http: httpx.AsyncClient, shelf: Shelf, visibility: str) -> None:
    path = f"/diaries/{shelf.diaries[visibility]}/entries"
    expect_problem(await http.post(path, json={"content": "graffiti"}), Unauthorized)


@pytest.mark.parametrize("path", ["/diaries/search", "/diary/search"])
async def test_a_search_of_everything_needs_a_token(http: httpx.AsyncClient, path: str) -> None:
    expect_problem(await http.post(path, json={"query": "safe"}), Unauthorized)


async def test_a_strangers_search_never_finds_what_is_not_theirs(shelf: Shelf, other: Agent) -> None:
    bodies = [{"query": query, "limit": 100, "wRecency": 1, "wImportance": 1} for query in QUERIES]
    bodies += [{"limit": 100}, {"tags": ["safe"]}, {"entryTypes": ["semantic"]}, {"offset": 1}]
    answers = await asyncio.gather(*(other.post("/diaries/search", body) for body in bodies))
    assert [expect(answer, 200)["results"] for answer in answers] == [[]] * len(bodies)


async def test_naming_a_private_diary_in_a_search_opens_nothing(shelf: Shelf, other: Agent) -> None:
    bodies = [{"query": query, "diaryId": shelf.diaries["private"]} for query in QUERIES]
    for answer in await asyncio.gather(*(other.post("/diaries/search", body) for body in bodies)):
        expect_problem(answer, NotFound)


async def test_the_owner_finds_the_entry_in_each_of_the_diaries(shelf: Shelf) -> None:
    found = await shelf.owner.search("combination of the safe")
    assert {entry["id"] for entry in found["results"]} == set(shelf.entries.values())


async def test_an_unusable_token_reads_what_anyone_may(http: httpx.AsyncClient, shelf: Shelf) -> None:
    headers = {"authorization": "Bearer nonsense"}
    expect(await http.get(f"/diaries/{shelf.diaries['public']}", headers=headers), 200)
    expect_problem(await http.get(f"/diaries/{shelf.diaries['moltnet']}", headers=headers), Unauthorized)


async def test_a_signing_request_does_not_exist_for_others(shelf: Shelf, other: Agent) -> None:
    made = expect(await shelf.owner.post("/crypto/signing-requests", {"message": "mine"}), 201)
    path = f"/crypto/signing-requests/{made['id']}"
    expect_problem(await other.get(path), NotFound)
    expect_problem(await other.post(f"{path}/sign", {"signature": "x"}), NotFound)
    assert expect(await other.get("/crypto/signing-requests"), 200)["items"] == []
