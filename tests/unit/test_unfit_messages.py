"""Only what is wrong with a message is told to its sender; validation that fails further in is a defect of ours."""

import json
from typing import Any, cast

import pytest
from faststream.nats import NatsMessage, NatsRouter, TestNatsBroker

from shared.contracts.base import Query, Record
from shared.messaging.connection import make_broker
from shared.messaging.headers import CONTENT_TYPE, JSON
from shared.messaging.outcomes import Outcome
from shared.messaging.queries import QueryConsumer, on_query
from shared.problems import InternalServerError, Problem, ValidationFailed
from shared.settings import NatsSettings

ANSWERS = "answers"


class Half(Record):
    value: int


class Halve(Query[Half]):
    number: int


router = NatsRouter()


@on_query(router, Halve)
async def halve(message: Halve) -> Half:
    """Odd numbers fail as if another service had answered nonsense; zero is answered with nonsense."""
    if message.number == 0:
        return cast("Half", {"value": "nothing"})
    return Half.model_validate({"value": message.number / 2})


async def _asked(**message: Any) -> Half:
    settings = NatsSettings.model_validate(
        {"NATS_URL": "nats://unused", "NATS_USER": "u", "NATS_PASSWORD": "p"}
    )
    service = make_broker(settings)
    service.add_middleware(QueryConsumer)
    service.include_router(router)
    answers: list[Outcome] = []

    @service.subscriber(ANSWERS)
    async def answered(answer: NatsMessage) -> None:
        answers.append(Outcome.read(answer))

    async with TestNatsBroker(service) as broker:
        body = json.dumps(message).encode()
        await broker.publish(body, Halve.subject, reply_to=ANSWERS, headers={CONTENT_TYPE: JSON})
    return answers[0].unwrap(Half)


async def test_a_fit_message_is_answered() -> None:
    assert await _asked(number=4) == Half(value=2)


@pytest.mark.parametrize("message", [{"number": "x"}, {}], ids=str)
async def test_an_unfit_message_is_its_senders_fault(message: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as told:
        await _asked(**message)
    assert [error.field.rpartition("/")[2] for error in told.value.errors or ()] == ["number"]


async def test_what_fails_inside_a_handler_is_not() -> None:
    with pytest.raises(Problem) as told:
        await _asked(number=3)
    assert type(told.value) is InternalServerError


async def test_an_unfit_answer_is_not_either() -> None:
    with pytest.raises(Problem) as told:
        await _asked(number=0)
    assert type(told.value) is InternalServerError
