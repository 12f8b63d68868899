"""The running bus keeps each user to its own subjects."""

import asyncio

import pytest
from nats.aio.client import Client

from local.agent import Agent
from local.stack import Stack
from tests.integration.conftest import Connect
from tests.streams import StreamReader

SERVICES = ("diary", "identity", "signing", "embedder")
USERS = ("gateway", *SERVICES, "operator")
FOREIGN_PUBLISH = [
    ("gateway", "cmd.diary.open_private_diary.id"),
    ("gateway", "cmd.embedder.embed_passage.id"),
    ("gateway", "evt.diary.diary_created"),
    ("gateway", "reply.identity.inbox.token"),
    ("diary", "cmd.diary.create_entry.id"),
    ("diary", "cmd.identity.register_agent.id"),
    ("diary", "qry.signing.list_signing_requests"),
    ("diary", "evt.identity.agent_registered"),
    ("diary", "reply.signing.inbox.token"),
    ("diary", "$JS.API.CONSUMER.MSG.NEXT.CMD_IDENTITY.register_agent"),
    ("identity", "cmd.diary.create_entry.id"),
    ("identity", "qry.diary.get_entry"),
    ("identity", "evt.diary.diary_created"),
    ("signing", "cmd.identity.register_agent.id"),
    ("signing", "qry.diary.get_entry"),
    ("signing", "qry.identity.get_token_claims"),
    ("signing", "parked.cmd.diary.create_entry.id"),
    ("embedder", "reply.gateway.inbox.token"),
    ("embedder", "evt.diary.entry_created"),
    ("embedder", "cmd.diary.create_entry.id"),
    ("operator", "cmd.identity.register_agent.id"),
    ("operator", "qry.diary.get_entry"),
    ("operator", "reply.gateway.inbox.token"),
]
FOREIGN_SUBSCRIBE = [
    *((user, ">") for user in USERS),
    *((user, "cmd.>") for user in USERS),
    *((user, "evt.>") for user in USERS if user != "gateway"),
    *((user, f"reply.{other}.>") for user in USERS for other in SERVICES if other != user),
    *((user, "reply.gateway.>") for user in USERS if user != "gateway"),
    *((user, f"_INBOX_{other}.>") for user in USERS for other in USERS if other != user),
    *((user, f"qry.{other}.*") for user in USERS for other in SERVICES if other != user),
]
ANSWER_SECONDS = 5


class Refusals:
    """The violations that the server tells of, as they come."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, error: Exception) -> None:
        self._told.put_nowait(str(error).lower())

    async def next(self) -> str:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._told.get()


async def _publish(client: Client, subject: str) -> None:
    await client.publish(subject, b"{}")
    await client.flush()


async def _subscribe(client: Client, subject: str) -> None:
    await client.subscribe(subject)
    await client.flush()


@pytest.mark.parametrize(("user", "subject"), FOREIGN_PUBLISH)
async def test_nobody_speaks_for_another(bus: Connect, user: str, subject: str) -> None:
    refusals = Refusals()
    async with bus(user, refusals) as client:
        await _publish(client, subject)
        assert "permissions violation for publish" in await refusals.next()


@pytest.mark.parametrize(("user", "subject"), FOREIGN_SUBSCRIBE)
async def test_nobody_listens_to_another(bus: Connect, user: str, subject: str) -> None:
    refusals = Refusals()
    async with bus(user, refusals) as client:
        await _subscribe(client, subject)
        assert "permissions violation for subscription" in await refusals.next()


async def test_a_wrong_password_opens_nothing(bus: Connect) -> None:
    async with bus("operator") as client:
        url = client.connected_url
    assert url is not None
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    await reader.readline()
    writer.write(b'CONNECT {"user": "gateway", "pass": "guess", "verbose": false}\r\nPING\r\n')
    await writer.drain()
    assert b"Authorization Violation" in await reader.readline()
    writer.close()


async def test_services_keep_to_their_rights_while_they_work(stack: Stack, citizen: Agent) -> None:
    """The bus tells whoever oversteps, and they log it."""
    reader = StreamReader("/events", headers=dict(citizen.auth))
    async with reader.connect(citizen.http) as events:
        entry = await citizen.write(await citizen.diary(), "Told to whoever may hear it.")
        async for event in events:
            if entry["id"] in event.data:
                break
        await citizen.diary()
        await anext(events)
    for service in ("gateway", *SERVICES):
        for log in (stack.config.data_dir / "log").glob(f"{service}*.log"):
            assert "permissions violation" not in log.read_text().lower(), log.name
