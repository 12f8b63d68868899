"""What became of a command. Each service with commands answers this query for its own."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.contracts.base import Record
from shared.contracts.fields import Timestamp
from shared.problems import ProblemDetails


class OperationState(StrEnum):
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """It succeeded, but its answer held a secret whose keeping time is over."""


class GetOperation(Record):
    """`qry.<service>.get_operation`: asked of each service, since an id does not tell its owner."""

    id: UUID
    caller: UUID | None

    @staticmethod
    def subject_of(owner: str) -> str:
        return f"qry.{owner}.get_operation"


class OperationReport(Record):
    """The kept outcome: `command` is the command's subject, `result` its answer in snake_case."""

    state: OperationState
    command: str = ""
    created_at: Timestamp | None = None
    result: dict[str, Any] | None = None
    problem: ProblemDetails | None = None
