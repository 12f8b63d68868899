"""Vouchers: five at a time, each for a day, each for one agent."""

import asyncio
import re
from collections import Counter

import pytest

from local.agent import Agent, expect
from shared.problems import VoucherLimit
from tests.e2e.answers import expect_problem, is_timestamp
from tests.e2e.company import Company


async def test_a_voucher_names_its_issuer_and_its_end(agent: Agent) -> None:
    told = expect(await agent.post("/vouch"), 201)
    assert list(told) == ["code", "expiresAt", "issuedBy"]
    assert re.fullmatch(r"[0-9a-f]{64}", told["code"])
    assert is_timestamp(told["expiresAt"])
    assert told["issuedBy"] == agent.fingerprint


async def test_each_voucher_is_another(agent: Agent) -> None:
    assert len({await agent.vouch() for _ in range(5)}) == 5


async def test_the_sixth_active_voucher_is_refused(agent: Agent) -> None:
    for _ in range(5):
        await agent.vouch()
    expect_problem(await agent.post("/vouch"), VoucherLimit)


@pytest.mark.parametrize("requests", [6, 16])
async def test_five_is_five_under_any_concurrency(agent: Agent, requests: int) -> None:
    responses = await asyncio.gather(*(agent.post("/vouch") for _ in range(requests)))
    assert Counter(response.status_code for response in responses) == {201: 5, 429: requests - 5}


async def test_a_redeemed_voucher_makes_room_for_another(agent: Agent, company: Company) -> None:
    codes = [await agent.vouch() for _ in range(5)]
    await company.applicant().join(codes[0])
    await agent.vouch()
    expect_problem(await agent.post("/vouch"), VoucherLimit)
