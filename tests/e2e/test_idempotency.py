"""`Idempotency-Key`: the same request again has one effect and one answer."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from local.agent import Agent, expect
from shared.problems import IdempotencyKeyReused, RegistrationFailed, ValidationFailed, VoucherLimit
from tests.e2e.answers import expect_problem
from tests.e2e.company import Company

KEY = "idempotency-key"
REPLAYED = "idempotency-replayed"


def _key() -> dict[str, str]:
    return {KEY: uuid4().hex}


async def _names(agent: Agent) -> list[str]:
    return [diary["name"] for diary in expect(await agent.get("/diaries"), 200)["items"]]


async def test_the_first_answer_is_no_replay(resident: Agent) -> None:
    response = await resident.post("/diaries", {"name": "x"}, **_key())
    assert response.status_code == 201
    assert REPLAYED not in response.headers


async def test_the_same_request_again_has_the_first_answer_and_no_second_effect(agent: Agent) -> None:
    key = _key()
    first = await agent.post("/diaries", {"name": "once"}, **key)
    second = await agent.post("/diaries", {"name": "once"}, **key)
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers[REPLAYED] == "true"
    assert await _names(agent) == ["once", "Private"]


async def test_without_a_key_the_same_request_has_two_effects(agent: Agent) -> None:
    for _ in range(2):
        expect(await agent.post("/diaries", {"name": "twice"}), 201)
    assert await _names(agent) == ["twice", "twice", "Private"]


async def test_defaults_spelled_out_are_the_same_request(resident: Agent) -> None:
    key = _key()
    first = await resident.post("/diaries", {"name": "same"}, **key)
    second = await resident.post("/diaries", {"visibility": "private", "name": "same"}, **key)
    assert second.json() == first.json()


async def _entry(agent: Agent) -> tuple[str, dict[str, Any]]:
    return f"/diaries/{await agent.diary()}/entries", {"content": "written once"}


async def _signing_request(agent: Agent) -> tuple[str, dict[str, Any]]:
    return "/crypto/signing-requests", {"message": "asked once"}


async def _signature(agent: Agent) -> tuple[str, dict[str, Any]]:
    made = expect(await agent.post("/crypto/signing-requests", {"message": "m"}), 201)
    signature = agent.sign(made["signingPayload"].encode())
    return f"/crypto/signing-requests/{made['id']}/sign", {"signature": signature}


async def _diary(agent: Agent) -> tuple[str, dict[str, Any]]:
    return "/diaries", {"name": "made once"}


async def _voucher(agent: Agent) -> tuple[str, None]:
    return "/vouch", None


async def _entry_signing_request(agent: Agent) -> tuple[str, None]:
    path, body = await _entry(agent)
    entry = expect(await agent.post(path, body), 201)
    return f"{path}/{entry['id']}/signing-request", None


COMMANDS = [_diary, _entry, _signing_request, _entry_signing_request, _signature, _voucher]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__.strip("_"))
async def test_eight_at_once_with_one_key_have_one_answer(agent: Agent, command: Any) -> None:
    path, body = await command(agent)
    key = _key()
    responses = await asyncio.gather(*(agent.post(path, body, **key) for _ in range(8)))
    assert {response.status_code for response in responses} <= {200, 201}
    assert len({response.text for response in responses}) == 1


async def test_eight_at_once_with_one_key_write_one_entry(agent: Agent) -> None:
    path, body = await _entry(agent)
    key = _key()
    await asyncio.gather(*(agent.post(path, body, **key) for _ in range(8)))
    assert expect(await agent.get(path), 200)["total"] == 1


async def test_eight_at_once_with_one_key_take_one_of_the_last_vouchers(agent: Agent) -> None:
    for _ in range(4):
        await agent.vouch()
    key = _key()
    responses = await asyncio.gather(*(agent.post("/vouch", **key) for _ in range(8)))
    assert Counter(response.status_code for response in responses) == {201: 8}
    assert len({response.json()["code"] for response in responses}) == 1


@pytest.mark.parametrize(
    "command", [_diary, _entry, _signing_request], ids=lambda each: each.__name__.strip("_")
)
async def test_another_body_under_the_same_key_is_refused(resident: Agent, command: Any) -> None:
    path, body = await command(resident)
    key = _key()
    expect(await resident.post(path, body, **key), 201)
    other = {name: f"{value}, but another" for name, value in body.items()}
    expect_problem(await resident.post(path, other, **key), IdempotencyKeyReused)


async def test_of_different_bodies_at_once_under_one_key_one_is_taken(agent: Agent) -> None:
    key = _key()
    bodies = [{"name": f"rival {number}"} for number in range(8)]
    responses = await asyncio.gather(*(agent.post("/diaries", body, **key) for body in bodies))
    assert Counter(response.status_code for response in responses) == {201: 1, 422: 7}
    assert len(await _names(agent)) == 2


async def test_another_diary_under_the_same_key_is_never_answered_with_the_first(resident: Agent) -> None:
    key = _key()
    one, two = await resident.diary("one"), await resident.diary("two")
    expect(await resident.post(f"/diaries/{one}/entries", {"content": "same"}, **key), 201)
    response = await resident.post(f"/diaries/{two}/entries", {"content": "same"}, **key)
    if response.status_code == 201:
        assert response.json()["diaryId"] == two
    else:
        expect_problem(response, IdempotencyKeyReused)


async def test_one_key_on_two_routes_is_two_requests(resident: Agent) -> None:
    key = _key()
    expect(await resident.post("/diaries", {"name": "x"}, **key), 201)
    expect(await resident.post("/crypto/signing-requests", {"message": "x"}, **key), 201)


async def test_a_request_to_sign_an_entry_is_answered_again_after_the_entry_has_changed(agent: Agent) -> None:
    path, _ = await _entry_signing_request(agent)
    key = _key()
    expect(await agent.post("/crypto/signing-requests", {"message": "x"}, **key), 201)
    first = await agent.post(path, **key)
    entry = path.removesuffix("/signing-request")
    expect(await agent.http.patch(entry, json={"content": "another text"}, headers=agent.auth), 200)
    again = await agent.post(path, **key)
    assert expect(again, 201) == expect(first, 201)
    assert again.headers[REPLAYED] == "true"
    expect(await agent.http.delete(entry, headers=agent.auth), 200)
    assert expect(await agent.post(path, **key), 201) == first.json()


async def test_one_key_of_two_callers_is_two_requests(agent: Agent, stranger: Agent) -> None:
    key = _key()
    mine = expect(await agent.post("/diaries", {"name": "x"}, **key), 201)
    theirs = expect(await stranger.post("/diaries", {"name": "x"}, **key), 201)
    assert (mine["ownerId"], theirs["ownerId"]) == (agent.identity_id, stranger.identity_id)


async def test_a_refusal_is_kept_as_well(agent: Agent, stranger: Agent) -> None:
    for _ in range(5):
        await agent.vouch()
    key = _key()
    first = expect_problem(await agent.post("/vouch", **key), VoucherLimit)
    again = await agent.post("/vouch", **key)
    assert expect_problem(again, VoucherLimit) == first
    assert again.headers[REPLAYED] == "true"


async def test_a_repeated_registration_gives_the_same_secret_again(company: Company, voucher: str) -> None:
    applicant, key = company.applicant(), _key()
    first = expect(await applicant.register(voucher, **key), 200)
    again = await applicant.register(voucher, **key)
    assert again.headers[REPLAYED] == "true"
    assert expect(again, 200) == first
    expect(await applicant.log_in(), 200)


async def test_a_registration_sent_four_times_at_once_makes_one_agent(company: Company, voucher: str) -> None:
    applicant, key = company.applicant(), _key()
    responses = await asyncio.gather(*(applicant.register(voucher, **key) for _ in range(4)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.text for response in responses}) == 1


async def test_another_voucher_under_the_same_key_is_refused(company: Company) -> None:
    used, unused = await company.vouchers(2)
    applicant, key = company.applicant(), _key()
    expect(await applicant.register(used, **key), 200)
    expect_problem(await applicant.register(unused, **key), IdempotencyKeyReused)
    expect(await company.applicant().register(unused), 200)


async def test_of_two_vouchers_at_once_under_one_key_one_is_taken(company: Company) -> None:
    vouchers = await company.vouchers(2)
    applicant, key = company.applicant(), _key()
    responses = await asyncio.gather(*(applicant.register(voucher, **key) for voucher in vouchers * 3))
    assert Counter(response.status_code for response in responses) == {200: 3, 422: 3}
    assert len({response.text for response in responses if response.status_code == 200}) == 1
    afterwards = [(await company.applicant().register(voucher)).status_code for voucher in vouchers]
    assert sorted(afterwards) == [200, 403]


async def test_another_applicant_with_the_same_key_gets_nothing_of_the_first(
    company: Company, voucher: str
) -> None:
    key = _key()
    expect(await company.applicant().register(voucher, **key), 200)
    expect_problem(await company.applicant().register(voucher, **key), RegistrationFailed)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel"], ids=range(4))
async def test_a_key_that_is_no_visible_ascii_is_refused(resident: Agent, key: str) -> None:
    headers = {**resident.auth, KEY: key.encode()}
    response = await resident.http.post("/diaries", json={"name": "x"}, headers=headers)  # type: ignore[arg-type]
    assert expect_problem(response, ValidationFailed)["errors"]


async def test_the_longest_key_is_accepted(resident: Agent) -> None:
    expect(await resident.post("/diaries", {"name": "x"}, **{KEY: "!~" * 127 + "x"}), 201)
