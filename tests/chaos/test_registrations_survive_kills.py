"""kill -9 in the middle of many registrations: a voucher ends in an agent that can log in, or whole again."""

import asyncio
from dataclasses import dataclass

import pytest

from local.agent import Agent

from .applicants import Applicant
from .census import Census
from .ory_state import identities
from .polling import eventually
from .world import World

APPLICANTS = 20
FIRST_SIGNS = 2
"""The kill comes when so many identities of the rush exist: most registrations are on their way then."""


@dataclass(frozen=True)
class Rush:
    """What became of everyone, once all parts are well again and the durable work has ended."""

    world: World
    applicants: list[Applicant]
    census: Census
    spent_by: dict[str, str | None]

    @property
    def registered(self) -> list[Applicant]:
        return [one for one in self.applicants if one.registered]


@pytest.fixture(scope="module", params=["identity", "diary", "ory"])
async def rush(request: pytest.FixtureRequest, world: World) -> Rush:
    victim: str = request.param
    vouchers = [await world.voucher() for _ in range(APPLICANTS)]
    applicants = [Applicant(Agent(world.http), voucher) for voucher in vouchers]
    before = await _identities(world)
    async with asyncio.TaskGroup() as group:
        for applicant in applicants:
            group.create_task(applicant.register())
        await eventually(lambda: _identities(world), lambda count: count >= before + FIRST_SIGNS)
        await world.killed(victim)
    await world.stack.ready()
    census = await eventually(lambda: Census.take(world), lambda seen: not seen.flaws)
    return Rush(world, applicants, census, await _spent_by(world, vouchers))


async def _identities(world: World) -> int:
    return len(await identities(world.ory))


async def _spent_by(world: World, vouchers: list[str]) -> dict[str, str | None]:
    rows = await world.rows(
        "SELECT code, redeemed_by::text FROM agent_vouchers WHERE code = ANY($1)", vouchers
    )
    return {row["code"]: row["redeemed_by"] for row in rows}


async def test_every_registration_ends_well_or_is_undone_aloud(rush: Rush) -> None:
    assert {one.voucher: one.statuses for one in rush.applicants if one.outcome not in (200, 502)} == {}


async def test_nobody_meets_an_internal_error_or_silence(rush: Rush) -> None:
    seen = {status for one in rush.applicants for status in one.statuses}
    assert seen <= {200, 202, 502, 503}


async def test_nobody_is_half_an_agent(rush: Rush) -> None:
    assert rush.census.flaws == {}


async def test_a_voucher_is_spent_by_who_was_told_so_or_is_whole(rush: Rush) -> None:
    told = {one.voucher: one.agent.identity_id if one.registered else None for one in rush.applicants}
    assert rush.spent_by == told


async def test_whoever_was_registered_can_log_in_and_has_a_private_diary(rush: Rush) -> None:
    belongings = [await one.belongings() for one in rush.registered]
    assert belongings == [(one.agent.public_key, ["Private"]) for one in rush.registered]
