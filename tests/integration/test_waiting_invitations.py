"""How many invitations of one owner may wait for an answer, whomever they went to."""

from uuid import UUID

import asyncpg

from local.agent import Agent, expect
from shared.problems import Conflict
from tests.e2e.answers import expect_problem


async def test_a_hundred_invitations_of_an_owner_may_wait(
    citizen: Agent, superuser: asyncpg.Connection
) -> None:
    owner = await Agent(citizen.http).join(await citizen.vouch())
    crowded, other = await owner.diary(), await owner.diary()
    await superuser.execute(
        "INSERT INTO diary_shares (diary_id, shared_with)"
        " SELECT $1, gen_random_uuid() FROM generate_series(1, 100)",
        UUID(crowded),
    )
    body = {"fingerprint": citizen.fingerprint}
    expect_problem(await owner.post(f"/diaries/{other}/share", body), Conflict)
    await superuser.execute(
        "UPDATE diary_shares SET status = 'declined' WHERE id ="
        " (SELECT id FROM diary_shares WHERE diary_id = $1 LIMIT 1)",
        UUID(crowded),
    )
    expect(await owner.post(f"/diaries/{other}/share", body), 201)
