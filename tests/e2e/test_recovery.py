"""Recovery: whoever holds the key comes back in, and nobody else does."""

import asyncio
import base64
from collections.abc import Callable

import httpx
import pytest
from nacl.signing import SigningKey

from local.agent import Agent, expect
from local.recovering import (
    answered,
    challenge_for,
    new_client,
    proof_of,
    recovered_session,
    session_for,
    verify,
)
from shared.problems import InvalidChallenge, InvalidSignature, Unauthorized, ValidationFailed
from tests.e2e.answers import expect_problem, private_diary
from tests.e2e.company import Company


async def test_an_agent_that_lost_everything_but_its_key_reads_its_diary_again(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    diary = await private_diary(agent)
    entry = await agent.write(diary, "what I must not forget")
    lost = Agent(http, agent.key)

    challenge = await challenge_for(http, lost.public_key)
    code = expect(await verify(http, answered(challenge, lost)), 200)
    session = await session_for(code)
    credentials = expect(await new_client(http, session), 200)
    lost.client_id, lost.client_secret = credentials["clientId"], credentials["clientSecret"]
    expect(await lost.log_in(), 200)

    assert expect(await lost.get("/agents/whoami"), 200)["identityId"] == agent.identity_id
    read = expect(await lost.get(f"/diaries/{diary}/entries/{entry['id']}"), 200)
    assert read["content"] == "what I must not forget"


async def test_after_a_recovery_the_lost_secret_and_its_tokens_are_dead(agent: Agent) -> None:
    before = Agent(agent.http, agent.key, agent.identity_id, agent.client_id, agent.client_secret)
    expect(await new_client(agent.http, await recovered_session(agent)), 200)
    assert (await before.log_in()).status_code == 401


async def test_a_recovery_leaves_one_working_client(agent: Agent) -> None:
    first = expect(await new_client(agent.http, await recovered_session(agent)), 200)
    second = expect(await new_client(agent.http, await recovered_session(agent)), 200)
    assert first["clientId"] == second["clientId"]
    agent.client_secret = first["clientSecret"]
    assert (await agent.log_in()).status_code == 401
    agent.client_secret = second["clientSecret"]
    expect(await agent.log_in(), 200)


async def test_every_well_formed_key_gets_a_challenge_known_or_not(
    resident: Agent, http: httpx.AsyncClient
) -> None:
    known = await challenge_for(http, resident.public_key)
    unknown = await challenge_for(http, Agent(http).public_key)
    assert list(known) == list(unknown) == ["challenge", "hmac"]
    assert len(known["challenge"]) == len(unknown["challenge"])


async def test_no_two_challenges_are_alike(resident: Agent, http: httpx.AsyncClient) -> None:
    assert len({(await challenge_for(http, resident.public_key))["challenge"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "key", ["", "ed25519:", "rsa:AAAA", "ed25519:" + "A" * 53, "ed25519:é", 7, None], ids=repr
)
async def test_a_key_that_is_none_gets_no_challenge(http: httpx.AsyncClient, key: object) -> None:
    expect_problem(await http.post("/recovery/challenge", json={"publicKey": key}), ValidationFailed)


async def test_an_unknown_key_and_a_wrong_signature_are_told_alike(
    resident: Agent, http: httpx.AsyncClient
) -> None:
    nobody = Agent(http)
    unknown = await verify(http, await proof_of(nobody))
    challenge = await challenge_for(http, resident.public_key)
    wrong = await verify(http, answered(challenge, resident, SigningKey.generate()))
    told = [expect_problem(each, InvalidSignature) for each in (unknown, wrong)]
    assert told[0] == told[1]


def _flipped(text: str, place: int) -> str:
    return text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]


ALTERED_CHALLENGES: dict[str, Callable[[str], str]] = {
    "its first word": lambda text: text.replace("moltnet", "moltnot"),
    "its purpose": lambda text: text.replace(":recovery:", ":register:"),
    "its algorithm": lambda text: text.replace(":ed25519:", ":ed448:"),
    "its key": lambda text: text.replace("ed25519:", "ed25519:A"),
    "its nonce": lambda text: _flipped(text, text.rindex(":") - 1),
    "its time": lambda text: _flipped(text, len(text) - 1),
    "its length": lambda text: text + " ",
    "its number of parts": lambda text: text + ":1",
}


@pytest.mark.parametrize("alter", ALTERED_CHALLENGES.values(), ids=ALTERED_CHALLENGES.keys())
async def test_a_challenge_altered_in_any_part_is_refused_even_when_signed_so(
    resident: Agent, http: httpx.AsyncClient, alter: Callable[[str], str]
) -> None:
    issued = await challenge_for(http, resident.public_key)
    altered = {**issued, "challenge": alter(issued["challenge"])}
    assert altered != issued
    expect_problem(await verify(http, answered(altered, resident)), InvalidChallenge)


async def test_an_altered_hmac_is_refused(resident: Agent, http: httpx.AsyncClient) -> None:
    proof = await proof_of(resident)
    expect_problem(await verify(http, {**proof, "hmac": _flipped(proof["hmac"], 0)}), InvalidChallenge)


async def test_the_hmac_of_another_challenge_is_refused(resident: Agent, http: httpx.AsyncClient) -> None:
    first, second = [await challenge_for(http, resident.public_key) for _ in range(2)]
    mixed = answered({**first, "hmac": second["hmac"]}, resident)
    expect_problem(await verify(http, mixed), InvalidChallenge)


async def test_a_challenge_for_one_key_does_not_serve_another(
    resident: Agent, stranger: Agent, http: httpx.AsyncClient
) -> None:
    challenge = await challenge_for(http, stranger.public_key)
    document = expect_problem(await verify(http, answered(challenge, resident)), InvalidChallenge)
    assert "another key" in document["detail"]


async def test_an_altered_signature_is_refused(resident: Agent, http: httpx.AsyncClient) -> None:
    proof = await proof_of(resident)
    raw = bytearray(base64.b64decode(proof["signature"]))
    raw[10] ^= 1
    altered = {**proof, "signature": base64.b64encode(raw).decode()}
    expect_problem(await verify(http, altered), InvalidSignature)


async def test_a_failed_proof_leaves_the_challenge_good_for_its_owner(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    challenge = await challenge_for(http, agent.public_key)
    expect_problem(await verify(http, answered(challenge, agent, SigningKey.generate())), InvalidSignature)
    expect(await verify(http, answered(challenge, agent)), 200)


async def test_a_replayed_proof_is_refused(agent: Agent, http: httpx.AsyncClient) -> None:
    proof = await proof_of(agent)
    expect(await verify(http, proof), 200)
    document = expect_problem(await verify(http, proof), InvalidChallenge)
    assert "used already" in document["detail"]


async def test_eight_proofs_of_one_challenge_at_once_give_one_code(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    proof = await proof_of(agent)
    responses = await asyncio.gather(*(verify(http, proof) for _ in range(8)))
    assert sorted(response.status_code for response in responses) == [200] + [400] * 7


async def test_an_answer_that_was_lost_can_be_had_again_under_its_key(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    proof = await proof_of(agent)
    first = expect(await verify(http, proof, **{"idempotency-key": "again"}), 200)
    second = await verify(http, proof, **{"idempotency-key": "again"})
    assert expect(second, 200) == first


async def test_a_recovery_challenge_signed_as_a_message_opens_nothing(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    """A signing request never signs the bare text, whatever the text is."""
    challenge = await challenge_for(http, agent.public_key)
    request = expect(await agent.post("/crypto/signing-requests", {"message": challenge["challenge"]}), 201)
    signed = agent.sign(base64.b64decode(request["signingInput"]))
    done = expect(
        await agent.post(f"/crypto/signing-requests/{request['id']}/sign", {"signature": signed}), 200
    )
    assert done["valid"] is True
    proof = {**challenge, "publicKey": agent.public_key, "signature": signed}
    expect_problem(await verify(http, proof), InvalidSignature)


async def test_an_answered_challenge_is_no_signature_of_a_message(
    agent: Agent, http: httpx.AsyncClient
) -> None:
    proof = await proof_of(agent)
    request = expect(await agent.post("/crypto/signing-requests", {"message": proof["challenge"]}), 201)
    path = f"/crypto/signing-requests/{request['id']}/sign"
    done = expect(await agent.post(path, {"signature": proof["signature"]}), 200)
    assert (done["status"], done["valid"]) == ("completed", False)
    assert expect(await http.post("/crypto/verify", json={"signature": proof["signature"]}), 200) == {
        "valid": False
    }


@pytest.mark.parametrize("token", ["", "nonsense", "ory_st_" + "x" * 32, "é"], ids=repr)
async def test_without_a_session_of_a_recovery_there_is_no_client(
    http: httpx.AsyncClient, token: str
) -> None:
    response = await http.post("/recovery/client", headers={b"x-session-token": token.encode()})
    expect_problem(response, Unauthorized)


async def test_an_access_token_is_no_session(agent: Agent) -> None:
    expect_problem(await new_client(agent.http, agent.token), Unauthorized)
    expect_problem(await agent.post("/recovery/client"), Unauthorized)


async def test_a_session_opens_nothing_else(agent: Agent) -> None:
    session = await recovered_session(agent)
    headers = {"x-session-token": session, "authorization": f"Bearer {session}"}
    expect_problem(await agent.http.get("/diaries", headers=headers), Unauthorized)


async def test_a_new_client_can_be_asked_for_again_under_its_key(agent: Agent) -> None:
    session = await recovered_session(agent)
    first = expect(await new_client(agent.http, session, **{"idempotency-key": "k"}), 200)
    assert expect(await new_client(agent.http, session, **{"idempotency-key": "k"}), 200) == first


@pytest.mark.parametrize("path", ["/recovery/challenge", "/recovery/verify", "/recovery/client"])
async def test_nothing_of_a_recovery_is_cached(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.post(path, json={})).headers
    assert headers["cache-control"] == "no-store, no-cache, must-revalidate, private"
    assert (headers["pragma"], headers["expires"]) == ("no-cache", "0")


async def test_a_recovered_agent_keeps_its_standing(agent: Agent, company: Company) -> None:
    """Vouchers issued before the recovery stay good."""
    code = await agent.vouch()
    expect(await new_client(agent.http, await recovered_session(agent)), 200)
    await company.applicant().join(code)
