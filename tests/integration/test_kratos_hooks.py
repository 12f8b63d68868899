"""The identity server's webhooks: an identity becomes an agent, and its key may change."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from local.stack import Stack
from shared.problems import InternalServerError, Unauthorized
from tests.e2e.answers import expect_problem

REGISTRATION = "/hooks/kratos/after-registration"
SETTINGS = "/hooks/kratos/after-settings"
Ask = Callable[..., Any]


@pytest.fixture
def hook(stack: Stack, citizen: Agent) -> Ask:
    key = stack.environment.service("gateway")["ORY_ACTION_API_KEY"]

    async def ask(path: str, identity_id: str, **traits: str) -> httpx.Response:
        body = {"identity": {"id": identity_id, "traits": traits, "schema_id": "agent"}}
        return await citizen.http.post(path, json=body, headers={"x-ory-api-key": key})

    return ask


def _told(response: httpx.Response, status: int) -> tuple[str, int]:
    """The field that is blamed and the number of the message, in the identity server's own form."""
    (part,) = expect(response, status)["messages"]
    (message,) = part["messages"]
    assert message["type"] == "error"
    assert message["text"]
    assert message["context"] == {}
    return part["instance_ptr"], message["id"]


async def test_a_voucher_makes_an_identity_an_agent(citizen: Agent, hook: Ask) -> None:
    newcomer, voucher = Agent(citizen.http), await citizen.vouch()
    traits = {"public_key": newcomer.public_key, "voucher_code": voucher}
    told = expect(await hook(REGISTRATION, str(uuid4()), **traits), 200)
    assert told == {
        "identity": {
            "metadata_public": {"fingerprint": newcomer.fingerprint, "public_key": newcomer.public_key}
        }
    }
    expect(await citizen.http.get(f"/agents/{newcomer.fingerprint}"), 200)
    edges = expect(await citizen.http.get("/vouch/graph"), 200)["edges"]
    assert (edges[0]["issuerFingerprint"], edges[0]["redeemerFingerprint"]) == (
        citizen.fingerprint,
        newcomer.fingerprint,
    )


async def test_a_question_asked_again_has_the_same_answer(citizen: Agent, hook: Ask) -> None:
    identity, newcomer = str(uuid4()), Agent(citizen.http)
    traits = {"public_key": newcomer.public_key, "voucher_code": await citizen.vouch()}
    first = expect(await hook(REGISTRATION, identity, **traits), 200)
    assert expect(await hook(REGISTRATION, identity, **traits), 200) == first


async def test_two_identities_racing_for_one_voucher_get_one_yes_and_one_no(
    citizen: Agent, hook: Ask
) -> None:
    voucher = await citizen.vouch()
    racers = [Agent(citizen.http) for _ in range(2)]
    responses = await asyncio.gather(
        *(
            hook(REGISTRATION, str(uuid4()), public_key=each.public_key, voucher_code=voucher)
            for each in racers
        )
    )
    assert Counter(response.status_code for response in responses) == {200: 1, 403: 1}


@pytest.mark.parametrize("voucher", ["", "nonsense", "0" * 64, "é" * 64])
async def test_an_unusable_voucher_is_blamed_on_its_field(citizen: Agent, hook: Ask, voucher: str) -> None:
    traits = {"public_key": Agent(citizen.http).public_key, "voucher_code": voucher}
    assert _told(await hook(REGISTRATION, str(uuid4()), **traits), 403) == ("#/traits/voucher_code", 4000003)


BAD_KEYS = ["", "nonsense", "ed25519:AAAA", "ed25519:" + "A" * 43 + "="]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_an_unusable_key_is_blamed_on_its_field_and_spends_no_voucher(
    citizen: Agent, hook: Ask, key: str
) -> None:
    voucher = await citizen.vouch()
    refused = await hook(REGISTRATION, str(uuid4()), public_key=key, voucher_code=voucher)
    assert _told(refused, 400) == ("#/traits/public_key", 4000001)
    await Agent(citizen.http).join(voucher)


async def test_a_key_that_another_agent_has_is_refused(citizen: Agent, hook: Ask) -> None:
    voucher = await citizen.vouch()
    refused = await hook(REGISTRATION, str(uuid4()), public_key=citizen.public_key, voucher_code=voucher)
    assert _told(refused, 400) == ("#/traits/public_key", 4000001)
    assert _told(await hook(SETTINGS, str(uuid4()), public_key=citizen.public_key), 400)[1] == 4000001
    await Agent(citizen.http).join(voucher)


async def test_a_changed_key_counts_from_the_answer_on(citizen: Agent, hook: Ask) -> None:
    agent = await Agent(citizen.http).join(await citizen.vouch())
    changed = Agent(citizen.http)
    answer = await hook(SETTINGS, agent.identity_id, public_key=changed.public_key)
    assert expect(answer, 200) == {"success": True}
    assert expect(await agent.get("/agents/whoami"), 200)["fingerprint"] == changed.fingerprint
    assert (await citizen.http.get(f"/agents/{agent.fingerprint}")).status_code == 404
    expect(await citizen.http.get(f"/agents/{changed.fingerprint}"), 200)
    expect(await agent.log_in(), 200)
    assert expect(await agent.get("/crypto/identity"), 200)["fingerprint"] == changed.fingerprint


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_an_unusable_key_changes_nothing(citizen: Agent, hook: Ask, key: str) -> None:
    refused = await hook(SETTINGS, citizen.identity_id, public_key=key)
    assert _told(refused, 400) == ("#/traits/public_key", 4000001)
    expect(await citizen.http.get(f"/agents/{citizen.fingerprint}"), 200)


NOT_STORED = b'{"identity": {"id": "00000000-0000-0000-0000-000000000000", "traits": {"public_key": "x"}}}'
ODD_BODIES = [
    NOT_STORED,
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"identity": {}}',
    b'{"identity": {"id": "x", "traits": {}}}',
    b"\xff",
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=repr)
@pytest.mark.parametrize("path", [REGISTRATION, SETTINGS])
async def test_an_unreadable_payload_is_answered_in_the_identity_servers_form(
    citizen: Agent, stack: Stack, path: str, body: bytes
) -> None:
    key = stack.environment.service("gateway")["ORY_ACTION_API_KEY"]
    headers = {"x-ory-api-key": key, "content-type": "application/json"}
    response = await citizen.http.post(path, content=body, headers=headers)
    assert _told(response, 400) == ("#/", 4000002)


@pytest.mark.parametrize("path", [REGISTRATION, SETTINGS])
async def test_the_key_comes_before_the_payload(citizen: Agent, path: str) -> None:
    for headers in ({}, {"x-ory-api-key": "guess"}, citizen.auth):
        expect_problem(await citizen.http.post(path, content=b"{", headers=headers), Unauthorized)


async def test_an_admitted_identity_has_its_private_diary(citizen: Agent, hook: Ask, superuser: Any) -> None:
    identity, newcomer = uuid4(), Agent(citizen.http)
    traits = {"public_key": newcomer.public_key, "voucher_code": await citizen.vouch()}
    expect(await hook(REGISTRATION, str(identity), **traits), 200)
    rows = await superuser.fetch("SELECT name, visibility::text FROM diaries WHERE owner_id = $1", identity)
    assert [tuple(row) for row in rows] == [("Private", "private")]


@pytest_asyncio.fixture
async def vouchers_cannot_be_spent(
    superuser: asyncpg.Connection,
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Until the function that it gives is called."""
    await superuser.execute(
        "CREATE FUNCTION made_to_fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'made to fail'; END $$;"
        "CREATE TRIGGER made_to_fail BEFORE UPDATE ON agent_vouchers FOR EACH ROW EXECUTE FUNCTION made_to_fail()"
    )

    async def mend() -> None:
        await superuser.execute("DROP FUNCTION IF EXISTS made_to_fail CASCADE")

    yield mend
    await mend()


async def test_an_identity_whose_admission_failed_is_admitted_when_it_is_asked_for_again(
    citizen: Agent, hook: Ask, vouchers_cannot_be_spent: Callable[[], Awaitable[None]]
) -> None:
    identity = str(uuid4())
    traits = {"public_key": Agent(citizen.http).public_key, "voucher_code": await citizen.vouch()}
    for _ in range(2):
        expect_problem(await hook(REGISTRATION, identity, **traits), InternalServerError)
    await vouchers_cannot_be_spent()
    admitted = expect(await hook(REGISTRATION, identity, **traits), 200)
    assert expect(await hook(REGISTRATION, identity, **traits), 200) == admitted
