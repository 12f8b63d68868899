"""Relation tuples in Postgres.

Like Keto's, the table has no unique key: a tuple put twice is stored twice, and one deletion removes both.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from local.ory.database import Connection, Database, Row
from local.ory.relations import RelationTuple, Subject, SubjectId, SubjectSet

_COLUMNS = (
    "namespace",
    "object",
    "relation",
    "subject_id",
    "subject_set_namespace",
    "subject_set_object",
    "subject_set_relation",
)
_SUBJECT = ", ".join(_COLUMNS[3:])
_INSERT = f"INSERT INTO ory.relation_tuples ({', '.join(_COLUMNS)}) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608
_FIND = f"""
    SELECT DISTINCT {_SUBJECT} FROM ory.relation_tuples
    WHERE namespace = $1 AND object = $2 AND relation = ANY($3)
      AND (({_SUBJECT}) IS NOT DISTINCT FROM ($4::text, $5::text, $6::text, $7::text)
           OR subject_set_relation <> '')
"""  # noqa: S608
_SUBJECT_SETS = f"""
    SELECT DISTINCT {_SUBJECT} FROM ory.relation_tuples
    WHERE namespace = $1 AND object = $2 AND relation = $3 AND subject_id IS NULL
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class TupleFilter:
    """Which tuples are meant; None matches everything."""

    namespace: str | None = None
    object: str | None = None
    relation: str | None = None
    subject: Subject | None = None

    def where(self) -> tuple[str, list[str]]:
        """An SQL condition and its arguments."""
        wanted: dict[str, str | None] = {
            "namespace": self.namespace,
            "object": self.object,
            "relation": self.relation,
        }
        if self.subject is not None:
            wanted |= dict(zip(_COLUMNS[3:], _subject_columns(self.subject), strict=True))
        given = {column: value for column, value in wanted.items() if value is not None}
        terms = [f"{column} = ${number}" for number, column in enumerate(given, start=1)]
        return " AND ".join(terms) or "true", list(given.values())


class TupleStore:
    """Writes, lists and finds tuples; it is the lookup behind every check."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, stored: RelationTuple) -> None:
        """Add one tuple."""
        await self._database.execute(_INSERT, *_columns(stored))

    async def delete(self, which: TupleFilter) -> None:
        """Remove every tuple that matches, if any."""
        condition, arguments = which.where()
        await self._database.execute(f"DELETE FROM ory.relation_tuples WHERE {condition}", *arguments)  # noqa: S608

    async def change(self, inserted: Iterable[RelationTuple], deleted: Iterable[RelationTuple]) -> None:
        """Insert, then delete, all or nothing."""
        async with self._database.transaction() as connection:
            await connection.executemany(_INSERT, [_columns(stored) for stored in inserted])
            for stored in deleted:
                await _delete_one(connection, stored)

    async def page(self, which: TupleFilter, after: int, size: int) -> tuple[list[RelationTuple], int | None]:
        """Up to ``size`` tuples past row ``after``, and the last row's number if there are more."""
        condition, arguments = which.where()
        number = len(arguments) + 1
        rows = await self._database.rows(
            f"SELECT id, {', '.join(_COLUMNS)} FROM ory.relation_tuples"  # noqa: S608
            f" WHERE {condition} AND id > ${number} ORDER BY id LIMIT ${number + 1}",
            *arguments,
            after,
            size + 1,
        )
        last = rows[size - 1]["id"] if len(rows) > size else None
        return [_tuple(row) for row in rows[:size]], last

    async def find(
        self, namespace: str, object_: str, relations: Collection[str], subject: Subject
    ) -> Collection[Subject]:
        """See `TupleLookup.find`; a set without a relation is one object and contains nobody else."""
        rows = await self._database.rows(
            _FIND, namespace, object_, list(relations), *_subject_columns(subject)
        )
        return {_subject(row) for row in rows}

    async def subject_sets(self, namespace: str, object_: str, relation: str) -> Collection[SubjectSet]:
        """See `TupleLookup.subject_sets`."""
        rows = await self._database.rows(_SUBJECT_SETS, namespace, object_, relation)
        return [subject for subject in map(_subject, rows) if isinstance(subject, SubjectSet)]


async def _delete_one(connection: Connection, stored: RelationTuple) -> None:
    which = TupleFilter(stored.namespace, stored.object, stored.relation, stored.subject)
    condition, arguments = which.where()
    await connection.execute(f"DELETE FROM ory.relation_tuples WHERE {condition}", *arguments)  # noqa: S608


def _columns(stored: RelationTuple) -> tuple[str | None, ...]:
    return (stored.namespace, stored.object, stored.relation, *_subject_columns(stored.subject))


def _subject_columns(subject: Subject) -> tuple[str | None, ...]:
    if isinstance(subject, SubjectId):
        return (subject.id, None, None, None)
    return (None, subject.namespace, subject.object, subject.relation)


def _tuple(row: Row) -> RelationTuple:
    return RelationTuple(row["namespace"], row["object"], row["relation"], _subject(row))


def _subject(row: Row) -> Subject:
    if row["subject_id"] is not None:
        return SubjectId(row["subject_id"])
    return SubjectSet(row["subject_set_namespace"], row["subject_set_object"], row["subject_set_relation"])
