"""The clients of the services themselves, which have to suit every server."""

from uuid import UUID, uuid4

import pytest

from shared.ory.connection import OryServer
from shared.ory.hydra import AgentClient, Clients, SigningKeys
from shared.ory.keto import RelationTuple, RelationTuples, Subject
from shared.ory.kratos import Identities, Sessions, submit_address
from shared.ory.refusal import OryRefused

from .oauth_clients import Registered, issue_token, token_form
from .target import Target
from .test_identities import new_key
from .test_recovery import session_token, submit

ADDRESSES = ("kratos_public", "kratos_admin", "hydra_public", "hydra_admin", "keto_read", "keto_write")


def server(target: Target, name: str) -> OryServer:
    """One address, as a service reaches it."""
    return OryServer(getattr(target, name), name)


def an_agent() -> AgentClient:
    """An agent nobody has seen before."""
    identity_id = uuid4()
    return AgentClient(identity_id, new_key(), f"F-{identity_id}")


def registered(target: Target, client_id: UUID, secret: str) -> Registered:
    """A client as its agent knows it."""
    return Registered(str(client_id), secret, target.oauth2.get_o_auth2_client(str(client_id)))


@pytest.mark.parametrize("name", ADDRESSES)
async def test_every_server_says_that_it_is_ready(target: Target, name: str) -> None:
    await server(target, name).ready()


async def test_a_registration_finds_its_identity_and_no_other_does(target: Target) -> None:
    identities = Identities(server(target, "kratos_admin"))
    registration, key = uuid4(), new_key()
    made = await identities.create(registration, key, "voucher")
    with pytest.raises(OryRefused) as refused:
        await identities.create(registration, key, "voucher")
    assert refused.value.status == 409
    assert await identities.find(registration, key) == made
    assert await identities.find(uuid4(), key) is None
    assert await identities.find(registration, new_key()) is None


async def test_a_deleted_identity_may_be_deleted_again(target: Target) -> None:
    identities = Identities(server(target, "kratos_admin"))
    made = await identities.create(uuid4(), new_key(), "voucher")
    await identities.delete(made)
    await identities.delete(made)
    with pytest.raises(OryRefused) as refused:
        await identities.create_recovery_code(made)
    assert refused.value.status == 404


async def test_a_recovery_leads_to_the_session_of_its_identity(target: Target) -> None:
    identities, sessions = (
        Identities(server(target, "kratos_admin")),
        Sessions(server(target, "kratos_public")),
    )
    made = await identities.create(uuid4(), new_key(), "voucher")
    code, link = await identities.create_recovery_code(made)
    address, _, flow = submit_address(link, target.kratos_public).partition("?flow=")
    assert address.endswith("/self-service/recovery")
    token = session_token(submit(target, flow, code).json())
    session = await sessions.find(token)
    assert session is not None
    assert session.identity_id == made
    assert session.methods == {"code_recovery"}
    assert await sessions.find("ory_st_unknown") is None


async def test_a_client_put_again_has_the_last_secret_and_the_same_metadata(target: Target) -> None:
    clients, agent, client_id = Clients(server(target, "hydra_admin")), an_agent(), uuid4()
    await clients.put(client_id, "the-first-secret", agent)
    await clients.put(client_id, "the-second-secret", agent)
    assert await clients.metadata(str(client_id)) == agent.metadata
    assert target.token(token_form(registered(target, client_id, "the-first-secret"))).status_code == 401
    assert issue_token(target, registered(target, client_id, "the-second-secret"))


async def test_a_new_secret_leaves_the_rest_of_a_client_alone(target: Target) -> None:
    clients, agent, client_id = Clients(server(target, "hydra_admin")), an_agent(), uuid4()
    await clients.put(client_id, "the-first-secret", agent)
    before = target.oauth2.get_o_auth2_client(str(client_id))
    await clients.set_secret(str(client_id), "the-second-secret")
    after = target.oauth2.get_o_auth2_client(str(client_id))
    assert (after.scope, after.metadata, after.owner) == (before.scope, before.metadata, before.owner)
    assert issue_token(target, registered(target, client_id, "the-second-secret"))
    with pytest.raises(OryRefused) as refused:
        await clients.set_secret(str(uuid4()), "the-third-secret")
    assert refused.value.status == 404


async def test_the_clients_of_an_agent_are_found_oldest_first(target: Target) -> None:
    clients, agent = Clients(server(target, "hydra_admin")), an_agent()
    first, second, others = uuid4(), uuid4(), uuid4()
    await clients.put(first, "the-first-secret", agent)
    await clients.put(others, "another-secret", an_agent())
    await clients.put(second, "the-second-secret", agent, name="Another of its clients")
    assert set(await clients.of_agent(agent)) == {str(first), str(second)}
    await clients.delete(first)
    await clients.delete(first)
    assert await clients.of_agent(agent) == [str(second)]
    assert await clients.metadata(str(first)) is None


async def test_introspection_follows_a_token_to_its_end(target: Target) -> None:
    clients, client_id = Clients(server(target, "hydra_admin")), uuid4()
    await clients.put(client_id, "the-only-secret", an_agent())
    token = issue_token(target, registered(target, client_id, "the-only-secret"))
    told = await clients.introspect(token)
    assert (told["active"], told["client_id"]) == (True, str(client_id))
    await clients.end_tokens(str(client_id))
    assert (await clients.introspect(token))["active"] is False


async def test_the_signing_keys_are_public_ones(target: Target) -> None:
    keys = (await SigningKeys(server(target, "hydra_public")).fetch())["keys"]
    assert keys
    assert all(key["kty"] == "RSA" and key["kid"] and "d" not in key for key in keys)


async def test_permissions_are_put_asked_for_and_taken_away(target: Target) -> None:
    tuples = RelationTuples(server(target, "keto_read"), server(target, "keto_write"))
    assert {"Agent", "Diary", "DiaryEntry"} <= set(await tuples.namespaces())
    ada, bob, diary = Subject("Agent", uuid4()), Subject("Agent", uuid4()), uuid4()
    for relation, subject in (("owner", ada), ("readers", bob)):
        await tuples.put(RelationTuple("Diary", diary, relation, subject))
    asked = [
        RelationTuple("Diary", diary, permit, subject)
        for subject in (ada, bob)
        for permit in ("read", "write", "manage")
    ]
    assert await tuples.check(asked) == [True, True, True, True, False, False]
    assert await tuples.check(asked * 20) == [True, True, True, True, False, False] * 20
    await tuples.delete("Diary", diary, "readers", bob)
    assert await tuples.check(asked) == [True, True, True, False, False, False]
    await tuples.put(RelationTuple("Diary", diary, "writers", bob))
    await tuples.delete_with_subject("Diary", bob)
    await tuples.delete_all("Diary", diary)
    assert await tuples.check(asked) == [False] * 6
