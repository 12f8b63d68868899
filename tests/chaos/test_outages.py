"""A part is away: requests are answered in time and say so, and when it is back all is well by itself."""

from dataclasses import dataclass
from typing import Any

import pytest

from .outage_probe import Answers, ask_everything
from .polling import eventually
from .world import ROUNDTRIP, World

SHOWN_AS = {
    "nats": "message_bus",
    "postgres": "database",
    "embedder": "embedder",
    "ory": "ory",
    "diary": "diary",
}
"""Part to the component that `GET /health/ready` names."""
TRUTHFUL = {200, 201, 202, 502, 503}
TOKEN = "log in"


@dataclass(frozen=True)
class Outage:
    """What clients saw while the part was away, and afterwards."""

    part: str
    readiness: tuple[int, set[str]]
    answers: Answers
    afterwards: str

    @property
    def ours(self) -> dict[str, Any]:
        """Without the token server's own answers, which are passed on as they are."""
        given = {name: answer for name, answer in self.answers.items() if answer}
        return {name: answer for name, answer in given.items() if name != TOKEN or answer.status_code == 502}

    @property
    def problems(self) -> dict[str, Any]:
        return {name: answer for name, answer in self.ours.items() if answer.is_error}


@pytest.fixture(scope="module", params=SHOWN_AS)
async def outage(request: pytest.FixtureRequest, world: World) -> Outage:
    part: str = request.param
    agent = await world.agent()
    diary_id = await agent.diary()
    entry = await agent.write(diary_id, "Written before the outage.")
    voucher = await world.voucher()
    await world.take_away(part)
    readiness = await eventually(world.readiness, lambda seen: SHOWN_AS[part] in seen[1])
    answers = await ask_everything(agent, diary_id, entry["id"], voucher)
    await world.stack.start_part(part)
    await world.stack.ready()
    return Outage(part, readiness, answers, await world.roundtrip())


async def test_readiness_is_refused_and_names_what_is_away(outage: Outage) -> None:
    status, lacking = outage.readiness
    assert (status, SHOWN_AS[outage.part] in lacking) == (503, True)


async def test_nobody_is_left_hanging(outage: Outage) -> None:
    assert [name for name, answer in outage.answers.items() if answer is None] == []


async def test_every_answer_is_success_not_yet_or_not_now(outage: Outage) -> None:
    others = {name: one.text for name, one in outage.ours.items() if one.status_code not in TRUTHFUL}
    assert others == {}


async def test_every_failure_is_a_problem_document(outage: Outage) -> None:
    documents = {
        name: (one.headers["content-type"], one.json()["status"]) for name, one in outage.problems.items()
    }
    assert documents == {
        name: ("application/problem+json; charset=utf-8", one.status_code)
        for name, one in outage.problems.items()
    }


async def test_not_now_says_when_to_come_back(outage: Outage) -> None:
    not_now = {name: one for name, one in outage.problems.items() if one.status_code == 503}
    assert [name for name, one in not_now.items() if "retry-after" not in one.headers] == []


async def test_all_works_again_by_itself(outage: Outage) -> None:
    assert outage.afterwards == ROUNDTRIP


async def test_without_the_token_server_logging_in_is_a_bad_gateway(world: World) -> None:
    agent = await world.agent()
    await world.take_away("ory")
    answer = await agent.log_in()
    await world.stack.start_part("ory")
    await world.stack.ready()
    assert (answer.status_code, answer.json()["code"]) == (502, "UPSTREAM_ERROR")
