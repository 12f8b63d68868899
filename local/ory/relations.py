"""Relation tuples: who stands in which relation to which object (the Zanzibar paper, section 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.ory.errors import NestedError

SUBJECT_SET_KEYS = ("subject_set.namespace", "subject_set.object", "subject_set.relation")


@dataclass(frozen=True, slots=True)
class SubjectId:
    """A subject known by a bare string; never equal to a subject set."""

    id: str


@dataclass(frozen=True, slots=True)
class SubjectSet:
    """Everyone with ``relation`` to ``namespace:object``; with an empty relation, that one object."""

    namespace: str
    object: str
    relation: str


Subject = SubjectId | SubjectSet


@dataclass(frozen=True, slots=True)
class RelationTuple:
    """``namespace:object#relation@subject``."""

    namespace: str
    object: str
    relation: str
    subject: Subject

    def to_json(self) -> dict[str, Any]:
        """The tuple as Keto shows it."""
        place = {"namespace": self.namespace, "object": self.object, "relation": self.relation}
        return place | subject_to_json(self.subject)


def subject_to_json(subject: Subject) -> dict[str, Any]:
    """The one member of a tuple that names its subject."""
    if isinstance(subject, SubjectId):
        return {"subject_id": subject.id}
    return {
        "subject_set": {
            "namespace": subject.namespace,
            "object": subject.object,
            "relation": subject.relation,
        }
    }


def tuple_from_json(document: object) -> RelationTuple:
    """A tuple from a request body.

    Raises:
        NestedError: 400, it has no subject, two of them, or members of another type.
    """
    if not isinstance(document, dict):
        raise NestedError(400, "expected a relation tuple")
    return RelationTuple(
        _text(document, "namespace"),
        _text(document, "object"),
        _text(document, "relation"),
        _subject_from_json(document),
    )


def _subject_from_json(document: Mapping[str, Any]) -> Subject:
    subject_id, subject_set = document.get("subject_id"), document.get("subject_set")
    if subject_id is not None and subject_set is not None:
        raise NestedError(400, "exactly one of subject_set or subject_id has to be provided")
    if subject_id is not None:
        return SubjectId(_text(document, "subject_id"))
    if not isinstance(subject_set, dict):
        raise NestedError(400, "subject is not allowed to be nil")
    return SubjectSet(
        _text(subject_set, "namespace"), _text(subject_set, "object"), _text(subject_set, "relation")
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise NestedError(400, f"{name} has to be a string")
    return value


def subject_from_query(query: Mapping[str, str]) -> Subject | None:
    """The subject a query string names, if any.

    Raises:
        NestedError: 400, it names part of a subject set, or both kinds of subject.
    """
    given = [key for key in SUBJECT_SET_KEYS if key in query]
    if not given:
        return SubjectId(query["subject_id"]) if "subject_id" in query else None
    if "subject_id" in query:
        raise NestedError(400, "exactly one of subject_set or subject_id has to be provided")
    if len(given) != len(SUBJECT_SET_KEYS):
        raise NestedError(400, f"incomplete subject set, provide all of {', '.join(SUBJECT_SET_KEYS)}")
    return SubjectSet(*(query[key] for key in SUBJECT_SET_KEYS))


def tuple_from_query(query: Mapping[str, str]) -> RelationTuple:
    """A whole tuple from a query string.

    Raises:
        NestedError: 400, some part is missing.
    """
    subject = subject_from_query(query)
    if subject is None:
        raise NestedError(400, "subject is not allowed to be nil")
    missing = [key for key in ("namespace", "object", "relation") if key not in query]
    if missing:
        raise NestedError(400, f"incomplete tuple, missing {', '.join(missing)}")
    return RelationTuple(query["namespace"], query["object"], query["relation"], subject)
