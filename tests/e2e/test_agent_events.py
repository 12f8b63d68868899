"""What an agent is told of as it happens, and what it is not told of."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from shared.contracts.scopes import Scope
from shared.problems import Forbidden, RateLimitExceeded, Unauthorized
from tests.e2e.answers import expect_problem, is_timestamp
from tests.e2e.company import Company
from tests.e2e.test_signed_entries import signed_entry
from tests.streams import Events, StreamReader

MOST = 5


@dataclass
class Listener:
    """An agent, and the stream of what it is told."""

    agent: Agent
    reader: StreamReader

    @classmethod
    def of(cls, agent: Agent) -> "Listener":
        return cls(agent, StreamReader("/events", headers=dict(agent.auth)))


@pytest_asyncio.fixture(scope="module")
async def owner(company: Company) -> Agent:
    return await company.newcomer()


@pytest.fixture
def listener(agent: Agent) -> Listener:
    return Listener.of(agent)


async def _next(events: Events) -> dict[str, Any]:
    """The next event, whose kind is told twice."""
    event = await anext(events)
    told: dict[str, Any] = json.loads(event.data)
    assert told["type"] == event.event
    assert is_timestamp(told.pop("time"))
    return told


async def _until(events: Events, **members: str) -> list[dict[str, Any]]:
    """All that is told, up to the event with these members. Events of different commands come in any order."""
    told: list[dict[str, Any]] = []
    while not told or not members.items() <= told[-1].items():
        told.append(await _next(events))
    return told


def _kinds(told: list[dict[str, Any]], diary: str) -> set[str]:
    """What was told of a diary."""
    return {one["type"] for one in told if one.get("diaryId") == diary}


async def _invite(owner: Agent, diary: str, invitee: Agent, role: str = "reader") -> str:
    wanted = {"fingerprint": invitee.fingerprint, "role": role}
    return str(expect(await owner.post(f"/diaries/{diary}/share", wanted), 201)["id"])


async def _share(owner: Agent, diary: str, invitee: Agent) -> str:
    share = await _invite(owner, diary, invitee)
    expect(await invitee.post(f"/diaries/invitations/{share}/accept"), 200)
    return share


async def _delete(agent: Agent, path: str) -> None:
    expect(await agent.http.delete(path, headers=agent.auth), 200)


async def test_an_invitation_is_told_to_both_sides(owner: Agent, listener: Listener) -> None:
    diary = await owner.diary()
    async with (
        listener.reader.connect(owner.http) as invited,
        Listener.of(owner).reader.connect(owner.http) as inviting,
    ):
        share = await _invite(owner, diary, listener.agent, "writer")
        expected = {
            "type": "share_changed",
            "shareId": share,
            "diaryId": diary,
            "sharedWith": listener.agent.identity_id,
            "role": "writer",
            "status": "pending",
        }
        assert await _next(invited) == expected
        assert await _next(inviting) == expected
        expect(await listener.agent.post(f"/diaries/invitations/{share}/decline"), 200)
        assert (await _next(inviting))["status"] == "declined"


async def test_changes_in_a_shared_diary_are_told_without_their_content(
    owner: Agent, listener: Listener
) -> None:
    diary = await owner.diary()
    await _share(owner, diary, listener.agent)
    async with listener.reader.connect(owner.http) as events:
        entry = (await owner.write(diary, "The safe's combination is 4711", title="Secret"))["id"]
        path = f"/diaries/{diary}/entries/{entry}"
        created = {"type": "entry_created", "entryId": entry, "diaryId": diary}
        assert (await _until(events, type="entry_created"))[-1] == created
        expect(await owner.http.patch(path, json={"importance": 9}, headers=owner.auth), 200)
        assert await _next(events) == {"type": "entry_updated", "entryId": entry, "diaryId": diary}
        await _delete(owner, path)
        assert await _next(events) == {"type": "entry_deleted", "entryId": entry, "diaryId": diary}
        await _delete(owner, f"/diaries/{diary}")
        gone = {"type": "diary_deleted", "diaryId": diary, "ownerId": owner.identity_id}
        assert await _next(events) == gone


async def test_each_entry_whose_successor_was_deleted_is_told_as_changed(
    owner: Agent, listener: Listener
) -> None:
    diary = await listener.agent.diary()
    first, second, successor = [
        (await listener.agent.write(diary, text))["id"] for text in ("one", "two", "three")
    ]
    async with listener.reader.connect(owner.http) as events:
        for entry in (first, second):
            path, body = f"/diaries/{diary}/entries/{entry}", {"supersededBy": successor}
            expect(await owner.http.patch(path, json=body, headers=listener.agent.auth), 200)
            await _until(events, type="entry_updated", entryId=entry)
        await _delete(listener.agent, f"/diaries/{diary}/entries/{successor}")
        told = [await _next(events) for _ in range(3)]
    assert {(event["type"], event["entryId"]) for event in told} == {
        ("entry_updated", first),
        ("entry_updated", second),
        ("entry_deleted", successor),
    }


async def test_a_signature_is_told_to_those_who_may_read_the_entry(owner: Agent, listener: Listener) -> None:
    diary = await owner.diary()
    await _share(owner, diary, listener.agent)
    async with listener.reader.connect(owner.http) as events:
        _, entry = await signed_entry(owner, diary, "Witnessed")
        assert (await _until(events, type="entry_signed"))[-1] == {
            "type": "entry_signed",
            "entryId": entry["id"],
            "diaryId": diary,
            "signedBy": owner.identity_id,
        }


async def test_a_signing_request_is_told_when_it_begins_and_when_it_ends(
    owner: Agent, listener: Listener
) -> None:
    async with listener.reader.connect(owner.http) as events:
        asked = {"message": "I was here"}
        request = expect(await listener.agent.post("/crypto/signing-requests", asked), 201)
        assert await _next(events) == {
            "type": "signing_request_created",
            "requestId": request["id"],
            "agentId": listener.agent.identity_id,
            "expiresAt": request["expiresAt"],
        }
        signature = listener.agent.sign(request["signingPayload"].encode())
        path = f"/crypto/signing-requests/{request['id']}/sign"
        expect(await listener.agent.post(path, {"signature": signature}), 200)
        done = await _next(events)
        assert (done["type"], done["status"], done["valid"]) == (
            "signing_request_completed",
            "completed",
            True,
        )


async def test_a_reader_that_comes_back_hears_what_it_has_missed_at_any_gateway(
    doors: list[httpx.AsyncClient], household: Company
) -> None:
    agent = await household.newcomer()
    listener = Listener.of(agent)
    async with listener.reader.connect(doors[0]) as events:
        seen = [await agent.diary()]
        assert (await _next(events))["diaryId"] == seen[0]
    missed = [await agent.diary() for _ in range(3)]
    async with listener.reader.connect(doors[1]) as events:
        assert [(await _next(events))["diaryId"] for _ in missed] == missed
    async with listener.reader.connect(doors[0]) as events:
        after = await agent.diary()
        assert (await _next(events))["diaryId"] == after


async def test_a_reader_whose_share_was_taken_back_hears_nothing_more_of_the_diary(
    owner: Agent, listener: Listener
) -> None:
    diary, other = await owner.diary(), await owner.diary()
    await _share(owner, diary, listener.agent)
    async with (
        listener.reader.connect(owner.http) as events,
        Listener.of(owner).reader.connect(owner.http) as own,
    ):
        await _delete(owner, f"/diaries/{diary}/share/{listener.agent.fingerprint}")
        await _until(events, status="revoked")
        entry = await owner.write(diary, "Not for you")
        await _until(own, entryId=entry["id"])
        await _invite(owner, other, listener.agent)
        assert _kinds(await _until(events, diaryId=other), diary) <= {"share_changed"}


async def test_what_was_missed_is_told_only_as_far_as_permissions_go_now(
    owner: Agent, listener: Listener
) -> None:
    diary, other = await owner.diary(), await owner.diary()
    await _share(owner, diary, listener.agent)
    async with listener.reader.connect(owner.http):
        """Only to learn its place."""
    async with Listener.of(owner).reader.connect(owner.http) as own:
        entry = await owner.write(diary, "Written while the reader was let in")
        await _until(own, entryId=entry["id"])
    await _delete(owner, f"/diaries/{diary}/share/{listener.agent.fingerprint}")
    await _invite(owner, other, listener.agent)
    async with listener.reader.connect(owner.http) as events:
        assert _kinds(await _until(events, diaryId=other), diary) == {"share_changed"}


async def test_strangers_are_told_nothing_of_any_diary(
    owner: Agent, listener: Listener, stranger: Agent
) -> None:
    async with (
        listener.reader.connect(owner.http) as events,
        Listener.of(owner).reader.connect(owner.http) as own,
    ):
        for visibility in ("private", "moltnet", "public"):
            diary = await owner.diary("d", visibility)
            await _share(owner, diary, stranger)
            entry = await owner.write(diary, "x")
            await _until(own, entryId=entry["id"])
        request = expect(await owner.post("/crypto/signing-requests", {"message": "x"}), 201)
        await _until(own, requestId=request["id"])
        mine = await listener.agent.diary()
        assert (await _next(events))["diaryId"] == mine


async def _with_scope(agent: Agent, *scopes: Scope) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": agent.client_id,
        "client_secret": agent.client_secret,
        "scope": " ".join(scopes),
    }
    token = expect(await agent.http.post("/oauth2/token", data=form), 200)["access_token"]
    return {"authorization": f"Bearer {token}"}


async def test_a_token_without_the_scope_to_sign_hears_nothing_of_signing(
    owner: Agent, listener: Listener
) -> None:
    listener.reader.headers = await _with_scope(listener.agent, Scope.DIARY_READ)
    async with (
        listener.reader.connect(owner.http) as events,
        Listener.of(listener.agent).reader.connect(owner.http) as all_events,
    ):
        request = expect(await listener.agent.post("/crypto/signing-requests", {"message": "x"}), 201)
        await _until(all_events, requestId=request["id"])
        mine = await listener.agent.diary()
        assert (await _next(events))["diaryId"] == mine
    headers = await _with_scope(listener.agent, Scope.CRYPTO_SIGN)
    expect_problem(await owner.http.get("/events", headers=headers), Forbidden)


async def test_the_stream_is_for_agents_alone(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"authorization": "Bearer x.y.z"}):
        expect_problem(await http.get("/events", headers=headers), Unauthorized)


async def test_an_agent_has_five_streams_at_a_time(agent: Agent) -> None:
    streams = [agent.http.stream("GET", "/events", headers=agent.auth) for _ in range(MOST)]
    for stream in streams:
        assert (await stream.__aenter__()).status_code == 200
    expect_problem(await agent.get("/events"), RateLimitExceeded)
    for stream in streams:
        await stream.__aexit__(None, None, None)


async def test_what_it_answers_is_kept_by_nobody(agent: Agent) -> None:
    answer = await agent.http.head("/events", headers=agent.auth)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store, no-cache, must-revalidate"
