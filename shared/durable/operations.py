"""The outcome of each command, kept in the service's own `operations` table for a day.

An outcome is written in the transaction of the effect that it reports, so a repeated command (redelivered, or
sent again with its Idempotency-Key) finds either nothing or everything. An outcome that holds a secret rests
encrypted, for ten minutes at most.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg
from cryptography.fernet import Fernet

from shared.contracts.base import Record
from shared.contracts.operations import GetOperation, OperationReport, OperationState
from shared.durable.engine import schema_of
from shared.messaging.headers import CommandContext, OperationStamp
from shared.messaging.outcomes import PROBLEM, Outcome
from shared.postgres import Connection, Database
from shared.problems import Conflict, IdempotencyKeyReused, ProblemDetails

R = TypeVar("R", bound=Record)

KEPT = timedelta(hours=24)
SECRET_KEPT = timedelta(minutes=10)


class Operations:
    """A service's kept outcomes. `secret_key` is needed by services whose answers hold secrets."""

    def __init__(self, database: Database, service: str, secret_key: str | None = None) -> None:
        self._database = database
        self._workflows = f"{schema_of(service)}.workflow_status"
        self._fernet = Fernet(secret_key) if secret_key else None

    async def commit(self, operation: CommandContext, effect: Callable[[Connection], Awaitable[R]]) -> R:
        """Run `effect` and keep its result in one transaction; if the command was done before, its result."""
        try:
            async with self._database.transaction() as connection:
                result = await effect(connection)
                await self.keep(connection, operation.stamp, Outcome.of_result(result))
                return result
        except asyncpg.UniqueViolationError as failure:
            if failure.constraint_name != "operations_pkey":
                raise
        kept = await self.find(operation)
        if kept is None:
            raise RuntimeError("an operation exists and cannot be found")
        return kept.unwrap(type(result))

    async def keep(
        self, connection: Connection, stamp: OperationStamp, outcome: Outcome, *, secret: bool = False
    ) -> None:
        """Write an outcome beside its effect. Raises UniqueViolationError if there is one already."""
        body, sealed, until = outcome.body.decode(), None, None
        if secret:
            body, sealed = "", self._sealer.encrypt(outcome.body)
            until = datetime.now(UTC) + SECRET_KEPT
        await connection.execute(
            "INSERT INTO operations (id, command, caller, digest, kind, body, sealed_body, sealed_until)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            stamp.id,
            stamp.command,
            stamp.caller,
            stamp.digest,
            outcome.kind,
            body,
            sealed,
            until,
        )

    async def keep_once(
        self, connection: Connection, stamp: OperationStamp, outcome: Outcome, *, secret: bool = False
    ) -> None:
        """As `keep`, for a step that may run again: the first outcome stays."""
        if not await connection.fetchval("SELECT true FROM operations WHERE id = $1", stamp.id):
            await self.keep(connection, stamp, outcome, secret=secret)

    async def withdraw(self, connection: Connection, identifier: UUID, command: str) -> None:
        """Conclude a command of ours that may not have been handled yet. An outcome that it has stays."""
        outcome = Outcome.of_problem(Conflict("The command was withdrawn."))
        await connection.execute(
            "INSERT INTO operations (id, command, digest, kind, body) VALUES ($1, $2, '', $3, $4)"
            " ON CONFLICT DO NOTHING",
            identifier,
            command,
            outcome.kind,
            outcome.body.decode(),
        )

    async def is_concluded(self, connection: Connection, identifier: UUID) -> bool:
        return bool(await connection.fetchval("SELECT true FROM operations WHERE id = $1", identifier))

    @property
    def _sealer(self) -> Fernet:
        if self._fernet is None:
            raise RuntimeError("this service keeps no secrets")
        return self._fernet

    async def find(self, context: CommandContext) -> Outcome | None:
        row = await self._row(context.stamp.id)
        if row is None:
            return None
        if (row["command"], row["caller"], row["digest"]) != (
            context.stamp.command,
            context.stamp.caller,
            context.stamp.digest,
        ):
            raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
        outcome = self._open(row)
        if outcome is None:
            raise Conflict("This was done before. Its answer held a secret, which is no longer kept.")
        return outcome

    async def keep_problem(self, context: CommandContext, outcome: Outcome) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO operations (id, command, caller, digest, kind, body)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                context.stamp.id,
                context.stamp.command,
                context.stamp.caller,
                context.stamp.digest,
                outcome.kind,
                outcome.body.decode(),
            )

    async def report(self, question: GetOperation) -> OperationReport:
        """What became of a command, for the one who sent it. Nobody else's: unknown."""
        row = await self._row(question.id)
        if row is None or row["caller"] != question.caller:
            return OperationReport(state=OperationState.UNKNOWN)
        outcome = self._open(row)
        known = OperationReport(
            state=OperationState.WITHDRAWN, command=row["command"], created_at=row["created_at"]
        )
        if outcome is None:
            return known
        if outcome.kind == PROBLEM:
            problem = ProblemDetails.model_validate_json(outcome.body)
            return known.model_copy(update={"state": OperationState.FAILED, "problem": problem})
        result = json.loads(outcome.body)
        return known.model_copy(update={"state": OperationState.SUCCEEDED, "result": result})

    async def _row(self, operation: object) -> asyncpg.Record | None:
        async with self._database.connection() as connection:
            return await connection.fetchrow("SELECT * FROM operations WHERE id = $1", operation)

    def _open(self, row: asyncpg.Record) -> Outcome | None:
        if row["sealed_until"] is None:
            return Outcome(row["kind"], row["body"].encode())
        if row["sealed_until"] < datetime.now(UTC) or row["sealed_body"] is None:
            return None
        return Outcome(row["kind"], self._sealer.decrypt(row["sealed_body"]))

    async def prune(self) -> None:
        """Forget outcomes after a day, though not before the workflows that led to them; secrets after their ten
        minutes."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "DELETE FROM operations WHERE created_at < now() - $1::interval AND NOT EXISTS"
                f" (SELECT FROM {self._workflows} WHERE workflow_uuid = operations.id::text)",
                KEPT,
            )
            await connection.execute("UPDATE operations SET sealed_body = NULL WHERE sealed_until < now()")
