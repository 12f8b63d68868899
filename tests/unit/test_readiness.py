"""What a probe finds is told in safe categories."""

import asyncio

import httpx
import pytest

from services.gateway.readiness import Readiness, SharedReadiness, ask_ory
from shared.problems import unavailable
from shared.service import probe
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={}), None),
        (httpx.Response(500), "http_500"),
        (httpx.Response(404), "http_404"),
        (httpx.ReadTimeout("the secret address did not answer"), "timeout"),
        (httpx.ConnectError("the secret address refused"), "connection_failed"),
    ],
)
async def test_the_token_servers_failures_are_told_apart(
    answer: httpx.Response | Exception, error: str | None
) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        found = await probe(lambda: ask_ory(http, "http://ory.test"))
    assert asked == ["/.well-known/openid-configuration"]
    assert (found.status, found.error) == ("error" if error else "ok", error)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (TimeoutError(), "timeout"),
        (unavailable("database"), "unavailable"),
        (OSError("x"), "connection_failed"),
    ],
)
async def test_a_failure_is_told_by_its_kind(failure: Exception, error: str) -> None:
    async def fails() -> None:
        raise failure

    found = await probe(fails)
    assert (found.status, found.error) == ("error", error)


async def _hangs() -> None:
    await asyncio.Event().wait()


async def test_a_probe_that_hangs_is_given_up() -> None:
    found = await probe(_hangs, seconds=0.01)
    assert found.error == "timeout"


class Parts:
    """What is assessed; answers when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def assess(self) -> Readiness:
        self.asked += 1
        await self.may_answer.wait()
        return Readiness(status="ok", timestamp=str(self.asked), components={})


async def test_all_who_ask_at_a_time_share_one_assessment_and_its_answer_is_kept() -> None:
    parts = Parts()
    readiness = SharedReadiness(parts.assess, kept_seconds=3600)
    told = await asyncio.gather(*(readiness.read() for _ in range(20)))
    told.append(await readiness.read())
    assert {each.timestamp for each in told} == {"1"}
    assert parts.asked == 1


async def test_an_answer_is_not_kept_for_longer() -> None:
    parts = Parts()
    readiness = SharedReadiness(parts.assess, kept_seconds=0)
    assert (await readiness.read()).timestamp == "1"

    async def asked_again() -> bool:
        return (await readiness.read()).timestamp == "2"

    await eventually(asked_again)


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    parts = Parts()
    parts.may_answer.clear()
    readiness = SharedReadiness(parts.assess)
    leaving, staying = (asyncio.create_task(readiness.read()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    parts.may_answer.set()
    assert (await staying).status == "ok"
