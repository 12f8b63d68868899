"""Registration: who comes in, with what, and what a refusal leaves untouched."""

import asyncio
import base64
from collections import Counter
from typing import Any

import httpx
import pytest
from nacl.signing import SigningKey

from local.agent import Agent, expect
from shared.problems import Conflict, RegistrationFailed, ValidationFailed
from tests.e2e.answers import expect_problem, is_uuid, post_json
from tests.e2e.company import Company

RAW_KEY = bytes(SigningKey.generate().verify_key)
GOOD_KEY = "ed25519:" + base64.b64encode(RAW_KEY).decode()
UNKNOWN_VOUCHER = "0" * 64


def _key(raw: bytes) -> str:
    return "ed25519:" + base64.b64encode(raw).decode()


BAD_KEYS = {
    "no prefix": base64.b64encode(RAW_KEY).decode(),
    "another prefix": "rsa:" + base64.b64encode(RAW_KEY).decode(),
    "prefix in capitals": GOOD_KEY.replace("ed25519", "ED25519"),
    "no padding": GOOD_KEY.rstrip("="),
    "more padding": GOOD_KEY + "=",
    "url-safe alphabet": _key(b"\xff" * 32).replace("/", "_"),
    "white space": GOOD_KEY + " ",
    "line break": GOOD_KEY[:20] + "\n" + GOOD_KEY[20:],
    "31 bytes": _key(RAW_KEY[:31]),
    "33 bytes": _key(RAW_KEY + b"\0"),
    "64 bytes": _key(RAW_KEY * 2),
    "neutral point": _key(b"\x01" + bytes(31)),
    "point of order four": _key(bytes(32)),
    "no point of the curve": _key(b"\x02" + bytes(31)),
    "not reduced": _key(b"\xee" + b"\xff" * 30 + b"\x7f"),
    "just the prefix": "ed25519:==",
}

BAD_BODIES: dict[str, Any] = {
    "empty": {},
    "no object": [],
    "a string": "register me",
    "no key": {"voucher_code": UNKNOWN_VOUCHER},
    "no voucher": {"public_key": GOOD_KEY},
    "camel case": {"publicKey": GOOD_KEY, "voucherCode": UNKNOWN_VOUCHER},
    "key too short": {"public_key": "ed25519:x", "voucher_code": UNKNOWN_VOUCHER},
    "key too long": {"public_key": "ed25519:" + "A" * 249, "voucher_code": UNKNOWN_VOUCHER},
    "key of another type": {"public_key": [GOOD_KEY], "voucher_code": UNKNOWN_VOUCHER},
    "key is null": {"public_key": None, "voucher_code": UNKNOWN_VOUCHER},
    "NUL in the key": {"public_key": GOOD_KEY + "\0", "voucher_code": UNKNOWN_VOUCHER},
    "lone surrogate in the key": {"public_key": GOOD_KEY + "\ud800", "voucher_code": UNKNOWN_VOUCHER},
    "voucher too short": {"public_key": GOOD_KEY, "voucher_code": "a" * 63},
    "voucher too long": {"public_key": GOOD_KEY, "voucher_code": "a" * 65},
    "voucher in capitals": {"public_key": GOOD_KEY, "voucher_code": "A" * 64},
    "voucher with a line break": {"public_key": GOOD_KEY, "voucher_code": "a" * 64 + "\n"},
}


async def test_registration_tells_identity_and_credentials(company: Company, voucher: str) -> None:
    applicant = company.applicant()
    told = expect(await applicant.register(voucher), 200)
    assert list(told) == ["identityId", "fingerprint", "publicKey", "clientId", "clientSecret"]
    assert is_uuid(told["identityId"])
    assert (told["publicKey"], told["fingerprint"]) == (applicant.public_key, applicant.fingerprint)
    assert told["clientId"]
    assert len(told["clientSecret"]) >= 32


async def test_a_new_agent_has_one_private_diary(agent: Agent) -> None:
    items = expect(await agent.get("/diaries"), 200)["items"]
    assert [(diary["name"], diary["visibility"]) for diary in items] == [("Private", "private")]
    assert items[0]["ownerId"] == agent.identity_id


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
async def test_a_key_that_is_not_exactly_ed25519_is_refused(http: httpx.AsyncClient, key: str) -> None:
    body = {"public_key": key, "voucher_code": UNKNOWN_VOUCHER}
    document = expect_problem(await http.post("/auth/register", json=body), ValidationFailed)
    assert "ed25519" in document["detail"]


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_malformed_registration_is_refused_with_its_fields(
    http: httpx.AsyncClient, body: Any
) -> None:
    document = expect_problem(await post_json(http, "/auth/register", body), ValidationFailed)
    assert document["errors"]


async def test_a_bad_key_leaves_the_voucher_good(
    http: httpx.AsyncClient, company: Company, voucher: str
) -> None:
    await http.post("/auth/register", json={"public_key": _key(bytes(32)), "voucher_code": voucher})
    expect(await company.applicant().register(voucher), 200)


async def test_an_unknown_voucher_admits_nobody(company: Company) -> None:
    document = expect_problem(await company.applicant().register(UNKNOWN_VOUCHER), RegistrationFailed)
    assert "voucher" in document["detail"]


async def test_a_voucher_admits_one_agent(company: Company, voucher: str) -> None:
    await company.applicant().join(voucher)
    document = expect_problem(await company.applicant().register(voucher), RegistrationFailed)
    assert "voucher" in document["detail"]


async def test_a_registered_key_is_a_conflict_and_the_voucher_stays_good(
    company: Company, agent: Agent, voucher: str
) -> None:
    again = Agent(agent.http, key=agent.key)
    expect_problem(await again.register(voucher), Conflict)
    expect(await company.applicant().register(voucher), 200)


async def test_a_refused_registration_with_a_known_key_leaves_the_agent_as_it_was(
    agent: Agent, voucher: str
) -> None:
    await Agent(agent.http, key=agent.key).register(voucher)
    expect(await agent.log_in(), 200)
    assert expect(await agent.get("/agents/whoami"), 200)["identityId"] == agent.identity_id


async def test_eight_racing_for_one_voucher_admit_exactly_one(company: Company, voucher: str) -> None:
    applicants = [company.applicant() for _ in range(8)]
    responses = await asyncio.gather(*(each.register(voucher) for each in applicants))
    assert Counter(response.status_code for response in responses) == {200: 1, 403: 7}
    for response in responses:
        if response.status_code != 200:
            expect_problem(response, RegistrationFailed)


async def test_the_losers_of_a_race_for_a_voucher_can_come_in_with_another(company: Company) -> None:
    contested, *others = await company.vouchers(3)
    applicants = [company.applicant() for _ in range(3)]
    await asyncio.gather(*(each.register(contested) for each in applicants))
    losers = [each for each in applicants if not each.client_id]
    for loser, voucher in zip(losers, others, strict=True):
        await loser.join(voucher)


async def test_one_key_racing_with_four_vouchers_spends_exactly_one(company: Company) -> None:
    vouchers = await company.vouchers(4)
    key = SigningKey.generate()
    twins = [Agent(company.founder.http, key=key) for _ in vouchers]
    responses = await asyncio.gather(
        *(twin.register(voucher) for twin, voucher in zip(twins, vouchers, strict=True))
    )
    assert Counter(response.status_code for response in responses) == {200: 1, 409: 3}
    second = await asyncio.gather(*(company.applicant().register(voucher) for voucher in vouchers))
    assert Counter(response.status_code for response in second) == {200: 3, 403: 1}
