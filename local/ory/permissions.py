"""MoltNet's permission model and its evaluation, without any I/O of its own.

The model is what the Ory Permission Language file of a real deployment declares::

    Agent       self                      act_as = self
    Diary       owner, writers, readers   manage = owner
                                          write  = owner or writers
                                          read   = owner or writers or readers
    DiaryEntry  parent (a Diary)          view   = parent's read
                                          edit   = parent's write
                                          delete = parent's write
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from local.ory.relations import RelationTuple, Subject, SubjectSet

MAX_DEPTH = 5
MAX_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Traversal:
    """Whoever has ``permit`` on an object reached through ``relation``."""

    relation: str
    permit: str


@dataclass(frozen=True, slots=True)
class Permit:
    """Granted by any of these relations, or through any of these traversals."""

    includes: frozenset[str] = frozenset()
    traversals: tuple[Traversal, ...] = ()


@dataclass(frozen=True, slots=True)
class Namespace:
    """A class of objects, with the relations and permits it declares."""

    relations: frozenset[str]
    permits: Mapping[str, Permit]

    def declares(self, relation: str) -> bool:
        """Whether a check may name ``relation``."""
        return relation in self.relations or relation in self.permits


def _through_parent(permit: str) -> Permit:
    return Permit(traversals=(Traversal("parent", permit),))


NAMESPACES: Mapping[str, Namespace] = {
    "Agent": Namespace(frozenset({"self"}), {"act_as": Permit(frozenset({"self"}))}),
    "Diary": Namespace(
        frozenset({"owner", "writers", "readers"}),
        {
            "manage": Permit(frozenset({"owner"})),
            "write": Permit(frozenset({"owner", "writers"})),
            "read": Permit(frozenset({"owner", "writers", "readers"})),
        },
    ),
    "DiaryEntry": Namespace(
        frozenset({"parent"}),
        {
            "view": _through_parent("read"),
            "edit": _through_parent("write"),
            "delete": _through_parent("write"),
        },
    ),
}
NO_PERMIT = Permit()


class UnknownNamespaceError(Exception):
    """An object or a subject set is of a namespace the model does not have."""


class UndeclaredRelationError(Exception):
    """The namespace declares neither a relation nor a permit of that name."""


class TupleLookup(Protocol):
    """Where the stored tuples are found."""

    async def find(
        self, namespace: str, object_: str, relations: Collection[str], subject: Subject
    ) -> Collection[Subject]:
        """``subject`` if an object holds it in one of the relations, and the sets that may contain it."""
        ...

    async def subject_sets(self, namespace: str, object_: str, relation: str) -> Collection[SubjectSet]:
        """Every subject set an object holds in a relation."""
        ...


@dataclass(slots=True)
class _Check:
    """One question under way: what is asked for, and where the search has been."""

    subject: Subject
    visited: set[SubjectSet] = field(default_factory=set)


class Permissions:
    """Answers checks over the tuples of ``lookup``.

    Strict mode ignores tuples stored on a permit's name and expands only subject sets the model declares,
    of which it has none. Otherwise tuples on a permit grant it, and every stored subject set is expanded.
    """

    def __init__(self, lookup: TupleLookup, *, strict: bool) -> None:
        self._lookup = lookup
        self._strict = strict

    async def allows(self, asked: RelationTuple, max_depth: int = 0) -> bool:
        """Whether ``asked.subject`` has the relation or permit.

        ``max_depth`` bounds the levels searched; zero, a negative or a larger number means `MAX_DEPTH`.
        Beyond the bound nothing is allowed.

        Raises:
            UnknownNamespaceError: the object's or the subject set's namespace is not in the model.
            UndeclaredRelationError: the relation is not in the object's namespace.
        """
        require_known(asked)
        if not NAMESPACES[asked.namespace].declares(asked.relation):
            message = f'relation "{asked.relation}" does not exist'
            raise UndeclaredRelationError(message)
        depth = max_depth if 0 < max_depth < MAX_DEPTH else MAX_DEPTH
        question = SubjectSet(asked.namespace, asked.object, asked.relation)
        return await self._contains(question, _Check(asked.subject), depth)

    async def _contains(self, group: SubjectSet, check: _Check, depth: int) -> bool:
        if depth == 0 or group in check.visited:
            return False
        check.visited.add(group)
        permit = NAMESPACES[group.namespace].permits.get(group.relation, NO_PERMIT)
        return await self._holds(group, permit, check, depth) or await self._inherits(
            group, permit, check, depth
        )

    async def _holds(self, group: SubjectSet, permit: Permit, check: _Check, depth: int) -> bool:
        relations = permit.includes
        if permit is NO_PERMIT or not self._strict:
            relations |= {group.relation}
        if not relations:
            return False
        found = await self._lookup.find(group.namespace, group.object, relations, check.subject)
        if check.subject in found:
            return True
        expandable = [] if self._strict else [inner for inner in found if isinstance(inner, SubjectSet)]
        for inner in expandable[:MAX_WIDTH]:
            if await self._contains(inner, check, depth - 1):
                return True
        return False

    async def _inherits(self, group: SubjectSet, permit: Permit, check: _Check, depth: int) -> bool:
        for traversal in permit.traversals:
            parents = await self._lookup.subject_sets(group.namespace, group.object, traversal.relation)
            for parent in parents:
                inherited = SubjectSet(parent.namespace, parent.object, traversal.permit)
                if await self._contains(inherited, check, depth - 1):
                    return True
        return False


def require_known(stored: RelationTuple) -> None:
    """Refuse a tuple that names a namespace the model does not have.

    Raises:
        UnknownNamespaceError: its text is Keto's own.
    """
    names = [stored.namespace]
    if isinstance(stored.subject, SubjectSet):
        names.append(stored.subject.namespace)
    for name in names:
        require_namespace(name)


def require_namespace(name: str) -> None:
    """Refuse a namespace the model does not have.

    Raises:
        UnknownNamespaceError: its text is Keto's own.
    """
    if name not in NAMESPACES:
        message = f'Unknown namespace with name "{name}".'
        raise UnknownNamespaceError(message)
