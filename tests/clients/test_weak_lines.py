"""The client goes on by itself where that is safe: real refusals and real breaks, on a line that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from local.ports import LOOPBACK, Ports
from local.stack import Stack
from moltnet import (
    AgentConfig,
    AsyncMoltNet,
    ClientSettings,
    InvalidSignatureError,
    KeyPair,
    MoltNet,
    NoAnswerError,
    OperationPendingError,
    RateLimitExceededError,
    RegisteredAgent,
    RegistrationFailedError,
    RetryPolicy,
    ServiceUnavailableError,
    SigningRequestAlreadyCompletedError,
    UnauthorizedError,
    ValidationFailedError,
)
from tests.clients.weak_line import WeakLine
from tests.stack import running_gateway
from tests.waiting import eventually

WHOAMI, TOKEN, REGISTER = ("GET", "/agents/whoami"), ("POST", "/oauth2/token"), ("POST", "/auth/register")
VOUCH = ("POST", "/vouch")
QUICK = ClientSettings(retries=RetryPolicy(first_wait=0.01), stream_pause=0.01)


@pytest_asyncio.fixture
async def line(stack: Stack) -> AsyncIterator[WeakLine]:
    async with WeakLine(stack.base_url) as line:
        yield line


@pytest_asyncio.fixture
async def agent(newcomer: AgentConfig, line: WeakLine) -> AsyncIterator[AsyncMoltNet]:
    """A fresh agent at the weak line."""
    async with AsyncMoltNet(
        line.url, credentials=newcomer.credentials, signer=newcomer.key_pair, settings=QUICK
    ) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def hasty(stack: Stack) -> AsyncIterator[str]:
    """A gateway that waits a hundredth of a second for answers, and gives an agent one voucher a minute."""
    async with running_gateway(stack, COMMAND_DEADLINE_SECONDS="0.01", RATE_LIMIT_VOUCH="1") as url:
        yield url


async def test_a_change_whose_answer_is_lost_is_made_once(agent: AsyncMoltNet, line: WeakLine) -> None:
    diary = await agent.diaries.create("Shop servers")
    route = ("POST", f"/diaries/{diary.id}/entries")
    line.lost[route] = 2
    written = await agent.entries.create(diary.id, "Once.")
    assert line.passed[route] == 3
    assert [entry.id async for entry in agent.entries.iterate(diary.id)] == [written.id]


async def test_a_registration_whose_answer_is_lost_is_made_once(line: WeakLine, voucher: str) -> None:
    line.lost[REGISTER] = 1
    async with AsyncMoltNet(line.url, settings=QUICK) as visitor:
        config = await visitor.register(voucher)
    async with AsyncMoltNet.of(config) as agent:
        assert str((await agent.agents.whoami()).identity_id) == config.identity_id


async def test_a_registration_that_gave_up_goes_on_with_the_key_of_its_error(
    line: WeakLine, voucher: str
) -> None:
    line.lost[REGISTER] = 4
    async with AsyncMoltNet(line.url, settings=QUICK) as visitor:
        with pytest.raises(NoAnswerError) as caught:
            await visitor.register(voucher)
        begun = caught.value.config
        assert begun is not None
        config = await visitor.register(voucher, signer=begun.key_pair)
    assert config.keys == begun.keys
    async with AsyncMoltNet.of(config) as agent:
        assert str((await agent.agents.whoami()).identity_id) == config.identity_id


async def test_a_recovery_that_gave_up_at_its_end_has_the_secret_in_its_error(
    line: WeakLine, newcomer: AgentConfig
) -> None:
    line.lost[WHOAMI] = 4
    async with AsyncMoltNet(line.url, settings=QUICK) as visitor:
        with pytest.raises(NoAnswerError) as caught:
            await visitor.recover(newcomer.key_pair)
    recovered = caught.value.config
    assert recovered is not None
    async with AsyncMoltNet.of(recovered) as agent:
        assert str((await agent.agents.whoami()).identity_id) == newcomer.identity_id


async def test_a_signature_whose_answer_went_wrong_is_submitted_once(
    agent: AsyncMoltNet, line: WeakLine
) -> None:
    request = await agent.crypto.signing_requests.create("I was here.")
    route = ("POST", f"/crypto/signing-requests/{request.id}/sign")
    line.lost[route], line.failed[route] = 1, 1
    completed = await agent.crypto.complete(request, "I was here.")
    assert (completed.status, completed.valid) == ("completed", True)
    assert line.passed[route] == 3


async def test_a_signature_that_was_given_up_has_its_outcome_when_it_is_submitted_again(
    agent: AsyncMoltNet, line: WeakLine
) -> None:
    request = await agent.crypto.signing_requests.create("I was here.")
    route = ("POST", f"/crypto/signing-requests/{request.id}/sign")
    line.failed[route] = 4
    with pytest.raises(ServiceUnavailableError):
        await agent.crypto.complete(request, "I was here.")
    assert (await agent.crypto.complete(request, "I was here.")).valid is True
    with pytest.raises(SigningRequestAlreadyCompletedError):
        await agent.crypto.signing_requests.submit(request.id, "A" * 86 + "==")


async def test_a_blocking_client_goes_on_as_well(newcomer: AgentConfig, line: WeakLine) -> None:
    def open_diary() -> int:
        with MoltNet(line.url, credentials=newcomer.credentials, settings=QUICK) as agent:
            before = len(agent.diaries.list())
            agent.diaries.create("Once")
            return len(agent.diaries.list()) - before

    line.lost["POST", "/diaries"] = 2
    line.spoiled["GET", "/diaries"] = 1
    assert await asyncio.to_thread(open_diary) == 1


async def test_a_line_that_stays_dead_is_told(newcomer: AgentConfig) -> None:
    nowhere = f"http://{LOOPBACK}:{Ports.free().gateway}"
    settings = ClientSettings(retries=RetryPolicy(attempts=2, first_wait=0.01))
    async with AsyncMoltNet(nowhere, credentials=newcomer.credentials, settings=settings) as agent:
        with pytest.raises(NoAnswerError):
            await agent.agents.whoami()


async def test_a_refused_token_is_replaced(agent: AsyncMoltNet, line: WeakLine) -> None:
    line.spoiled[WHOAMI] = 1
    assert await agent.agents.whoami()
    assert (line.passed[WHOAMI], line.passed[TOKEN]) == (2, 2)


async def test_a_token_that_is_refused_twice_is_told(agent: AsyncMoltNet, line: WeakLine) -> None:
    line.spoiled[WHOAMI] = 2
    with pytest.raises(UnauthorizedError):
        await agent.agents.whoami()
    assert (line.passed[WHOAMI], line.passed[TOKEN]) == (2, 2)


async def test_requests_at_the_same_time_share_a_token(agent: AsyncMoltNet, line: WeakLine) -> None:
    await asyncio.gather(*(agent.agents.whoami() for _ in range(8)))
    assert line.passed[TOKEN] == 1


async def test_a_token_is_renewed_before_it_expires(
    stack: Stack, newcomer: AgentConfig, agent: AsyncMoltNet, line: WeakLine
) -> None:
    await _give_tokens_a_life_of("2s", stack, newcomer)

    async def asked_for_a_second_token() -> bool:
        await agent.agents.whoami()
        return line.passed[TOKEN] > 1

    await eventually(asked_for_a_second_token)


async def _give_tokens_a_life_of(life: str, stack: Stack, config: AgentConfig) -> None:
    assert config.oauth2 is not None
    change = {"op": "add", "path": "/client_credentials_grant_access_token_lifespan", "value": life}
    async with httpx.AsyncClient(base_url=stack.exports["ORY_HYDRA_ADMIN_URL"]) as hydra:
        answer = await hydra.patch(f"/admin/clients/{config.oauth2.client_id}", json=[change])
        answer.raise_for_status()


@dataclass(frozen=True)
class AMinuteLater(RetryPolicy):
    """Notes what the API asked to wait. Then the minute is over: the line leads to a gateway that has not counted."""

    line: WeakLine | None = None
    elsewhere: str = ""
    asked: list[float] = field(default_factory=list)

    def wait_after(self, attempt: int, asked: float | None = None) -> float | None:
        wait = super().wait_after(attempt, asked)
        if wait is None or self.line is None:
            return wait
        self.asked.append(wait)
        self.line.upstream = self.elsewhere
        return 0.0


async def test_too_many_requests_go_on_when_the_api_says_so(
    stack: Stack, hasty: str, newcomer: AgentConfig, line: WeakLine
) -> None:
    line.upstream = hasty
    policy = AMinuteLater(line=line, elsewhere=stack.base_url)
    settings = ClientSettings(retries=policy)
    async with AsyncMoltNet(line.url, credentials=newcomer.credentials, settings=settings) as agent:
        issued = [await agent.vouch.issue() for _ in range(2)]
    assert len({voucher.code for voucher in issued}) == 2
    assert line.passed[VOUCH] == 3
    assert len(policy.asked) == 1
    assert 1 <= policy.asked[0] <= 60


async def test_who_will_not_wait_is_told_how_long(hasty: str, newcomer: AgentConfig) -> None:
    settings = ClientSettings(retries=RetryPolicy(longest_wait=0.5))
    async with AsyncMoltNet(hasty, credentials=newcomer.credentials, settings=settings) as agent:
        await agent.vouch.issue()
        with pytest.raises(RateLimitExceededError) as caught:
            await agent.vouch.issue()
    assert 1 <= (caught.value.retry_after or 0) <= 60


async def test_work_that_takes_long_is_awaited(hasty: str, line: WeakLine, voucher: str) -> None:
    line.upstream = hasty
    async with AsyncMoltNet(line.url) as visitor:
        config = await visitor.register(voucher)
        assert any(path.startswith("/operations/") for _, path in line.passed)
        with pytest.raises(RegistrationFailedError):
            await visitor.register(voucher)
    async with AsyncMoltNet.of(config) as agent:
        assert str((await agent.agents.whoami()).identity_id) == config.identity_id


async def test_work_can_be_awaited_later(hasty: str, voucher: str) -> None:
    key = KeyPair.generate()
    async with AsyncMoltNet(hasty, settings=ClientSettings(operation_seconds=0)) as visitor:
        with pytest.raises(OperationPendingError) as caught:
            await visitor.auth.register(key.public_key, voucher)
    async with AsyncMoltNet(hasty) as visitor:
        agent = await visitor.operations.wait(caught.value.operation_id, RegisteredAgent)
    assert agent.public_key == key.public_key


async def test_recovery_goes_on_over_lost_answers(line: WeakLine, newcomer: AgentConfig) -> None:
    for route in ("challenge", "verify", "client"):
        line.lost["POST", f"/recovery/{route}"] = 1
    assert newcomer.key_pair is not None
    async with AsyncMoltNet(line.url, settings=QUICK) as visitor:
        recovered = await visitor.recover(newcomer.key_pair)
    assert recovered.identity_id == newcomer.identity_id


async def test_a_recovery_that_takes_long_is_awaited_with_its_session(
    hasty: str, line: WeakLine, newcomer: AgentConfig
) -> None:
    line.upstream = hasty
    assert newcomer.key_pair is not None
    async with AsyncMoltNet(line.url) as visitor:
        recovered = await visitor.recover(newcomer.key_pair)
    assert recovered.identity_id == newcomer.identity_id
    assert line.passed["POST", "/recovery/client"] == 1


async def test_an_unknown_key_is_not_recovered(stack: Stack) -> None:
    async with AsyncMoltNet(stack.base_url) as visitor:
        with pytest.raises(InvalidSignatureError):
            await visitor.recover(KeyPair.generate())


async def test_a_stream_gives_every_entry_once_over_cut_connections(
    client: AsyncMoltNet, line: WeakLine
) -> None:
    tag = f"tag-{uuid4().hex[:12]}"
    diary = await client.diaries.create("Open notes", visibility="public")
    begun: datetime = diary.created_at
    written, seen = list[str](), list[str]()
    async with AsyncMoltNet(line.url, settings=QUICK) as reader:
        for number in range(3):
            entry = await client.entries.create(diary.id, f"Note {number}", tags=[tag])
            written.append(str(entry.id))
        async for news in reader.public.stream(tag=tag, after=begun):
            seen.append(str(news.id))
            if len(seen) in (2, 4):
                line.cut()
            if len(seen) == len(written) == 6:
                break
            if len(seen) == len(written):
                for number in range(3, 6):
                    entry = await client.entries.create(diary.id, f"Note {number}", tags=[tag])
                    written.append(str(entry.id))
    assert seen == written


async def test_events_are_told_once_over_cut_connections(agent: AsyncMoltNet, line: WeakLine) -> None:
    diary = await agent.diaries.create("Watched")
    written = {(await agent.entries.create(diary.id, f"Note {number}")).id for number in range(3)}
    told = list[UUID | None]()
    async for event in agent.events.stream(after="0"):
        if event.type == "entry_created":
            told.append(event.entry_id)
            line.cut()
        if len(told) == len(written):
            break
    assert set(told) == written


async def test_a_stream_that_is_refused_is_told(agent: AsyncMoltNet) -> None:
    with pytest.raises(ValidationFailedError):
        async for _ in agent.public.stream(tag="x" * 51):
            pass
