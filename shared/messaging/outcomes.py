"""The outcome of a request: a result or a problem, as it is sent back and kept."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from faststream.message import StreamMessage
from nats.aio.msg import Msg

from shared.contracts.base import Record
from shared.messaging.headers import CONTENT_TYPE, JSON, OUTCOME, REPLAYED, CommandContext
from shared.problems import Problem, ProblemDetails

A = TypeVar("A", bound=Record)

RESULT = "result"
PROBLEM = "problem"


@dataclass(frozen=True)
class Outcome:
    """JSON in snake_case: of the answer's type, or of `ProblemDetails`. `replayed`: it was there before."""

    kind: str
    body: bytes
    replayed: bool = False

    @classmethod
    def of_result(cls, result: Record) -> "Outcome":
        return cls(RESULT, result.model_dump_json().encode())

    @classmethod
    def of_problem(cls, problem: Problem) -> "Outcome":
        return cls(PROBLEM, problem.details().model_dump_json().encode())

    @classmethod
    def read(cls, message: StreamMessage[Msg]) -> "Outcome":
        return cls(message.headers.get(OUTCOME, RESULT), message.body, REPLAYED in message.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {OUTCOME: self.kind, CONTENT_TYPE: JSON, **({REPLAYED: "1"} if self.replayed else {})}

    def unwrap(self, answer: type[A]) -> A:
        """The result, or the problem raised as it was at its origin."""
        if self.kind == PROBLEM:
            raise Problem.from_details(ProblemDetails.model_validate_json(self.body))
        return answer.model_validate_json(self.body)


class OutcomeStore(Protocol):
    """Where a service keeps what became of its commands, so that a repeated one has one effect."""

    async def find(self, context: CommandContext) -> Outcome | None:
        """The kept outcome of this command. Raises IdempotencyKeyReused if it was another command."""

    async def keep_problem(self, context: CommandContext, outcome: Outcome) -> None:
        """Keep a refusal. The first outcome of a command stays."""
