"""Relation tuples at Keto: `Namespace:object#relation@subject`, the subject a set with an empty relation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar
from uuid import UUID

import structlog
from ory_client import (
    BatchCheckPermissionBody,
    CreateRelationshipBody,
    PermissionApi,
    Relationship,
    RelationshipApi,
    SubjectSet,
)

from shared.ory.connection import OryServer
from shared.ory.refusal import OryRefused
from shared.problems import UpstreamError, unavailable

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 100
PART = "permission server"


@dataclass(frozen=True)
class Subject:
    """`Agent:<id>` or `Diary:<id>`."""

    namespace: str
    object: UUID

    def as_set(self) -> SubjectSet:
        return SubjectSet(namespace=self.namespace, object=str(self.object), relation="")


@dataclass(frozen=True)
class RelationTuple:
    namespace: str
    object: UUID
    relation: str
    subject: Subject

    def as_relationship(self) -> Relationship:
        return Relationship(
            namespace=self.namespace,
            object=str(self.object),
            relation=self.relation,
            subject_set=self.subject.as_set(),
        )


class RelationTuples:
    """Writes and checks. Keto answers from its database at once: what was written is seen by the next check.

    Any answer that does not settle the matter is a 503, an error or a refusal of Keto's as much as silence.
    """

    def __init__(self, read: OryServer, write: OryServer) -> None:
        self._read = read
        self._write = write
        self._checks = PermissionApi(read.client)
        self._reads = RelationshipApi(read.client)
        self._writes = RelationshipApi(write.client)

    async def put(self, relation_tuple: RelationTuple) -> None:
        """Repeatable in effect. Keto may store a second copy, which one delete removes with the first."""
        body = CreateRelationshipBody(
            namespace=relation_tuple.namespace,
            object=str(relation_tuple.object),
            relation=relation_tuple.relation,
            subject_set=relation_tuple.subject.as_set(),
        )
        await _settled(self._write, self._writes.create_relationship, body)

    async def delete_all(self, namespace: str, identifier: UUID) -> None:
        """Remove every tuple of an object. Absent ones are removed already."""
        await _settled(
            self._write, self._writes.delete_relationships, namespace=namespace, object=str(identifier)
        )

    async def delete(self, namespace: str, identifier: UUID, relation: str, subject: Subject) -> None:
        """Remove one tuple, with every copy that Keto may hold of it."""
        await _settled(
            self._write,
            self._writes.delete_relationships,
            namespace=namespace,
            object=str(identifier),
            relation=relation,
            subject_set_namespace=subject.namespace,
            subject_set_object=str(subject.object),
            subject_set_relation="",
        )

    async def delete_with_subject(self, namespace: str, subject: Subject) -> None:
        """Remove every tuple of a namespace that names this subject."""
        await _settled(
            self._write,
            self._writes.delete_relationships,
            namespace=namespace,
            subject_set_namespace=subject.namespace,
            subject_set_object=str(subject.object),
            subject_set_relation="",
        )

    async def namespaces(self) -> list[str]:
        """What Keto knows of. Empty when its permission model did not load, which it does not tell otherwise."""
        answer = await _settled(self._read, self._reads.list_relationship_namespaces)
        return [namespace.name or "" for namespace in answer.namespaces or []]

    async def check(self, tuples: Sequence[RelationTuple]) -> list[bool]:
        """Which of these hold, in order. One that Keto cannot decide is a 503, never a denial."""
        allowed: list[bool] = []
        for start in range(0, len(tuples), BATCH):
            allowed += await self._check_batch(tuples[start : start + BATCH])
        return allowed

    async def _check_batch(self, tuples: Sequence[RelationTuple]) -> list[bool]:
        body = BatchCheckPermissionBody(tuples=[one.as_relationship() for one in tuples])
        answer = await _settled(
            self._read, self._checks.batch_check_permission, batch_check_permission_body=body
        )
        if any(result.error for result in answer.results) or len(answer.results) != len(tuples):
            raise unavailable(PART)
        return [bool(result.allowed) for result in answer.results]


async def _settled(server: OryServer, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What Keto answers. Its errors and refusals come of its state or configuration, never of a caller's request."""
    try:
        return await server.call(method, *args, **kwargs)
    except (OryRefused, UpstreamError) as failure:
        status = failure.status if isinstance(failure, OryRefused) else None
        log.warning("permission_server_failed", error=type(failure).__name__, status=status)
        raise unavailable(PART) from failure
