"""What travels beside a message's body: who asks, until when, and where the answer goes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.base import Record
from shared.contracts.principal import Principal

COMMAND_ID = "Moltnet-Command-Id"
PRINCIPAL = "Moltnet-Principal"
REPLY_TO = "Moltnet-Reply-To"
DEADLINE = "Moltnet-Deadline"
KEYED = "Moltnet-Keyed"
OUTCOME = "Moltnet-Outcome"
REPLAYED = "Moltnet-Replayed"
MESSAGE_ID = "Nats-Msg-Id"
EVENT_TIME = "ce-time"
CONTENT_TYPE = "content-type"
JSON = "application/json"


def caller_headers(caller: Principal | None) -> dict[str, str]:
    return {} if caller is None else {PRINCIPAL: caller.model_dump_json()}


def read_caller(headers: Mapping[str, str]) -> Principal | None:
    encoded = headers.get(PRINCIPAL)
    return None if encoded is None else Principal.model_validate_json(encoded)


def write_moment(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def read_moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text) / 1000, UTC)


class OperationStamp(Record):
    """What identifies an operation for good: kept with its outcome, handed to workflows."""

    id: UUID
    command: str
    caller: UUID | None
    digest: str


@dataclass(frozen=True)
class CommandContext:
    """What a handler knows of a command besides its body.

    `id` is the command's and its operation's; `name` its subject without the id; `digest` the SHA-256 of the
    body in hex; `keyed` says that the client chose the id by an Idempotency-Key; `deliveries` counts from 1.
    """

    id: UUID
    name: str
    caller: Principal | None
    digest: str
    reply_to: str
    deadline: datetime
    keyed: bool
    deliveries: int

    @property
    def stamp(self) -> OperationStamp:
        caller = None if self.caller is None else self.caller.identity_id
        return OperationStamp(id=self.id, command=self.name, caller=caller, digest=self.digest)

    @property
    def may_be_repeated(self) -> bool:
        return self.keyed or self.deliveries > 1

    @property
    def seconds_left(self) -> float:
        """Until nobody waits for the answer; negative afterwards."""
        return (self.deadline - datetime.now(UTC)).total_seconds()

    @property
    def someone_waits(self) -> bool:
        return self.seconds_left > 0

    @classmethod
    def read(cls, subject: str, headers: Mapping[str, str], body: bytes, deliveries: int) -> "CommandContext":
        name, _, command_id = subject.rpartition(".")
        return cls(
            id=UUID(command_id),
            name=name,
            caller=read_caller(headers),
            digest=hashlib.sha256(body).hexdigest(),
            reply_to=headers.get(REPLY_TO, ""),
            deadline=read_moment(headers[DEADLINE]),
            keyed=KEYED in headers,
            deliveries=deliveries,
        )
