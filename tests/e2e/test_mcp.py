"""MoltNet through the Model Context Protocol: the SDK's client drives the server over HTTP."""

import base64
import json
from typing import Any

import pytest

from local.agent import Agent
from tests.e2e.answers import ABSENT
from tests.e2e.company import Company
from tests.e2e.mcp_client import BEFORE, NOW, McpAgent, connected
from tests.stack import McpServer

LONG = "x" * 9_000
MANY = 12


async def _private(agent: McpAgent) -> str:
    """The diary that every agent begins with."""
    (diary,) = (await agent.call("diaries_list"))["items"]
    return str(diary["id"])


def _signature(agent: Agent, prepared: dict[str, Any]) -> str:
    return agent.sign(base64.b64decode(prepared["signing_input"]))


@pytest.mark.parametrize(("mode", "version"), [(NOW, "2026-07-28"), (BEFORE, "2025-11-25")])
async def test_from_the_voucher_to_a_signed_word(
    mcp: McpServer, company: Company, mode: str, version: str
) -> None:
    author, reader = await company.newcomers(2)
    async with (
        connected(mcp, author, mode=mode) as owner,
        connected(mcp, reader, mode=mode) as guest,
    ):
        assert owner.client.protocol_version == version
        me = await owner.call("moltnet_whoami")
        assert me["identity"] == {"public_key": author.public_key, "fingerprint": author.fingerprint}

        diary = await _private(owner)
        written = await owner.call(
            "diary_create",
            diary_ref=diary,
            title="Checkout froze",
            content="The payment page hung: a report held all database connections.",
        )
        asked = {"query": "why could customers not pay?"}
        found = (await owner.call("diary_search", **asked))["results"]
        assert [entry["id"] for entry in found] == [written["entry"]["id"]]
        assert (await guest.call("diary_search", **asked))["results"] == []

        await owner.call("diary_share", diary_ref=diary, fingerprint=reader.fingerprint)
        (invitation,) = (await guest.call("diary_invitations"))["invitations"]
        await guest.call("diary_accept", invitation_id=invitation["id"])
        found = (await guest.call("diary_search", **asked))["results"]
        assert [entry["id"] for entry in found] == [written["entry"]["id"]]

        prepared = await owner.call("crypto_prepare_signature", message="I restored the backup.")
        assert "signing_payload" not in prepared
        signature = _signature(author, prepared)
        request = {"request_id": prepared["request_id"]}
        signed = await owner.call("crypto_submit_signature", **request, signature=signature)
        assert (signed["status"], signed["valid"]) == ("completed", True)
        assert (await guest.call("crypto_verify", signature=signature))["valid"] is True


async def test_without_credentials_there_is_what_is_public(mcp: McpServer, resident: Agent) -> None:
    async with connected(mcp) as anyone:
        assert await anyone.call("moltnet_whoami") == {"authenticated": False}
        found = await anyone.call("agent_lookup", fingerprint=resident.fingerprint)
        assert found["agent"]["public_key"] == resident.public_key
        assert (await anyone.call("moltnet_trust_graph", limit=1))["edges"]
        assert (await anyone.call("crypto_verify", signature="AAAA"))["valid"] is False
        assert await anyone.read("moltnet://identity") == {"authenticated": False}
        assert (await anyone.read("moltnet://self/soul"))["exists"] is False
        assert "not authenticated" in await anyone.prompt("identity_bootstrap")


async def test_without_credentials_what_is_an_agents_own_is_refused(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        refused = await anyone.refused("diaries_list")
        assert refused["error"] == "Not authenticated"
        assert (refused["code"], refused["status"]) == ("UNAUTHORIZED", 401)
        assert "X-Client-Id" in refused["hint"]
        assert "Log in" in (await anyone.refused("moltnet_vouch"))["error"]
        assert (await anyone.read("moltnet://diary/recent"))["error"] == "Not authenticated"


async def test_a_bearer_token_is_as_good_as_the_pair(mcp: McpServer, resident: Agent) -> None:
    async with connected(mcp, authorization=f"Bearer {resident.token}") as me:
        told = await me.call("moltnet_whoami")
        assert told["identity"]["fingerprint"] == resident.fingerprint


async def test_an_entry_is_read_changed_listed_and_deleted(mcp: McpServer, agent: Agent) -> None:
    async with connected(mcp, agent) as me:
        diary = await _private(me)
        written = await me.call("diary_create", diary_ref=diary, content="draft", tags=["a", "b"])
        entry = {"diary_ref": diary, "entry_id": written["entry"]["id"]}
        changed = await me.call(
            "diary_update", **entry, content="final", importance=9, entry_type="procedural"
        )
        assert changed["success"] is True
        read = (await me.call("diary_get", **entry))["entry"]
        assert (read["content"], read["importance"], read["entryType"]) == ("final", 9, "procedural")
        assert read["tags"] == ["a", "b"]
        listed = await me.call("diary_list", diary_ref=diary, tags=["b"])
        assert ([item["id"] for item in listed["items"]], listed["total"]) == ([read["id"]], 1)
        assert (await me.call("diary_list", diary_ref=diary, tags=["c"]))["total"] == 0
        digest = (await me.call("diary_reflect", diary_ref=diary))["digest"]
        assert [item["content"] for item in digest["entries"]] == ["final"]
        assert (await me.call("diary_delete", **entry))["success"] is True
        assert "not found" in (await me.refused("diary_get", **entry))["error"]


async def test_diaries_are_opened_renamed_and_deleted(mcp: McpServer, agent: Agent) -> None:
    async with connected(mcp, agent) as me:
        opened = (await me.call("diaries_create", name="Plans", visibility="moltnet"))["diary"]
        reference = {"diary_ref": opened["id"]}
        assert (await me.call("diaries_get", **reference))["diary"] == opened
        renamed = (await me.call("diaries_update", **reference, name="Old plans"))["diary"]
        assert (renamed["name"], renamed["visibility"]) == ("Old plans", "moltnet")
        assert [each["name"] for each in (await me.call("diaries_list"))["items"]] == ["Old plans", "Private"]
        await me.call("diaries_delete", **reference)
        assert (await me.refused("diaries_get", **reference))["code"] == "NOT_FOUND"


async def test_a_share_is_declined_given_again_and_taken_back(mcp: McpServer, company: Company) -> None:
    author, writer = await company.newcomers(2)
    async with connected(mcp, author) as owner, connected(mcp, writer) as guest:
        shared = {"diary_ref": await _private(owner)}
        invited = {**shared, "fingerprint": writer.fingerprint, "role": "writer"}
        share = (await owner.call("diary_share", **invited))["share"]
        declined = await guest.call("diary_decline", invitation_id=share["id"])
        assert declined["share"]["status"] == "declined"
        await owner.call("diary_share", **invited)
        assert (await owner.refused("diary_share", **invited))["code"] == "CONFLICT"
        await guest.call("diary_accept", invitation_id=share["id"])
        assert [each["status"] for each in (await owner.call("diary_shares", **shared))["shares"]] == [
            "accepted"
        ]
        await guest.call("diary_create", **shared, content="from the guest")
        await owner.call("diary_unshare", **shared, fingerprint=writer.fingerprint)
        assert (await guest.refused("diary_create", **shared, content="too late"))["code"] == "NOT_FOUND"


async def test_a_signing_request_is_followed_to_its_end(
    mcp: McpServer, agent: Agent, stranger: Agent
) -> None:
    async with connected(mcp, agent) as me, connected(mcp, stranger) as other:
        prepared = await me.call("crypto_prepare_signature", message="mine")
        request = {"request_id": prepared["request_id"]}
        status = await me.call("crypto_signing_status", **request)
        assert (status["status"], status["valid"], status["message"]) == ("pending", None, "mine")
        assert "not found" in (await other.refused("crypto_signing_status", **request))["error"]
        wrong = await me.call("crypto_submit_signature", **request, signature=_signature(stranger, prepared))
        assert (wrong["status"], wrong["valid"]) == ("completed", False)
        again = await me.refused("crypto_submit_signature", **request, signature=_signature(agent, prepared))
        assert again["code"] == "SIGNING_REQUEST_ALREADY_COMPLETED"


async def test_an_agent_vouches_for_another(mcp: McpServer, agent: Agent, company: Company) -> None:
    async with connected(mcp, agent) as me:
        voucher = (await me.call("moltnet_vouch"))["voucher"]
        assert voucher["issuedBy"] == agent.fingerprint
        assert (await me.call("moltnet_vouchers"))["vouchers"] == [voucher]
        newcomer = await company.applicant().join(voucher["code"])
        assert (await me.call("moltnet_vouchers"))["vouchers"] == []
        assert {
            "issuerFingerprint": agent.fingerprint,
            "redeemerFingerprint": newcomer.fingerprint,
        }.items() <= (await me.call("moltnet_trust_graph", limit=1))["edges"][0].items()


async def test_an_agent_describes_itself_to_itself(mcp: McpServer, agent: Agent) -> None:
    async with connected(mcp, agent) as me:
        told = await me.call("moltnet_whoami")
        assert told["profile"] == {"whoami": None, "soul": None}
        assert "whoami and soul" in told["hint"]
        assert "identity_bootstrap" in told["hint"]
        text = await me.prompt("identity_bootstrap")
        assert "Whoami (missing)" in text
        assert "Soul (missing)" in text
        assert agent.fingerprint in text

        diary = await _private(me)
        who = {"content": "I keep the shop's servers.", "tags": ["system", "identity"], "title": "Me"}
        await me.call("diary_create", diary_ref=diary, entry_type="identity", **who)
        assert "whoami" not in (await me.call("moltnet_whoami"))["hint"]
        soul = {"content": "I would rather ask twice.", "tags": ["system", "soul"]}
        await me.call("diary_create", diary_ref=diary, entry_type="soul", **soul)

        told = await me.call("moltnet_whoami")
        assert told["profile"]["whoami"]["content"] == who["content"]
        assert told["profile"]["soul"]["content"] == soul["content"]
        assert "hint" not in told
        resource = await me.read("moltnet://self/whoami")
        assert {"exists": True, **who}.items() <= resource.items()
        text = await me.prompt("identity_bootstrap")
        assert f"Whoami (established)\n\n{who['content']}" in text
        assert f"Soul (established)\n\n{soul['content']}" in text


async def test_another_agents_description_is_not_taken_for_ones_own(mcp: McpServer, company: Company) -> None:
    author, reader = await company.newcomers(2)
    async with connected(mcp, author) as owner, connected(mcp, reader) as guest:
        diary = await _private(owner)
        await owner.call(
            "diary_create", diary_ref=diary, content="author", entry_type="soul", tags=["system"]
        )
        share = await owner.call("diary_share", diary_ref=diary, fingerprint=reader.fingerprint)
        await guest.call("diary_accept", invitation_id=share["share"]["id"])
        assert (await guest.call("moltnet_whoami"))["profile"]["soul"] is None


async def test_resources_show_entries_and_agents(mcp: McpServer, agent: Agent, resident: Agent) -> None:
    async with connected(mcp, agent) as me:
        written = await me.call("diary_create", diary_ref=await _private(me), content="look at me")
        entry = await me.read(f"moltnet://diary/{written['entry']['id']}")
        assert entry["content"] == "look at me"
        recent = (await me.read("moltnet://diary/recent"))["entries"]
        assert [each["id"] for each in recent] == [entry["id"]]
        assert await me.read(f"moltnet://agent/{resident.fingerprint}") == {
            "public_key": resident.public_key,
            "fingerprint": resident.fingerprint,
        }
        for absent in (f"moltnet://diary/{ABSENT}", "moltnet://diary/nothing", "moltnet://agent/nobody"):
            assert (await me.read(absent))["error"]


async def test_a_message_to_sign_is_quoted_with_the_three_steps(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        text = await anyone.prompt("sign_message", message="I was here.\nTwice.")
    assert "> I was here.\n> Twice." in text
    assert all(step in text for step in ("crypto_prepare_signature", "locally", "crypto_submit_signature"))


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("diary_create", {"diary_ref": "notes", "content": "x"}, "diary_ref"),
        ("diary_create", {"diary_ref": ABSENT}, "content"),
        ("diary_create", {"diary_ref": ABSENT, "content": "x", "importance": 11}, "importance"),
        ("diary_search", {"query": ""}, "query"),
        ("diary_search", {"query": "secret words", "limit": 1000}, "limit"),
        ("agent_lookup", {"fingerprint": "me"}, "fingerprint"),
        ("diaries_create", {"name": "x", "visibility": "everyone"}, "visibility"),
        ("crypto_prepare_signature", {"message": "x" * 10_001}, "message"),
    ],
)
async def test_arguments_that_do_not_fit_are_refused_by_name(
    mcp: McpServer, resident: Agent, tool: str, arguments: dict[str, Any], field: str
) -> None:
    async with connected(mcp, resident) as me:
        told = await me.refused(tool, **arguments)
    assert told["error"].startswith(f"Invalid tool arguments: {field}: ")
    assert "secret words" not in told["error"]


async def test_what_the_api_refuses_is_told_with_its_reason(mcp: McpServer, resident: Agent) -> None:
    async with connected(mcp, resident) as me:
        absent = await me.refused("diary_list", diary_ref=ABSENT)
        assert absent["error"].startswith("Failed to list entries: ")
        assert (absent["code"], absent["title"], absent["status"]) == ("NOT_FOUND", "Not Found", 404)
        blank = await me.refused("diaries_create", name="   ")
        assert (blank["code"], blank["errors"][0]["field"]) == ("VALIDATION_FAILED", "/name")
        assert (await me.refused("diary_forget"))["error"] == "Unknown tool: diary_forget"


async def test_a_long_list_comes_in_answers_of_bounded_size(mcp: McpServer, agent: Agent) -> None:
    diary = await agent.diary("long")
    for number in range(MANY):
        await agent.write(diary, f"Harvest of field {number}. {LONG}")
    async with connected(mcp, agent) as me:
        seen: list[str] = []
        while len(seen) < MANY:
            page = await me.call("diary_list", diary_ref=diary, limit=100, offset=len(seen))
            assert len(json.dumps(page)) < 60_000
            assert page["total"] == MANY
            seen += [item["id"] for item in page["items"]]
            assert page.get("left_off", 0) == MANY - len(seen)
            assert page.get("left_off") is None or f"offset {len(seen)}" in page["hint"]
        assert len(set(seen)) == MANY
        found = await me.call("diary_search", query="harvest", limit=50)
        assert found["left_off"] == found["total"] - len(found["results"]) > 0
        assert (await me.call("diary_reflect", diary_ref=diary))["digest"]["left_off"] > 0
        assert len(json.dumps(await me.read("moltnet://diary/recent"))) < 60_000
