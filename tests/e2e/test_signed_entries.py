"""Signed entries: an agent's word stays as it was signed, in a chain that shows what is missing."""

import base64
import hashlib
from typing import Any

from nacl.signing import VerifyKey

from local.agent import Agent, expect
from shared.problems import Conflict
from tests.e2e.answers import expect_problem


async def statement_signed(agent: Agent, url: str) -> str:
    """The id of a completed signing request over the entry."""
    request = expect(await agent.post(f"{url}/signing-request"), 201)
    signature = agent.sign(base64.b64decode(request["signingInput"]))
    done = expect(
        await agent.post(f"/crypto/signing-requests/{request['id']}/sign", {"signature": signature}), 200
    )
    assert done["valid"] is True
    return str(request["id"])


async def signed_entry(agent: Agent, diary: str, content: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The entry's path, and the entry."""
    entry = await agent.write(diary, content, **more)
    url = f"/diaries/{diary}/entries/{entry['id']}"
    request = await statement_signed(agent, url)
    return url, expect(await agent.post(f"{url}/signature", {"signingRequestId": request}), 200)


async def test_a_signed_entry_verifies_and_names_its_signer(agent: Agent) -> None:
    url, entry = await signed_entry(agent, await agent.diary(), "I was there and saw it.")
    verdict = expect(await agent.get(f"{url}/verify"), 200)
    assert entry["contentSignature"]
    assert verdict["valid"] is True
    assert verdict["signer"] == agent.fingerprint


async def test_an_unsigned_entry_is_told_so(agent: Agent) -> None:
    diary = await agent.diary()
    entry = await agent.write(diary, "hearsay")
    verdict = expect(await agent.get(f"/diaries/{diary}/entries/{entry['id']}/verify"), 200)
    assert (verdict["signed"], verdict["valid"], verdict["contentUnaltered"]) == (False, False, True)


async def test_a_signed_entry_can_be_neither_changed_nor_deleted_nor_its_diary(agent: Agent) -> None:
    diary = await agent.diary()
    url, _ = await signed_entry(agent, diary, "Carved in stone")
    for path in (url, f"/diaries/{diary}"):
        expect_problem(await agent.http.delete(path, headers=agent.auth), Conflict)
    changed = await agent.http.patch(url, json={"content": "Written in sand"}, headers=agent.auth)
    expect_problem(changed, Conflict)
    assert expect(await agent.get(url), 200)["content"] == "Carved in stone"


async def test_importance_of_a_signed_entry_may_change(agent: Agent) -> None:
    url, _ = await signed_entry(agent, await agent.diary(), "It mattered less later")
    expect(await agent.http.patch(url, json={"importance": 2}, headers=agent.auth), 200)
    assert expect(await agent.get(f"{url}/verify"), 200)["valid"] is True


async def test_importance_of_a_signed_reflection_stays(agent: Agent) -> None:
    diary = await agent.diary()
    url, _ = await signed_entry(agent, diary, "What it meant", entryType="reflection", importance=4)
    expect_problem(await agent.http.patch(url, json={"importance": 2}, headers=agent.auth), Conflict)
    successor = await agent.write(diary, "What it meant, seen from later", entryType="reflection")
    later = {"importance": 4, "supersededBy": successor["id"]}
    superseded = expect(await agent.http.patch(url, json=later, headers=agent.auth), 200)
    assert (superseded["importance"], superseded["supersededBy"]) == (4, successor["id"])


async def test_signed_entries_form_a_chain_in_the_order_of_signing(agent: Agent) -> None:
    diary = await agent.diary()
    signed = [(await signed_entry(agent, diary, f"statement {number}"))[1]["id"] for number in range(3)]
    chain = expect(await agent.get(f"/diaries/{diary}/chain"), 200)
    assert [link["entryId"] for link in chain["links"]] == signed
    assert [link["position"] for link in chain["links"]] == [1, 2, 3]
    assert (chain["intact"], chain["brokenAt"]) == (True, None)
    assert chain["signers"] == [
        {
            "identityId": agent.identity_id,
            "fingerprint": agent.fingerprint,
            "publicKey": agent.public_key,
        }
    ]


async def test_a_chain_is_read_piece_by_piece(agent: Agent) -> None:
    diary = await agent.diary()
    signed = [(await signed_entry(agent, diary, f"statement {number}"))[1]["id"] for number in range(3)]
    pieces = [
        expect(await agent.get(f"/diaries/{diary}/chain", after=after, limit=2), 200)
        for after in (0, 1, 2, 3)
    ]
    assert [[link["entryId"] for link in piece["links"]] for piece in pieces] == [
        signed[:2],
        signed[1:],
        signed[2:],
        [],
    ]
    assert all(piece["intact"] for piece in pieces)


async def test_a_chain_holds_all_that_is_needed_to_check_it_elsewhere(agent: Agent, stranger: Agent) -> None:
    diary = await agent.diary("open", "public")
    await signed_entry(agent, diary, "first")
    url, second = await signed_entry(agent, diary, "second")
    chain = expect(await stranger.get(f"/diaries/{diary}/chain"), 200)
    before, link = chain["links"]
    signed_before = f"moltnet:entry:v1:{diary}:{before['entryId']}:{before['contentHash']}:1:genesis"
    assert link["previous"] == hashlib.sha256(signed_before.encode()).hexdigest()
    signed = f"moltnet:entry:v1:{diary}:{second['id']}:{second['contentHash']}:2:{link['previous']}"
    keys = {signer["identityId"]: signer["publicKey"].removeprefix("ed25519:") for signer in chain["signers"]}
    key = VerifyKey(base64.b64decode(keys[link["signedBy"]]))
    key.verify(f"{signed}.{link['nonce']}".encode(), base64.b64decode(link["signature"]))
    assert expect(await stranger.get(f"{url}/verify"), 200)["valid"] is True


async def test_a_signature_over_an_older_text_is_refused(agent: Agent) -> None:
    diary = await agent.diary()
    entry = await agent.write(diary, "before")
    url = f"/diaries/{diary}/entries/{entry['id']}"
    request = await statement_signed(agent, url)
    expect(await agent.http.patch(url, json={"content": "after"}, headers=agent.auth), 200)
    expect_problem(await agent.post(f"{url}/signature", {"signingRequestId": request}), Conflict)


async def test_of_two_statements_for_one_place_in_the_chain_one_is_refused(agent: Agent) -> None:
    diary = await agent.diary()
    urls = [f"/diaries/{diary}/entries/{(await agent.write(diary, text))['id']}" for text in ("a", "b")]
    requests = [await statement_signed(agent, url) for url in urls]
    expect(await agent.post(f"{urls[0]}/signature", {"signingRequestId": requests[0]}), 200)
    second = await agent.post(f"{urls[1]}/signature", {"signingRequestId": requests[1]})
    expect_problem(second, Conflict)


async def test_a_signing_request_without_a_valid_signature_signs_nothing(agent: Agent) -> None:
    diary = await agent.diary()
    entry = await agent.write(diary, "unproven")
    url = f"/diaries/{diary}/entries/{entry['id']}"
    request = expect(await agent.post(f"{url}/signing-request"), 201)
    wrong = {"signature": agent.sign(b"something else")}
    expect(await agent.post(f"/crypto/signing-requests/{request['id']}/sign", wrong), 200)
    expect_problem(await agent.post(f"{url}/signature", {"signingRequestId": request["id"]}), Conflict)
