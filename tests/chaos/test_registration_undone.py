"""A registration that fails at one of its steps leaves nothing behind, and the voucher is as good as before."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from local.agent import Agent

from .census import Census
from .fault_proxy import CREATE_CLIENT, CREATE_IDENTITY, WRITE_SELF_TUPLE, Call, Fault
from .journal import ACCEPTED, follow
from .polling import eventually
from .world import World

Harm = Callable[[World], AbstractAsyncContextManager[None]]


def ory_call(call: Call, fault: Fault, times: int | None = None) -> Harm:
    """An Ory server that fails one call."""

    @asynccontextmanager
    async def harm(world: World) -> AsyncIterator[None]:
        with world.proxy.failing(call, fault, times):
            yield

    return harm


def statement(table: str, event: str) -> Harm:
    """A database that refuses one kind of statement."""

    @asynccontextmanager
    async def harm(world: World) -> AsyncIterator[None]:
        await world.rows(
            "CREATE OR REPLACE FUNCTION made_to_fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'made to fail'; END $$"
        )
        await world.rows(
            f"CREATE TRIGGER made_to_fail BEFORE {event} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION made_to_fail()"
        )
        try:
            yield
        finally:
            await world.rows(f"DROP TRIGGER made_to_fail ON {table}")

    return harm


STEPS = {"identity": CREATE_IDENTITY, "self-tuple": WRITE_SELF_TUPLE, "client": CREATE_CLIENT}
FAILURES: dict[str, Harm] = {
    **{f"{step}-{fault}": ory_call(call, fault) for step, call in STEPS.items() for fault in Fault},
    "key": statement("agent_keys", "INSERT"),
    "voucher": statement("agent_vouchers", "UPDATE"),
    "diary": statement("diaries", "INSERT"),
}


@dataclass(frozen=True)
class Undone:
    """What the applicant was told; who exists before and after; and the second try with the same voucher."""

    answer: httpx.Response
    before: Census
    after: Census
    voucher_is_whole: bool
    again: httpx.Response
    login: httpx.Response


@pytest.fixture(scope="module", params=FAILURES)
async def undone(request: pytest.FixtureRequest, world: World) -> Undone:
    voucher = await world.voucher()
    before = await eventually(lambda: Census.take(world), lambda seen: not seen.flaws)
    assert before.flaws == {}, "someone else's registration has not ended"
    agent = Agent(world.http)
    async with FAILURES[request.param](world):
        answer = await agent.register(voucher)
        if answer.status_code == ACCEPTED:
            answer = await follow(agent, answer)
    after = await eventually(lambda: Census.take(world), lambda seen: seen == before, within=20)
    unspent = await world.rows(
        "SELECT true FROM agent_vouchers WHERE code = $1 AND redeemed_by IS NULL AND redeemed_at IS NULL",
        voucher,
    )
    again = await agent.register(voucher)
    return Undone(answer, before, after, bool(unspent), again, await agent.log_in())


async def test_the_applicant_is_told_that_something_behind_failed(undone: Undone) -> None:
    assert (undone.answer.status_code, undone.answer.json()["code"]) == (502, "UPSTREAM_ERROR")


async def test_nothing_of_the_agent_is_left(undone: Undone) -> None:
    assert undone.after == undone.before


async def test_the_voucher_is_whole_again(undone: Undone) -> None:
    assert undone.voucher_is_whole


async def test_the_same_key_and_voucher_register_afterwards(undone: Undone) -> None:
    assert (undone.again.status_code, undone.login.status_code) == (200, 200)


@pytest.mark.parametrize("step", STEPS)
async def test_one_lost_answer_is_made_good_by_asking_again(world: World, step: str) -> None:
    agent = Agent(world.http)
    async with ory_call(STEPS[step], Fault.LOST_ANSWER, times=1)(world):
        await agent.register(await world.voucher())
    assert (await agent.log_in()).status_code == httpx.codes.OK
    assert (await Census.take(world)).flaws == {}
