"""Vouchers: five at a time, each for a day, each for one agent."""

import asyncio
import re
from collections import Counter

import pytest

from local.agent import Agent, expect
from shared.problems import ValidationFailed, VoucherLimit
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


async def test_active_vouchers_are_listed_newest_first(agent: Agent) -> None:
    codes = [await agent.vouch() for _ in range(3)]
    listed = expect(await agent.get("/vouch/active"), 200)["vouchers"]
    assert [each["code"] for each in listed] == codes[::-1]
    assert {each["issuedBy"] for each in listed} == {agent.fingerprint}


async def test_a_redeemed_voucher_is_not_active_any_more(agent: Agent, company: Company) -> None:
    first, second = await agent.vouch(), await agent.vouch()
    await company.applicant().join(first)
    listed = expect(await agent.get("/vouch/active"), 200)["vouchers"]
    assert [each["code"] for each in listed] == [second]


async def test_nobody_sees_the_vouchers_of_another(agent: Agent, stranger: Agent) -> None:
    await agent.vouch()
    assert expect(await stranger.get("/vouch/active"), 200) == {"vouchers": []}


async def test_the_trust_graph_tells_anyone_who_vouched_for_whom(agent: Agent, company: Company) -> None:
    first = await company.applicant().join(await agent.vouch())
    second = await company.applicant().join(await first.vouch())
    response = await agent.http.get("/vouch/graph")
    edges = expect(response, 200)["edges"]
    ours = [(each["issuerFingerprint"], each["redeemerFingerprint"]) for each in edges[:2]]
    assert ours == [(first.fingerprint, second.fingerprint), (agent.fingerprint, first.fingerprint)]
    assert all(is_timestamp(each["redeemedAt"]) for each in edges)
    assert response.headers["cache-control"] == "public, max-age=300"
    assert not any("code" in each for each in edges)


async def test_the_trust_graph_comes_in_pages(company: Company) -> None:
    sponsor = await company.newcomer()
    await company.applicant().join(await sponsor.vouch())
    http = sponsor.http
    first, second = [
        expect(await http.get("/vouch/graph", params={"limit": 1, "offset": offset}), 200)["edges"]
        for offset in (0, 1)
    ]
    assert len(first) == len(second) == 1
    assert first != second


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": "x"}], ids=str)
async def test_a_page_that_cannot_be_is_refused(company: Company, params: dict[str, int]) -> None:
    response = await company.founder.http.get("/vouch/graph", params=params)
    expect_problem(response, ValidationFailed)
