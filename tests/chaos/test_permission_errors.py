"""A permission server that answers with errors is away: told so, nothing decided, and made good afterwards."""

import httpx
import pytest

from local.agent import Agent, expect
from shared.problems import NotFound, ServiceUnavailable
from tests.e2e.answers import expect_problem

from .fault_proxy import CHECK, DELETE_TUPLES, WRITE_OWNER_TUPLE, Fault
from .world import World

ANSWERS = [Fault.ERROR, Fault.REFUSAL]
KEY = {"idempotency-key": "written-when-it-is-back"}


async def _shared_diary(owner: Agent, reader: Agent) -> str:
    diary_id = await owner.diary()
    body = {"fingerprint": reader.fingerprint}
    share = expect(await owner.post(f"/diaries/{diary_id}/share", body), 201)
    expect(await reader.post(f"/diaries/invitations/{share['id']}/accept"), 200)
    return diary_id


@pytest.mark.parametrize("fault", ANSWERS)
async def test_what_it_has_to_decide_is_not_now_and_what_it_has_not_goes_on(
    world: World, fault: Fault
) -> None:
    agent = await world.agent()
    private, public = await agent.diary(), await agent.diary(visibility="public")
    with world.proxy.failing(CHECK, fault):
        refused = await agent.get(f"/diaries/{private}")
        read = await agent.get(f"/diaries/{public}")
    expect_problem(refused, ServiceUnavailable)
    assert "retry-after" in refused.headers
    expect(read, 200)


@pytest.mark.parametrize("fault", ANSWERS)
async def test_a_write_it_could_not_decide_may_be_sent_again_under_its_key(
    world: World, fault: Fault
) -> None:
    agent = await world.agent()
    path = f"/diaries/{await agent.diary()}/entries"
    with world.proxy.failing(CHECK, fault):
        expect_problem(await agent.post(path, {"content": "Later."}, **KEY), ServiceUnavailable)
    expect(await agent.post(path, {"content": "Later."}, **KEY), 201)


@pytest.mark.parametrize("fault", ANSWERS)
async def test_a_revocation_it_did_not_take_at_first_is_in_force_when_answered(
    world: World, fault: Fault
) -> None:
    owner, reader = await world.agent(), await world.agent()
    diary_id = await _shared_diary(owner, reader)
    with world.proxy.failing(DELETE_TUPLES, fault, times=2):
        revoked = await _revoke(owner, diary_id, reader)
    expect(revoked, 200)
    expect_problem(await reader.get(f"/diaries/{diary_id}"), NotFound)


async def _revoke(owner: Agent, diary_id: str, reader: Agent) -> httpx.Response:
    path = f"/diaries/{diary_id}/share/{reader.fingerprint}"
    return await owner.http.delete(path, headers=owner.auth)


async def test_a_grant_it_did_not_take_at_first_is_made_good(world: World) -> None:
    agent = await world.agent()
    with world.proxy.failing(WRITE_OWNER_TUPLE, Fault.REFUSAL, times=2):
        diary_id = await agent.diary()
    await agent.write(diary_id, "Mine.")
