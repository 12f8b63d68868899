"""Invitations: sent, listed, answered once, taken back, and sent again."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from local.agent import Agent, expect
from shared.problems import Conflict, NotFound, ValidationFailed
from tests.e2e.answers import expect_problem, is_timestamp

MEMBERS = ["id", "diaryId", "sharedWith", "role", "status", "invitedAt", "respondedAt"]
UNKNOWN = "0000-0000-0000-0000"


@pytest.fixture
def owner(resident: Agent) -> Agent:
    return resident


async def invite(owner: Agent, diary: str, invitee: Agent, role: str = "reader") -> dict[str, Any]:
    """The pending share."""
    body = {"fingerprint": invitee.fingerprint, "role": role}
    return dict(expect(await owner.post(f"/diaries/{diary}/share", body), 201))


async def answer(invitee: Agent, share: dict[str, Any], verdict: str) -> dict[str, Any]:
    """The share after the invitee's `accept` or `decline`."""
    return dict(expect(await invitee.post(f"/diaries/invitations/{share['id']}/{verdict}"), 200))


async def revoke(owner: Agent, diary: str, invitee: Agent) -> None:
    url = f"/diaries/{diary}/share/{invitee.fingerprint}"
    expect(await owner.http.delete(url, headers=owner.auth), 200)


async def shares(owner: Agent, diary: str) -> list[dict[str, Any]]:
    return list(expect(await owner.get(f"/diaries/{diary}/share"), 200)["shares"])


async def invitations(agent: Agent) -> list[dict[str, Any]]:
    return list(expect(await agent.get("/diaries/invitations"), 200)["invitations"])


async def test_an_invitation_is_the_same_for_both_sides_until_it_is_answered(
    owner: Agent, agent: Agent
) -> None:
    diary = await owner.diary()
    share = await invite(owner, diary, agent, "writer")
    assert list(share) == MEMBERS
    assert (share["diaryId"], share["sharedWith"]) == (diary, agent.identity_id)
    assert (share["role"], share["status"], share["respondedAt"]) == ("writer", "pending", None)
    assert is_timestamp(share["invitedAt"])
    assert await shares(owner, diary) == await invitations(agent) == [share]
    accepted = await answer(agent, share, "accept")
    assert is_timestamp(accepted["respondedAt"])
    assert accepted == {**share, "status": "accepted", "respondedAt": accepted["respondedAt"]}
    assert await shares(owner, diary) == [accepted]
    assert await invitations(agent) == []


async def test_what_was_declined_or_taken_back_is_listed_to_nobody(
    owner: Agent, agent: Agent, stranger: Agent
) -> None:
    diary = await owner.diary()
    await answer(agent, await invite(owner, diary, agent), "decline")
    await invite(owner, diary, stranger)
    await revoke(owner, diary, stranger)
    assert await shares(owner, diary) == await invitations(agent) == await invitations(stranger) == []


@pytest.mark.parametrize("ending", ["decline", "revoke"])
async def test_an_ended_share_is_used_again_by_the_next_invitation(
    owner: Agent, agent: Agent, ending: str
) -> None:
    diary = await owner.diary()
    first = await invite(owner, diary, agent)
    if ending == "decline":
        await answer(agent, first, "decline")
    else:
        await revoke(owner, diary, agent)
    assert await invite(owner, diary, agent, "writer") == {**first, "role": "writer"}


async def test_of_two_answers_at_once_one_wins(owner: Agent, agent: Agent) -> None:
    diary = await owner.diary()
    share = await invite(owner, diary, agent)
    url = f"/diaries/invitations/{share['id']}"
    answers = await asyncio.gather(agent.post(f"{url}/accept"), agent.post(f"{url}/decline"))
    won, lost = sorted(answers, key=lambda response: response.status_code)
    expect_problem(lost, ValidationFailed)
    accepted = expect(won, 200)["status"] == "accepted"
    assert len(await shares(owner, diary)) == accepted
    assert (await agent.get(f"/diaries/{diary}")).status_code == (200 if accepted else 404)


async def test_of_two_invitations_at_once_one_is_made(owner: Agent, agent: Agent) -> None:
    diary = await owner.diary()
    body = {"fingerprint": agent.fingerprint}
    sent = await asyncio.gather(*(owner.post(f"/diaries/{diary}/share", body) for _ in range(2)))
    made, refused = sorted(sent, key=lambda response: response.status_code)
    expect_problem(refused, Conflict)
    assert await invitations(agent) == [expect(made, 201)]


@pytest.mark.parametrize("verdict", ["accept", "decline"])
async def test_an_invitation_is_there_for_its_invitee_alone(
    owner: Agent, agent: Agent, stranger: Agent, verdict: str
) -> None:
    share = await invite(owner, await owner.diary(), agent)
    for other in (owner, stranger):
        expect_problem(await other.post(f"/diaries/invitations/{share['id']}/{verdict}"), NotFound)
    assert await invitations(agent) == [share]


async def test_ten_invitations_of_an_owner_may_wait_for_one_agent(agent: Agent, stranger: Agent) -> None:
    diaries = await asyncio.gather(*(agent.diary() for _ in range(11)))
    body = {"fingerprint": stranger.fingerprint}
    sent = await asyncio.gather(*(agent.post(f"/diaries/{diary}/share", body) for diary in diaries))
    assert Counter(response.status_code for response in sent) == {201: 10, 409: 1}
    waiting = await invitations(stranger)
    assert len(waiting) == 10
    await answer(stranger, waiting[0], "decline")
    shared = {share["diaryId"] for share in waiting}
    await invite(agent, next(diary for diary in diaries if diary not in shared), stranger)


async def test_invitations_and_shares_come_by_the_page(owner: Agent, agent: Agent, stranger: Agent) -> None:
    diary = await owner.diary()
    first, second = await invite(owner, diary, agent), await invite(owner, diary, stranger)
    page = expect(await owner.get(f"/diaries/{diary}/share", limit=1, offset=1), 200)
    assert page == {"shares": [first], "total": 2}
    other = await invite(owner, await owner.diary(), stranger)
    pages = [expect(await stranger.get("/diaries/invitations", limit=1, offset=n), 200) for n in range(3)]
    assert [page["invitations"] for page in pages] == [[other], [second], []]
    assert {page["total"] for page in pages} == {2}


async def test_an_invitation_taken_back_cannot_be_accepted(owner: Agent, agent: Agent) -> None:
    diary = await owner.diary()
    share = await invite(owner, diary, agent)
    for _ in range(2):
        await revoke(owner, diary, agent)
    expect_problem(await agent.post(f"/diaries/invitations/{share['id']}/accept"), ValidationFailed)
    expect_problem(await agent.get(f"/diaries/{diary}"), NotFound)


async def test_who_is_unknown_can_be_neither_invited_nor_shut_out(owner: Agent, agent: Agent) -> None:
    diary = await owner.diary()
    expect_problem(await owner.post(f"/diaries/{diary}/share", {"fingerprint": UNKNOWN}), NotFound)
    for fingerprint in (UNKNOWN, agent.fingerprint):
        url = f"/diaries/{diary}/share/{fingerprint}"
        expect_problem(await owner.http.delete(url, headers=owner.auth), NotFound)


async def test_nobody_is_invited_to_a_diary_of_their_own(owner: Agent) -> None:
    diary = await owner.diary()
    body = {"fingerprint": owner.fingerprint}
    expect_problem(await owner.post(f"/diaries/{diary}/share", body), ValidationFailed)
