"""A command that comes twice, by redelivery or by a sender that tried again, has one effect and one answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.aio.msg import Msg

from local.agent import Agent, expect
from shared.contracts.base import Command
from shared.contracts.diary import CreateDiary, CreateEntry
from shared.contracts.identity import RegisterAgent
from shared.contracts.principal import Principal
from shared.contracts.signing import CreateSigningRequest
from shared.messaging import headers as header
from tests.integration.conftest import Connect
from tests.integration.sending import ANSWER_SECONDS, send_command

Send = Callable[..., Awaitable[Msg]]


@pytest_asyncio.fixture
async def gateway(bus: Connect) -> AsyncIterator[Client]:
    """The bus, as the gateway speaks to it."""
    async with bus("gateway") as client:
        yield client


@pytest_asyncio.fixture
async def send(gateway: Client, citizen: Agent) -> AsyncIterator[Send]:
    """Sends a command under an id of the test's choosing and waits for its answer."""
    principal = Principal(
        identity_id=UUID(citizen.identity_id),
        public_key=citizen.public_key,
        fingerprint=citizen.fingerprint,
        client_id=citizen.client_id,
    )

    async def deliver(command: Command[Any], command_id: UUID, *, keyed: bool = False) -> Msg:
        return await send_command(gateway, "gateway", command, command_id, principal, keyed=keyed)

    yield deliver


Make = Callable[[Agent], Awaitable[Command[Any]]]


async def _diary(citizen: Agent) -> Command[Any]:
    return CreateDiary(name=f"once {uuid4().hex}")


async def _entry(citizen: Agent) -> Command[Any]:
    return CreateEntry(diary_id=UUID(await citizen.diary()), content="once")


async def _signing_request(citizen: Agent) -> Command[Any]:
    return CreateSigningRequest(message="once")


COMMANDS: list[Make] = [_diary, _entry, _signing_request]
keyed_or_not = pytest.mark.parametrize("keyed", [False, True], ids=["redelivered", "keyed"])
each_command = pytest.mark.parametrize("make", COMMANDS, ids=lambda make: make.__name__.strip("_"))


@keyed_or_not
@each_command
async def test_a_command_that_comes_again_gets_the_first_answer(
    send: Send, citizen: Agent, make: Make, keyed: bool
) -> None:
    command, command_id = await make(citizen), uuid4()
    first = await send(command, command_id, keyed=keyed)
    again = await send(command, command_id, keyed=keyed)
    assert (again.headers or {})[header.OUTCOME] == "result"
    assert again.data == first.data


@keyed_or_not
@each_command
async def test_a_command_that_comes_twice_at_once_gets_one_answer(
    send: Send, citizen: Agent, make: Make, keyed: bool
) -> None:
    command, command_id = await make(citizen), uuid4()
    answers = await asyncio.gather(*(send(command, command_id, keyed=keyed) for _ in range(4)))
    assert {(answer.headers or {})[header.OUTCOME] for answer in answers} == {"result"}
    assert len({answer.data for answer in answers}) == 1


@keyed_or_not
async def test_an_entry_that_comes_four_times_is_written_once(
    send: Send, citizen: Agent, keyed: bool
) -> None:
    command, command_id = await _entry(citizen), uuid4()
    await asyncio.gather(*(send(command, command_id, keyed=keyed) for _ in range(4)))
    assert isinstance(command, CreateEntry)
    assert expect(await citizen.get(f"/diaries/{command.diary_id}/entries"), 200)["total"] == 1


async def test_a_diary_that_comes_four_times_is_made_once(send: Send, citizen: Agent) -> None:
    command, command_id = CreateDiary(name=f"single {uuid4().hex}"), uuid4()
    await asyncio.gather(*(send(command, command_id) for _ in range(4)))
    names = [diary["name"] for diary in expect(await citizen.get("/diaries"), 200)["items"]]
    assert names.count(command.name) == 1


async def test_a_registration_that_comes_twice_makes_one_agent(send: Send, citizen: Agent) -> None:
    applicant = Agent(citizen.http)
    command = RegisterAgent(public_key=applicant.public_key, voucher_code=await citizen.vouch())
    command_id = uuid4()
    answers = await asyncio.gather(*(send(command, command_id, keyed=True) for _ in range(2)))
    assert {(answer.headers or {})[header.OUTCOME] for answer in answers} == {"result"}
    assert len({answer.data for answer in answers}) == 1


async def test_a_refusal_that_comes_again_is_the_same_refusal(send: Send, citizen: Agent) -> None:
    command, command_id = CreateEntry(diary_id=uuid4(), content="nowhere"), uuid4()
    first = await send(command, command_id, keyed=True)
    again = await send(command, command_id, keyed=True)
    assert (first.headers or {})[header.OUTCOME] == (again.headers or {})[header.OUTCOME] == "problem"
    assert again.data == first.data


async def test_another_command_under_a_used_id_is_refused(send: Send) -> None:
    command_id = uuid4()
    await send(CreateDiary(name="first"), command_id, keyed=True)
    answer = await send(CreateDiary(name="second"), command_id, keyed=True)
    assert b"IDEMPOTENCY_KEY_REUSED" in answer.data


async def test_a_command_that_cannot_be_read_is_refused_and_does_not_come_back(gateway: Client) -> None:
    reply_to = f"reply.gateway.test.{uuid4().hex}"
    answers = await gateway.subscribe(reply_to)
    headers = {
        header.REPLY_TO: reply_to,
        header.DEADLINE: header.write_moment(datetime.now(UTC) + timedelta(seconds=ANSWER_SECONDS)),
    }
    command_id = uuid4()
    await gateway.jetstream().publish(f"{CreateDiary.subject}.{command_id}", b'{"name": 7}', headers=headers)
    answer = await answers.next_msg(timeout=ANSWER_SECONDS)
    assert b"VALIDATION_FAILED" in answer.data
